"""Cases: one matter each, where it stands and what has happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marshmallow import fields

from server.api import queries
from server.api.authentication import current_actor, current_context
from server.api.blueprint import READING_ONE, SEARCHING, Blueprint
from server.api.fields import Key, Moment, WireSchema, list_schema
from server.api.responses import format_key, format_time, render_json, render_page
from server.model import CaseState
from server.service import cases

if TYPE_CHECKING:
    from datetime import datetime

    from flask import Response

    from server.model import Case, Query
    from server.service.cases import CaseView

blueprint = Blueprint("cases", prefix="/api", description="Matters of residents, one case each.")


def _optional() -> fields.String:
    return fields.String(required=True, allow_none=True)


class CaseSchema(WireSchema):
    """A case; who reported it is not in it."""

    case_no = fields.String(required=True)
    root_process_instance_key = Key(required=True)
    state = fields.String(required=True, metadata={"enum": [state.value for state in CaseState]})
    title = fields.String(required=True)
    text = fields.String(required=True, metadata={"description": "masked"})
    category = _optional()
    urgency = _optional()
    channel = _optional()
    place = _optional()
    grid_code = _optional()
    street = _optional()
    community = _optional()
    latitude = fields.Float(required=True, allow_none=True, metadata={"description": "degrees, WGS-84"})
    longitude = fields.Float(required=True, allow_none=True)
    lead_unit = _optional()
    reporters = fields.Integer(required=True)
    recurrence_of = _optional()
    joined_to = _optional()
    outcome = _optional()
    reply = _optional()
    reopened = fields.Integer(required=True)
    received_at = Moment(required=True)
    review_at = Moment(required=True, allow_none=True)
    parked_reason = _optional()
    closed_at = Moment(required=True, allow_none=True)


class CaseEventSchema(WireSchema):
    """Something that happened with a case: a task, a clock or a list row, at the time it began."""

    at = Moment(required=True)
    kind = fields.String(required=True, metadata={"enum": ["task", "clock", "row"]})
    key = Key(required=True)
    name = fields.String(required=True)
    owner = _optional()
    state = fields.String(required=True)
    due_at = Moment(required=True, allow_none=True)
    ended_at = Moment(required=True, allow_none=True)


class WholeCaseSchema(CaseSchema):
    """A case with its timeline, and the numbers of the cases that were joined to it."""

    timeline = fields.List(fields.Nested(CaseEventSchema), required=True)
    joined_cases = fields.List(fields.String(), required=True)


_TEXTS = ("caseNo", "title", "category", "urgency", "channel", "gridCode", "street", "community", "leadUnit", "outcome")
_FILTERS = {
    **{name: queries.text() for name in (*_TEXTS, "recurrenceOf", "joinedTo")},
    "state": queries.text(),
    "rootProcessInstanceKey": queries.key("root_key"),
    "reporters": queries.number(),
    "receivedAt": queries.moment(),
    "reviewAt": queries.moment(),
    "closedAt": queries.moment(),
}
_SORTS = {
    "caseNo": "case_no",
    "state": "state",
    "category": "category",
    "urgency": "urgency",
    "street": "street",
    "leadUnit": "lead_unit",
    "reporters": "reporters",
    "receivedAt": "received_at",
    "reviewAt": "review_at",
    "closedAt": "closed_at",
}


@blueprint.endpoint(
    "POST",
    "/cases/search",
    body=queries.search_schema("Case", _FILTERS, _SORTS),
    answer=list_schema("CasePage", CaseSchema),
    refusals=SEARCHING,
)
def search_cases(query: Query) -> Response:
    """Search cases. Those about a unit of one's own are not there."""
    page = cases.search_cases(current_context(), current_actor(), query)
    return render_page(page, [_render(case) for case in page.items])


@blueprint.endpoint("GET", "/cases/<string:case_no>", answer=WholeCaseSchema(), refusals=READING_ONE)
def get_case(case_no: str) -> Response:
    """Get a case with what has happened: tasks as far as one may see them, clocks and list rows, oldest first."""
    view = cases.get_case(current_context(), current_actor(), case_no)
    timeline = sorted(_find_events(view), key=lambda event: str(event["at"]))
    return render_json({**_render(view.case), "timeline": timeline, "joinedCases": list(view.joined)})


def _render(case: Case) -> dict[str, object]:
    return {
        "caseNo": case.case_no,
        "rootProcessInstanceKey": format_key(case.root_key),
        "state": case.state.value,
        "title": case.title,
        "text": case.text,
        "category": case.category,
        "urgency": case.urgency,
        "channel": case.channel,
        "place": case.place.text,
        "gridCode": case.place.grid_code,
        "street": case.place.street,
        "community": case.place.community,
        "latitude": case.place.latitude,
        "longitude": case.place.longitude,
        "leadUnit": case.lead_unit,
        "reporters": case.reporters,
        "recurrenceOf": case.recurrence_of,
        "joinedTo": case.joined_to,
        "outcome": case.outcome,
        "reply": case.reply,
        "reopened": case.reopened,
        "receivedAt": format_time(case.received_at),
        "reviewAt": format_time(case.review_at),
        "parkedReason": case.parked_reason,
        "closedAt": format_time(case.closed_at),
    }


def _find_events(view: CaseView) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for task in view.tasks:
        times = (task.creation_date, task.due_date, task.completion_date)
        found.append(_event("task", task.key, task.name, task.assignee, task.state, times))
    for record in view.clocks:
        clock = record.clock
        state = "running" if clock.ended_at is None else "ended"
        times = (clock.started_at, clock.due_at, clock.ended_at)
        found.append(_event("clock", record.key, record.name, record.owner, state, times))
    for row in view.rows:
        times = (row.created_at, row.due_at, None)
        found.append(_event("row", row.key, f"{row.list_name}: {row.title}", row.owner, row.status, times))
    return found


def _event(
    kind: str, key: int, name: str | None, owner: str | None, state: str, times: tuple[datetime | None, ...]
) -> dict[str, object]:
    at, due_at, ended_at = times
    return {
        "at": format_time(at),
        "kind": kind,
        "key": format_key(key),
        "name": name or "",
        "owner": owner,
        "state": str(state),
        "dueAt": format_time(due_at),
        "endedAt": format_time(ended_at),
    }
