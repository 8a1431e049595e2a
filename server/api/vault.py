"""The identity vault: one entry at a time, for a reason, with the approval of a second person. Nothing is searched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate

from server.api import queries
from server.api.authentication import current_actor, current_context
from server.api.blueprint import CHANGING, READING, READING_ONE, Blueprint
from server.api.fields import Key, Moment, WireSchema
from server.api.responses import format_key, format_time, render_json
from server.model import RevealPurpose
from server.service import reveals

if TYPE_CHECKING:
    from flask import Response

    from server.service.reveals import RevealRequest

blueprint = Blueprint("vault", prefix="/api", description="Who reported, and how to reach them.")
STATES = ("WAITING", "APPROVED", "REFUSED", "FORBIDDEN", "LAPSED")


class RevealableEntrySchema(WireSchema):
    """An entry that can be asked for; what it says is sealed."""

    vault_key = Key(required=True)
    kind = fields.String(required=True, metadata={"description": "identity, contact or original (a masked text)"})
    created_at = Moment(required=True)


class RevealableEntriesSchema(WireSchema):
    """The entries of a root process instance."""

    items = fields.List(fields.Nested(RevealableEntrySchema), required=True)


class RevealAskingSchema(WireSchema):
    """What for, which the reporter is told, and why exactly, which the second person and administrators read."""

    purpose = queries.Choice(tuple(one.value for one in RevealPurpose), required=True)
    reason = fields.String(required=True, validate=validate.Length(reveals.SHORTEST_REASON, reveals.LONGEST_REASON))


class RevealRequestSchema(WireSchema):
    """A request to see an entry; `reason` is null in lists, and once its time is over."""

    request_key = Key(required=True)
    vault_key = Key(required=True)
    process_instance_key = Key(required=True)
    case_no = fields.String(required=True, allow_none=True)
    actor = fields.String(required=True)
    at = Moment(required=True)
    purpose = fields.String(required=True, allow_none=True, validate=validate.OneOf(tuple(RevealPurpose)))
    reason = fields.String(required=True, allow_none=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    lapses_at = Moment(required=True, allow_none=True, metadata={"description": "decided, or opened, until then"})
    decided_by = fields.String(required=True, allow_none=True)
    decided_at = Moment(required=True, allow_none=True)
    opened_at = Moment(required=True, allow_none=True)
    may_decide = fields.Boolean(required=True, metadata={"description": "whether you are the second person"})


class RevealRequestsSchema(WireSchema):
    """Requests to see entries."""

    items = fields.List(fields.Nested(RevealRequestSchema), required=True)


class RevealedSchema(WireSchema):
    """A private value."""

    vault_key = Key(required=True)
    kind = fields.String(required=True, metadata={"description": "identity, contact or original"})
    value = fields.Raw(required=True, allow_none=True)


@blueprint.endpoint(
    "GET",
    "/process-instances/<key:key>/revealable-entries",
    answer=RevealableEntriesSchema(),
    refusals=READING_ONE,
)
def list_revealable_entries(key: int) -> Response:
    """List which entries of a root process instance can be asked for, for people who may ask."""
    found = reveals.list_entries(current_context(), current_actor(), key)
    told = [
        {"vaultKey": format_key(one.key), "kind": one.kind, "createdAt": format_time(one.created_at)} for one in found
    ]
    return render_json({"items": told})


@blueprint.endpoint(
    "POST",
    "/vault/<key:key>/reveal-requests",
    body=RevealAskingSchema(),
    answer=RevealRequestSchema(),
    status=201,
    refusals=CHANGING,
)
def ask_reveal(body: dict[str, Any], key: int) -> Response:
    """Ask to see who reported, or how to reach them; a second person is told and decides.

    For administrators and people of the street that the case concerns; every attempt is in the audit log.
    """
    purpose = RevealPurpose(body["purpose"])
    asked = reveals.ask_reveal(current_context(), current_actor(), key, purpose, body["reason"])
    return render_json(_render(asked), 201)


@blueprint.endpoint("GET", "/vault/reveal-requests", answer=RevealRequestsSchema(), refusals=READING)
def list_reveal_requests() -> Response:
    """List what you asked for and what waits for your decision, newest first, without reasons."""
    return render_json({"items": [_render(one) for one in reveals.list_requests(current_context(), current_actor())]})


@blueprint.endpoint("GET", "/vault/reveal-requests/<key:key>", answer=RevealRequestSchema(), refusals=READING_ONE)
def get_reveal_request(key: int) -> Response:
    """Get a request with its reason; that somebody else reads the reason is in the audit log."""
    return render_json(_render(reveals.get_request(current_context(), current_actor(), key)))


@blueprint.endpoint(
    "POST", "/vault/reveal-requests/<key:key>/approval", answer=RevealRequestSchema(), refusals=CHANGING
)
def approve_reveal(key: int) -> Response:
    """Approve a request as the second person: for an hour, who asked can open the entry."""
    return render_json(_render(reveals.decide_reveal(current_context(), current_actor(), key, approve=True)))


@blueprint.endpoint("POST", "/vault/reveal-requests/<key:key>/refusal", answer=RevealRequestSchema(), refusals=CHANGING)
def refuse_reveal(key: int) -> Response:
    """Refuse a request as the second person."""
    return render_json(_render(reveals.decide_reveal(current_context(), current_actor(), key, approve=False)))


@blueprint.endpoint("POST", "/vault/reveal-requests/<key:key>/reveal", answer=RevealedSchema(), refusals=CHANGING)
def reveal_vault_entry(key: int) -> Response:
    """See who reported, or how to reach them, within the hour after the approval; the reporter is told that it was."""
    revealed = reveals.open_entry(current_context(), current_actor(), key)
    return render_json({"vaultKey": format_key(revealed.key), "kind": revealed.kind, "value": revealed.value})


@blueprint.endpoint("GET", "/vault/<key:key>/reveals", answer=RevealRequestsSchema(), refusals=READING_ONE)
def list_vault_reveals(key: int) -> Response:
    """List who asked for an entry, with the reasons that they gave; for administrators, and itself in the audit log."""
    found = reveals.list_reveals(current_context(), current_actor(), key)
    return render_json({"items": [_render(one) for one in found]})


def _render(shown: RevealRequest) -> dict[str, object]:
    one = shown.record
    return {
        "requestKey": format_key(one.key),
        "vaultKey": format_key(one.entry_key),
        "processInstanceKey": format_key(one.root_key),
        "caseNo": shown.case_no,
        "actor": one.actor,
        "at": format_time(one.at),
        "purpose": one.purpose,
        "reason": shown.reason,
        "state": "LAPSED" if shown.lapsed else one.state,
        "lapsesAt": format_time(one.lapses_at),
        "decidedBy": one.decided_by,
        "decidedAt": format_time(one.decided_at),
        "openedAt": format_time(one.opened_at),
        "mayDecide": shown.may_decide,
    }
