"""Meeting plans: how each committee meets, as rows that administrators edit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate

from server.api.authentication import current_actor, current_context
from server.api.blueprint import CHANGING, READING, Blueprint
from server.api.fields import Key, Moment, WireSchema
from server.api.responses import format_key, format_time, render_json
from server.model import Period
from server.service import meeting_plans

if TYPE_CHECKING:
    from flask import Response

    from server.model import MeetingPlan

blueprint = Blueprint("meeting_plans", prefix="/api", description="How committees meet.")
_NAME = validate.Length(1, 100)
LARGEST_COMMITTEE = 200


class MemberSchema(WireSchema):
    """A seat and who sits in it; without `seat` it gets its place in the list."""

    seat = fields.String(load_default=None, allow_none=True, validate=_NAME)
    kind = fields.String(required=True, validate=validate.OneOf(meeting_plans.SEATS))
    unit = fields.String(required=True, validate=_NAME)
    person = fields.String(required=True, validate=_NAME)
    substitute = fields.String(load_default=None, allow_none=True, validate=_NAME)


class MeetingPlanBodySchema(WireSchema):
    """How a committee meets for one kind of meeting."""

    committee = fields.String(required=True, validate=_NAME)
    kind = fields.String(required=True, validate=validate.OneOf(meeting_plans.KINDS))
    period = fields.String(required=True, validate=validate.OneOf([*Period]))
    chair = fields.String(required=True, validate=_NAME)
    deputies = fields.List(fields.String(validate=_NAME), load_default=list, validate=validate.Length(0, 20))
    secretary = fields.String(required=True, validate=_NAME)
    place = fields.String(load_default=None, allow_none=True, validate=validate.Length(0, 200))
    online = fields.Boolean(load_default=False)
    quorum_rule = fields.String(load_default="half", validate=validate.OneOf(meeting_plans.QUORUM_RULES))
    quorum_num = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(1, 1000))
    quorum_den = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(1, 1000))
    members = fields.List(fields.Nested(MemberSchema), required=True, validate=validate.Length(1, LARGEST_COMMITTEE))
    anchor_on = fields.Date(load_default=None, allow_none=True)
    active = fields.Boolean(load_default=True, metadata={"description": "whether meetings begin by themselves"})


class MeetingPlanSchema(MeetingPlanBodySchema):
    """A plan, and when the next meeting begins by it."""

    key = Key(required=True)
    next_start_at = Moment(required=True, allow_none=True)
    version = fields.Integer(required=True)
    changed_by = fields.String(required=True, allow_none=True)


class MeetingPlansSchema(WireSchema):
    """All plans, by committee and kind."""

    items = fields.List(fields.Nested(MeetingPlanSchema), required=True)


@blueprint.endpoint("GET", "/meetings/plans", answer=MeetingPlansSchema(), refusals=READING)
def list_meeting_plans() -> Response:
    """List how the committees meet."""
    plans = meeting_plans.list_plans(current_context(), current_actor())
    return render_json({"items": [_render(plan) for plan in plans]})


@blueprint.endpoint(
    "POST", "/meetings/plans", body=MeetingPlanBodySchema(), answer=MeetingPlanSchema(), status=201, refusals=CHANGING
)
def create_meeting_plan(body: dict[str, Any]) -> Response:
    """Say how a committee meets for a kind of meeting."""
    active = body.pop("active")
    plan = meeting_plans.add_plan(current_context(), current_actor(), meeting_plans.read_plan(body), active=active)
    return render_json(_render(plan), 201)


@blueprint.endpoint(
    "PUT",
    "/meetings/plans/<key:key>",
    body=MeetingPlanBodySchema(),
    answer=MeetingPlanSchema(),
    refusals=CHANGING,
)
def change_meeting_plan(body: dict[str, Any], key: int) -> Response:
    """Replace what a plan says, for meetings that begin from now on."""
    active = body.pop("active")
    planned = meeting_plans.read_plan(body)
    return render_json(
        _render(meeting_plans.change_plan(current_context(), current_actor(), key, planned, active=active))
    )


def _render(plan: MeetingPlan) -> dict[str, object]:
    content = plan.content
    return {
        "key": format_key(plan.key),
        "committee": plan.committee,
        "kind": plan.kind,
        "period": plan.period.value,
        "chair": content["chair"],
        "deputies": content["deputies"],
        "secretary": content["secretary"],
        "place": content["place"],
        "online": content["online"],
        "quorumRule": content["quorum_rule"],
        "quorumNum": content["quorum_num"],
        "quorumDen": content["quorum_den"],
        "members": content["members"],
        "anchorOn": plan.anchor_on,
        "active": plan.active,
        "nextStartAt": format_time(plan.next_start_at),
        "version": plan.version,
        "changedBy": plan.changed_by,
    }
