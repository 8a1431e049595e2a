"""The history of an instance: its lines, and the timeline that answers who did what, when, and why it was late."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate

from server.api.authentication import current_actor, current_context
from server.api.blueprint import READING_ONE, Blueprint
from server.api.fields import Key, Moment, Variables, WireSchema
from server.api.responses import format_key, format_time, render_json
from server.service import timelines

if TYPE_CHECKING:
    from datetime import timedelta

    from flask import Response

    from server.model import HistoryRecord, Place
    from server.service.timelines import Note, Visit

blueprint = Blueprint("history", prefix="/api", description="What happened in process instances.")
MOST_LINES = 1000


class PlaceSchema(WireSchema):
    """Where something happened."""

    element_id = fields.String(required=True)
    element_type = fields.String(required=True)
    element_instance_key = Key(required=True)
    process_instance_key = Key(required=True)
    process_definition_id = fields.String(required=True)
    process_definition_key = Key(required=True)


class HistoryLineSchema(PlaceSchema):
    """One line; `elementId` is the id of the sequence flow where the event is `TAKEN`."""

    key = Key(required=True)
    event = fields.String(required=True)
    at = Moment(required=True)
    actor = fields.String(required=True, allow_none=True)
    variables = Variables(required=True)
    details = Variables(required=True)


class HistorySchema(WireSchema):
    """Lines in the order of what happened; `next` is what to send as `after` for more, null when there is no more."""

    items = fields.List(fields.Nested(HistoryLineSchema), required=True)
    next = Key(required=True, allow_none=True)


class NoteSchema(WireSchema):
    """What was done to an element or an instance while it was there."""

    event = fields.String(required=True)
    at = Moment(required=True)
    actor = fields.String(required=True, allow_none=True)
    variables = Variables(required=True)
    details = Variables(required=True)


class VisitSchema(PlaceSchema):
    """One passage through an element, or, with the type `process`, what was done to an instance as a whole."""

    entered_at = Moment(required=True, allow_none=True)
    entered_by = fields.String(required=True, allow_none=True)
    ended_at = Moment(required=True, allow_none=True)
    ended_by = fields.String(required=True, allow_none=True)
    state = fields.String(required=True)
    variables = Variables(required=True)
    cause = Variables(required=True, metadata={"description": "`due` of a timer, name of a `message` or `signal`"})
    flows = fields.List(fields.String(), required=True)
    user_task_key = Key(required=True, allow_none=True)
    name = fields.String(required=True, allow_none=True)
    assignee = fields.String(required=True, allow_none=True)
    candidate_groups = fields.List(fields.String(), required=True)
    due_at = Moment(required=True, allow_none=True)
    first_due_at = Moment(required=True, allow_none=True)
    late_by = fields.Integer(required=True, allow_none=True, metadata={"description": "ms; null: in time"})
    stood_for = fields.Integer(required=True, metadata={"description": "ms that incidents and suspensions held it"})
    notes = fields.List(fields.Nested(NoteSchema), required=True)


class TimelineSchema(WireSchema):
    """The visits in the order in which they began."""

    items = fields.List(fields.Nested(VisitSchema), required=True)
    is_truncated = fields.Boolean(required=True)


class HistoryQuerySchema(WireSchema):
    """Which lines."""

    limit = fields.Integer(load_default=MOST_LINES, validate=validate.Range(1, MOST_LINES))
    after = Key(load_default=None)


@blueprint.endpoint(
    "GET",
    "/process-instances/<key:key>/history",
    query=HistoryQuerySchema(),
    answer=HistorySchema(),
    refusals=READING_ONE,
)
def list_history(asked: dict[str, Any], key: int) -> Response:
    """List the history of an instance, of a root instance with everything that it called.

    Values of variables are null for those who may not see all instances.
    """
    lines, values = timelines.list_history(current_context(), current_actor(), key, asked["limit"] + 1, asked["after"])
    shown = lines[: asked["limit"]]
    following = format_key(shown[-1].key) if len(lines) > len(shown) else None
    return render_json({"items": [_render_line(line, values=values) for line in shown], "next": following})


@blueprint.endpoint("GET", "/process-instances/<key:key>/timeline", answer=TimelineSchema(), refusals=READING_ONE)
def explain_lateness(key: int) -> Response:
    """Tell who did what, when, and why it was late.

    A visit for each element: who brought the token there, who ended it, when it was due and by how much it was late,
    who held the task, what an operator changed, and how long incidents and suspensions held it.
    """
    timeline = timelines.explain_lateness(current_context(), current_actor(), key)
    items = [_render_visit(visit) for visit in timeline.visits]
    return render_json({"items": items, "isTruncated": timeline.is_truncated})


def _render_line(line: HistoryRecord, *, values: bool) -> dict[str, object]:
    return {
        "key": format_key(line.key),
        "event": str(line.event),
        "at": format_time(line.at),
        "actor": line.actor,
        "variables": dict(line.variables) if values else dict.fromkeys(line.variables),
        "details": dict(line.details) if values else timelines.hide_values(line.event, line.details),
        **_render_place(line.place, line.element_type),
    }


def _render_visit(visit: Visit) -> dict[str, object]:
    task = visit.task
    return {
        **_render_place(visit.place, visit.element_type),
        "enteredAt": format_time(visit.entered_at),
        "enteredBy": visit.entered_by,
        "endedAt": format_time(visit.ended_at),
        "endedBy": visit.ended_by,
        "state": visit.state,
        "variables": dict(visit.variables),
        "cause": dict(visit.cause),
        "flows": visit.flows,
        "userTaskKey": None if task is None else format_key(task.key),
        "name": None if task is None else task.name,
        "assignee": None if task is None else task.assignee,
        "candidateGroups": [] if task is None else list(task.candidate_groups),
        "dueAt": format_time(visit.due_at),
        "firstDueAt": format_time(visit.first_due_at),
        "lateBy": None if visit.late_by is None else _milliseconds(visit.late_by),
        "stoodFor": _milliseconds(visit.stood_for),
        "notes": [_render_note(note) for note in visit.notes],
    }


def _render_note(note: Note) -> dict[str, object]:
    return {
        "event": str(note.event),
        "at": format_time(note.at),
        "actor": note.actor,
        "variables": dict(note.variables),
        "details": dict(note.details),
    }


def _render_place(place: Place, element_type: str) -> dict[str, object]:
    return {
        "elementId": place.element_id,
        "elementType": element_type,
        "elementInstanceKey": format_key(place.element_instance_key),
        "processInstanceKey": format_key(place.process_instance_key),
        "processDefinitionId": place.process_id,
        "processDefinitionKey": format_key(place.process_definition_key),
    }


def _milliseconds(duration: timedelta) -> int:
    return int(duration.total_seconds() * 1000)
