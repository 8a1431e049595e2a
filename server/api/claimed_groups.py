"""What the groups of the OpenID Connect provider are called here, managed by administrators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marshmallow import fields

from server.api.authentication import current_actor, current_context
from server.api.blueprint import CHANGING, READING, Blueprint
from server.api.fields import WireSchema
from server.api.responses import render_json, render_nothing
from server.service import claimed_groups

if TYPE_CHECKING:
    from flask import Response

blueprint = Blueprint("claimed-groups", prefix="/api", description="Groups of the OpenID Connect provider.")


class ClaimedGroupSchema(WireSchema):
    """A group of the provider, and what it is called here."""

    claim = fields.String(required=True)
    group = fields.String(
        required=True, metadata={"description": f"role@unit; `{claimed_groups.ADMINISTRATORS}` makes administrators"}
    )


class ClaimedGroupsSchema(WireSchema):
    """All of them, by the provider's name."""

    items = fields.List(fields.Nested(ClaimedGroupSchema), required=True)


class SubjectSchema(WireSchema):
    """What the provider calls a person."""

    subject = fields.String(required=True)


@blueprint.endpoint("GET", "/claimed-groups", answer=ClaimedGroupsSchema(), refusals=READING)
def list_claimed_groups() -> Response:
    """List what the provider's groups are called here."""
    pairs = claimed_groups.list_claimed_groups(current_context(), current_actor())
    return render_json({"items": [{"claim": claim, "group": group} for claim, group in pairs]})


@blueprint.endpoint("POST", "/claimed-groups", body=ClaimedGroupSchema(), status=204, refusals=CHANGING)
def add_claimed_group(body: dict[str, str]) -> Response:
    """Say what a group of the provider is called here; it counts from each person's next sign-in."""
    claimed_groups.add_claimed_group(current_context(), current_actor(), body["claim"], body["group"])
    return render_nothing()


@blueprint.endpoint("DELETE", "/claimed-groups", query=ClaimedGroupSchema(), status=204, refusals=CHANGING)
def remove_claimed_group(asked: dict[str, str]) -> Response:
    """Take that back; it counts from each person's next sign-in."""
    claimed_groups.remove_claimed_group(current_context(), current_actor(), asked["claim"], asked["group"])
    return render_nothing()


@blueprint.endpoint("POST", "/users/<string:name>/identity", body=SubjectSchema(), status=204, refusals=CHANGING)
def link_user(body: dict[str, str], name: str) -> Response:
    """Let a subject of the provider sign in as this person."""
    claimed_groups.link_person(current_context(), current_actor(), name, body["subject"])
    return render_nothing()
