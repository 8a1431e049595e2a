"""Clocks: how long somebody may take, when the time is up, and what stopped the count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate

from server.api import queries
from server.api.authentication import current_actor, current_context
from server.api.blueprint import CHANGING, READING_ONE, SEARCHING, Blueprint
from server.api.fields import Key, Moment, WireSchema, list_schema
from server.api.responses import format_key, format_time, render_json, render_nothing, render_page
from server.model import Audience, Budget, TimeUnit
from server.service import clocks

if TYPE_CHECKING:
    from flask import Response

    from server.model import Pause, Query
    from server.service.clocks import ClockView

blueprint = Blueprint("clocks", prefix="/api", description="Deadlines that are counted, paused and extended.")
LARGEST_AMOUNT = 1_000_000


class PauseSchema(WireSchema):
    """A span in which the clock did not count; `until` is its cap."""

    reason = fields.String(required=True)
    started_at = Moment(required=True)
    until = Moment(required=True)
    ended_at = Moment(required=True, allow_none=True)


class ClockSchema(WireSchema):
    """A clock of a process instance."""

    clock_key = Key(required=True)
    name = fields.String(required=True)
    case_no = fields.String(required=True, allow_none=True)
    owner = fields.String(required=True, allow_none=True, metadata={"description": "the unit whose time it is"})
    process_instance_key = Key(required=True)
    root_process_instance_key = Key(required=True)
    audience = fields.String(required=True, metadata={"description": "to whom it is promised: unit or resident"})
    state = fields.String(required=True, metadata={"description": "running, paused, ended or cancelled"})
    overdue = fields.Boolean(required=True)
    started_at = Moment(required=True)
    amount = fields.Integer(required=True)
    unit = fields.String(required=True)
    due_at = Moment(required=True)
    provisional = fields.Boolean(
        required=True, metadata={"description": "counted into a year that is not announced yet (预计)"}
    )
    promised_at = Moment(required=True, allow_none=True)
    reminders = fields.List(Moment(), required=True)
    consumed_seconds = fields.Integer(required=True)
    pauses = fields.List(fields.Nested(PauseSchema), required=True)
    extensions = fields.List(fields.Integer(), required=True)
    ended_at = Moment(required=True, allow_none=True)


_FILTERS = {
    "clockKey": queries.key("key"),
    "name": queries.text(),
    "caseNo": queries.text(),
    "owner": queries.text(),
    "processInstanceKey": queries.key(),
    "rootProcessInstanceKey": queries.key("root_key"),
    "unit": queries.choice(tuple(TimeUnit)),
    "audience": queries.choice(tuple(Audience)),
    "startedAt": queries.moment(),
    "dueAt": queries.moment(),
    "pausedUntil": queries.moment(),
    "endedAt": queries.moment(),
}
_SORTS = {
    "clockKey": "key",
    "name": "name",
    "caseNo": "case_no",
    "owner": "owner",
    "startedAt": "started_at",
    "dueAt": "due_at",
    "endedAt": "ended_at",
}


class PauseRequestSchema(WireSchema):
    """Why, and for how long at most."""

    reason = fields.String(required=True, validate=validate.Length(1, 200))
    amount = fields.Integer(required=True, strict=True, validate=validate.Range(1, LARGEST_AMOUNT))
    unit = queries.Choice(tuple(TimeUnit), required=True)


class ExtensionSchema(WireSchema):
    """How much more, in the unit of the clock."""

    amount = fields.Integer(required=True, strict=True, validate=validate.Range(1, LARGEST_AMOUNT))


class NoBodySchema(WireSchema):
    """A body without members."""


@blueprint.endpoint(
    "POST",
    "/clocks/search",
    body=queries.search_schema("Clock", _FILTERS, _SORTS),
    answer=list_schema("ClockPage", ClockSchema),
    refusals=SEARCHING,
)
def search_clocks(query: Query) -> Response:
    """Search clocks."""
    page = clocks.search_clocks(current_context(), current_actor(), query)
    return render_page(page, [_render(view) for view in page.items])


@blueprint.endpoint("GET", "/clocks/<key:key>", answer=ClockSchema(), refusals=READING_ONE)
def get_clock(key: int) -> Response:
    """Get a clock."""
    return render_json(_render(clocks.get_clock(current_context(), current_actor(), key)))


@blueprint.endpoint("POST", "/clocks/<key:key>/pause", body=PauseRequestSchema(), status=204, refusals=CHANGING)
def pause_clock(body: dict[str, Any], key: int) -> Response:
    """Stop the count until it is resumed, at most for so long; administrators only. Timers that depend on it move."""
    cap = Budget(body["amount"], TimeUnit(body["unit"]))
    clocks.pause_clock(current_context(), current_actor(), key, body["reason"], cap)
    return render_nothing()


@blueprint.endpoint("POST", "/clocks/<key:key>/resumption", body=NoBodySchema(), status=204, refusals=CHANGING)
def resume_clock(body: dict[str, Any], key: int) -> Response:
    """Go on counting; administrators only."""
    del body
    clocks.resume_clock(current_context(), current_actor(), key)
    return render_nothing()


@blueprint.endpoint("POST", "/clocks/<key:key>/extension", body=ExtensionSchema(), status=204, refusals=CHANGING)
def extend_clock(body: dict[str, Any], key: int) -> Response:
    """Give more time, before it is up and as often as allowed; administrators only."""
    clocks.extend_clock(current_context(), current_actor(), key, body["amount"])
    return render_nothing()


def _render(view: ClockView) -> dict[str, object]:
    record, clock = view.record, view.record.clock
    return {
        "clockKey": format_key(record.key),
        "name": record.name,
        "caseNo": record.case_no,
        "owner": record.owner,
        "processInstanceKey": format_key(record.process_instance_key),
        "rootProcessInstanceKey": format_key(record.root_key),
        "audience": str(clock.audience),
        "state": _tell_state(view),
        "overdue": view.overdue,
        "startedAt": format_time(clock.started_at),
        "amount": clock.budget.amount,
        "unit": str(clock.budget.unit),
        "dueAt": format_time(clock.due_at),
        "provisional": clock.provisional,
        "promisedAt": format_time(clock.promised_at),
        "reminders": [format_time(moment) for moment in view.reminders],
        "consumedSeconds": round(view.consumed.total_seconds()),
        "pauses": [_render_pause(pause) for pause in clock.pauses],
        "extensions": [extension.amount for extension in clock.extensions],
        "endedAt": format_time(clock.ended_at),
    }


def _tell_state(view: ClockView) -> str:
    if view.record.clock.ended_at is not None:
        return "cancelled" if view.record.clock.cancelled else "ended"
    return "paused" if view.paused else "running"


def _render_pause(pause: Pause) -> dict[str, object]:
    return {
        "reason": pause.reason,
        "startedAt": format_time(pause.started_at),
        "until": format_time(pause.until),
        "endedAt": format_time(pause.ended_at),
    }
