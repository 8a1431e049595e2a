"""Waiting timers: told anew when what they depend on has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields

from server.api.authentication import current_actor, current_context
from server.api.blueprint import CHANGING, Blueprint
from server.api.fields import Key, Moment, WireSchema
from server.api.responses import format_key, format_time, render_json
from server.service import process_instances

if TYPE_CHECKING:
    from flask import Response

    from server.model import RescheduledTimer

blueprint = Blueprint("timers", prefix="/api", description="Timers that wait.")


class NothingSchema(WireSchema):
    """A body without members."""


class RescheduledTimerSchema(WireSchema):
    """A waiting timer: when it was due, and when it is due now."""

    timer_key = Key(required=True)
    element_id = fields.String(required=True)
    element_instance_key = Key(required=True)
    process_instance_key = Key(required=True)
    old_due_date = Moment(required=True)
    new_due_date = Moment(required=True, metadata={"description": "the old one where nothing changed"})
    problem = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "why the new date could not be told: the old one stays"},
    )


class RescheduledSchema(WireSchema):
    """Every timer that waits in the root instance, oldest first."""

    timers = fields.List(fields.Nested(RescheduledTimerSchema), required=True)


@blueprint.endpoint(
    "POST",
    "/process-instances/<key:key>/reschedule",
    body=NothingSchema(),
    answer=RescheduledSchema(),
    refusals=CHANGING,
)
def reschedule_timers(body: dict[str, Any], key: int) -> Response:
    """Evaluate the waiting timers of a root instance once more, and move those that are due at another time now.

    For a deadline that depends on a variable which you have changed. Nothing else of the instance moves.
    """
    del body
    timers = process_instances.reschedule_timers(current_context(), current_actor(), key)
    return render_json({"timers": [_render(timer) for timer in timers]})


def _render(told: RescheduledTimer) -> dict[str, object]:
    place = told.timer.place
    return {
        "timerKey": format_key(told.timer.key),
        "elementId": place.element_id,
        "elementInstanceKey": format_key(place.element_instance_key),
        "processInstanceKey": format_key(place.process_instance_key),
        "oldDueDate": format_time(told.timer.due_at),
        "newDueDate": format_time(told.due_at),
        "problem": told.problem,
    }
