"""Absence and departure: who stands in for whom, and who leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate

from server.api.authentication import current_actor, current_context
from server.api.blueprint import CHANGING, READING, Blueprint
from server.api.fields import Key, Moment, WireSchema
from server.api.responses import format_key, format_time, render_json, render_nothing
from server.service import absences, departures

if TYPE_CHECKING:
    from flask import Response

    from server.model import Substitution

blueprint = Blueprint("absences", prefix="/api", description="Absence and departure of people.")


class NewSubstitutionSchema(WireSchema):
    """Who stands in for whom, from when until when."""

    absent = fields.String(required=True)
    substitute = fields.String(required=True)
    begins_at = Moment(required=True)
    ends_at = Moment(required=True)
    groups = fields.List(
        fields.String(),
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, 100),
        metadata={"description": "groups of the absent person that it is about; null: everything"},
    )


class SubstitutionSchema(NewSubstitutionSchema):
    """A substitution."""

    substitution_key = Key(required=True)


class SubstitutionsSchema(WireSchema):
    """Substitutions, by their beginning."""

    items = fields.List(fields.Nested(SubstitutionSchema), required=True)


class LeavingSchema(WireSchema):
    """When a person leaves."""

    at = Moment(load_default=None, allow_none=True, metadata={"description": "null: now"})


class LeftSchema(WireSchema):
    """What came of it."""

    returned_tasks = fields.Integer(required=True, metadata={"description": "tasks that went back to their groups"})


@blueprint.endpoint("GET", "/substitutions", answer=SubstitutionsSchema(), refusals=READING)
def list_substitutions() -> Response:
    """List who stands in for oneself, and for whom one stands in; for administrators all."""
    found = absences.list_substitutions(current_context(), current_actor())
    return render_json({"items": [_render(one) for one in found]})


@blueprint.endpoint(
    "POST",
    "/substitutions",
    body=NewSubstitutionSchema(),
    answer=SubstitutionSchema(),
    status=201,
    refusals=CHANGING,
)
def create_substitution(body: dict[str, Any]) -> Response:
    """Let somebody stand in for oneself, or as a lead for somebody of one's unit."""
    period = body["begins_at"], body["ends_at"]
    made = absences.add_substitution(
        current_context(), current_actor(), body["absent"], body["substitute"], period, body["groups"]
    )
    return render_json(_render(made), 201)


@blueprint.endpoint("DELETE", "/substitutions/<key:key>", status=204, refusals=CHANGING)
def end_substitution(key: int) -> Response:
    """End a substitution at once."""
    absences.end_substitution(current_context(), current_actor(), key)
    return render_nothing()


@blueprint.endpoint(
    "POST", "/users/<string:name>/departure", body=LeavingSchema(), answer=LeftSchema(), refusals=CHANGING
)
def let_user_leave(body: dict[str, Any], name: str) -> Response:
    """Let a person leave, now or at a time: sign-in and roles end, their tasks go back to the groups."""
    returned = departures.leave(current_context(), current_actor(), name, body["at"])
    return render_json({"returnedTasks": returned})


def _render(one: Substitution) -> dict[str, object]:
    return {
        "substitutionKey": format_key(one.key),
        "absent": one.absent,
        "substitute": one.substitute,
        "beginsAt": format_time(one.begins_at),
        "endsAt": format_time(one.ends_at),
        "groups": None if one.groups is None else list(one.groups),
    }
