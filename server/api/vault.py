"""The identity vault: one entry at a time, for a reason. There is nothing to list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate

from server.api.authentication import current_actor, current_context
from server.api.blueprint import CHANGING, READING_ONE, Blueprint
from server.api.fields import Key, Moment, WireSchema
from server.api.responses import format_key, format_time, render_json
from server.service import vault

if TYPE_CHECKING:
    from flask import Response

blueprint = Blueprint("vault", prefix="/api", description="Who reported, and how to reach them.")


class RevealSchema(WireSchema):
    """Why somebody has to know."""

    reason = fields.String(
        required=True,
        validate=validate.Length(vault.SHORTEST_REASON, vault.LONGEST_REASON),
        metadata={"description": "kept sealed beside who asked, and when; administrators read it"},
    )


class RevealSaidSchema(WireSchema):
    """Somebody asked for an entry."""

    actor = fields.String(required=True)
    at = Moment(required=True)
    result = fields.String(required=True, metadata={"description": "SUCCESS or FORBIDDEN"})
    reason = fields.String(required=True)


class RevealsSchema(WireSchema):
    """Everybody who asked for an entry, oldest first."""

    items = fields.List(fields.Nested(RevealSaidSchema), required=True)


class RevealedSchema(WireSchema):
    """A private value."""

    vault_key = Key(required=True)
    kind = fields.String(required=True, metadata={"description": "identity or contact"})
    value = fields.Raw(required=True, allow_none=True)


@blueprint.endpoint("POST", "/vault/<key:key>/reveal", body=RevealSchema(), answer=RevealedSchema(), refusals=CHANGING)
def reveal_vault_entry(body: dict[str, Any], key: int) -> Response:
    """Reveal who reported or how to reach them.

    For administrators and the lead of the street that the case concerns; every attempt is in the audit log.
    """
    revealed = vault.reveal(current_context(), current_actor(), key, body["reason"])
    return render_json({"vaultKey": format_key(revealed.key), "kind": revealed.kind, "value": revealed.value})


@blueprint.endpoint("GET", "/vault/<key:key>/reveals", answer=RevealsSchema(), refusals=READING_ONE)
def list_vault_reveals(key: int) -> Response:
    """List who asked for an entry, with the reasons that they gave; for administrators, and itself in the audit log."""
    found = vault.list_reveals(current_context(), current_actor(), key)
    told = [
        {"actor": one.actor, "at": format_time(one.at), "result": one.result, "reason": one.reason} for one in found
    ]
    return render_json({"items": told})
