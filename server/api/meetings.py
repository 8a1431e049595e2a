"""Joint meetings: plans, meetings with agenda, attendance, votes and minutes, items and their history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate

from server.api import queries
from server.api.authentication import current_actor, current_context
from server.api.blueprint import CHANGING, READING, READING_ONE, SEARCHING, Blueprint
from server.api.fields import Key, Moment, Variables, WireSchema, list_schema
from server.api.responses import format_key, format_time, render_json, render_page
from server.model import ItemState, MeetingState
from server.service import meetings

if TYPE_CHECKING:
    from flask import Response

    from server.model import Meeting, Query
    from server.service.meetings import ItemView, MeetingView

blueprint = Blueprint("meetings", prefix="/api", description="Joint meetings of committees.")
VERBS = ["proposed", "scheduled", "unscheduled", "carried", "decided", "lifted", "moved", "withdrawn"]
WHOLE_PARTS = ("agenda", "attendance", "replies", "quorum", "presider", "guests", "decisions", "minutes", "effects")


def _optional() -> fields.String:
    return fields.String(required=True, allow_none=True)


class MeetingSchema(WireSchema):
    """What everybody may know of a meeting."""

    meeting_no = fields.String(required=True)
    committee = fields.String(required=True)
    kind = fields.String(required=True)
    state = fields.String(required=True, metadata={"enum": [state.value for state in MeetingState]})
    root_process_instance_key = Key(required=True)
    opened_at = Moment(required=True)
    session_at = Moment(required=True, allow_none=True)
    held_at = Moment(required=True, allow_none=True, metadata={"description": "when the quorate session began"})


class ItemEventSchema(WireSchema):
    """Something that happened to an item."""

    at = Moment(required=True)
    verb = fields.String(required=True, metadata={"enum": VERBS})
    committee = fields.String(required=True)
    meeting_no = _optional()
    decision = _optional()
    note = _optional()


class MeetingItemSchema(WireSchema):
    """An item with its history, first to last."""

    item_key = fields.String(required=True)
    committee = fields.String(required=True)
    title = fields.String(required=True)
    facts = fields.String(required=True, metadata={"description": "masked"})
    desired_decision = fields.String(required=True)
    source = fields.String(required=True)
    state = fields.String(required=True, metadata={"enum": [state.value for state in ItemState]})
    urgency = _optional()
    public = fields.Boolean(required=True)
    case_no = _optional()
    reconsiders = _optional()
    carried = fields.Integer(required=True)
    meeting_no = _optional()
    decision = _optional()
    next_on = _optional()
    proposed_at = Moment(required=True)
    history = fields.List(fields.Nested(ItemEventSchema), required=True)


class WholeMeetingSchema(MeetingSchema):
    """A meeting with its items. `record` is null for those who see its public part only."""

    place = _optional()
    items = fields.List(fields.Nested(MeetingItemSchema), required=True)
    public_minutes = Variables(required=True, allow_none=True)
    record = Variables(
        required=True,
        allow_none=True,
        metadata={"description": "agenda, attendance, quorum, decisions with votes, all versions of the minutes"},
    )


class CodesSchema(WireSchema):
    """Check-in codes by seat."""

    codes = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class CheckInSchema(WireSchema):
    """The code of a seat."""

    code = fields.String(required=True, validate=validate.Length(1, 40))


class SeatSchema(WireSchema):
    """The seat that has checked in."""

    seat = fields.String(required=True)


class SpanSchema(WireSchema):
    """A span of time: from, up to and without until."""

    since = Moment(required=True, data_key="from")
    until = Moment(required=True)


class CommitteeCoverageSchema(WireSchema):
    """How a committee met."""

    committee = fields.String(required=True)
    scheduled = fields.Integer(required=True)
    held = fields.Integer(required=True)


class CoverageSchema(WireSchema):
    """Of how many committees with a plan how many have met, and the list behind it."""

    numerator = fields.Integer(required=True)
    denominator = fields.Integer(required=True)
    committees = fields.List(fields.Nested(CommitteeCoverageSchema), required=True)


_FILTERS = {
    **{name: queries.text() for name in ("meetingNo", "committee", "kind", "state")},
    "rootProcessInstanceKey": queries.key("root_key"),
    "openedAt": queries.moment(),
    "sessionAt": queries.moment(),
    "heldAt": queries.moment(),
}
_SORTS = {
    "meetingNo": "meeting_no",
    "committee": "committee",
    "kind": "kind",
    "state": "state",
    "openedAt": "opened_at",
    "sessionAt": "session_at",
    "heldAt": "held_at",
}


@blueprint.endpoint(
    "POST",
    "/meetings/search",
    body=queries.search_schema("Meeting", _FILTERS, _SORTS),
    answer=list_schema("MeetingPage", MeetingSchema),
    refusals=SEARCHING,
)
def search_meetings(query: Query) -> Response:
    """Search meetings."""
    page = meetings.search_meetings(current_context(), current_actor(), query)
    return render_page(page, [_render(meeting) for meeting in page.items])


@blueprint.endpoint("GET", "/meetings/coverage", query=SpanSchema(), answer=CoverageSchema(), refusals=READING)
def get_meeting_coverage(span: dict[str, Any]) -> Response:
    """Count how many committees have met in a span of time, by the date of the session."""
    counted = meetings.count_coverage(current_context(), current_actor(), span["since"], span["until"])
    rows = [{"committee": one.committee, "scheduled": one.scheduled, "held": one.held} for one in counted]
    return render_json(
        {"numerator": sum(one.held > 0 for one in counted), "denominator": len(rows), "committees": rows}
    )


@blueprint.endpoint("GET", "/meetings/items/<string:item_key>", answer=MeetingItemSchema(), refusals=READING_ONE)
def get_meeting_item(item_key: str) -> Response:
    """Get an item with its history; one that is not public is there for its committee and those above."""
    return render_json(_render_item(meetings.get_item(current_context(), current_actor(), item_key)))


@blueprint.endpoint("GET", "/meetings/<string:meeting_no>", answer=WholeMeetingSchema(), refusals=READING_ONE)
def get_meeting(meeting_no: str) -> Response:
    """Get a meeting: all of it for its members, secretary, chair, street and district; else its public items."""
    return render_json(_render_whole(meetings.get_meeting(current_context(), current_actor(), meeting_no)))


@blueprint.endpoint("GET", "/meetings/<string:meeting_no>/codes", answer=CodesSchema(), refusals=READING_ONE)
def get_check_in_codes(meeting_no: str) -> Response:
    """Get check-in codes: the secretary those of every seat, others that of their own."""
    return render_json({"codes": meetings.get_codes(current_context(), current_actor(), meeting_no)})


@blueprint.endpoint(
    "POST", "/meetings/<string:meeting_no>/check-in", body=CheckInSchema(), answer=SeatSchema(), refusals=CHANGING
)
def check_in(body: dict[str, Any], meeting_no: str) -> Response:
    """Check in to a meeting by the code of a seat, once a seat; online and on the spot alike."""
    return render_json({"seat": meetings.check_in(current_context(), current_actor(), meeting_no, body["code"])})


def _render(meeting: Meeting) -> dict[str, object]:
    return {
        "meetingNo": meeting.meeting_no,
        "committee": meeting.committee,
        "kind": meeting.kind,
        "state": meeting.state.value,
        "rootProcessInstanceKey": format_key(meeting.root_key),
        "openedAt": format_time(meeting.opened_at),
        "sessionAt": format_time(meeting.session_at),
        "heldAt": format_time(meeting.held_at),
    }


def _render_whole(view: MeetingView) -> dict[str, object]:
    content = view.meeting.content
    return {
        **_render(view.meeting),
        "place": content.get("place"),
        "items": [_render_item(item) for item in view.items],
        "publicMinutes": content.get("public_minutes"),
        "record": {part: content[part] for part in WHOLE_PARTS if part in content} if view.whole else None,
    }


def _render_item(view: ItemView) -> dict[str, object]:
    item = view.item
    return {
        "itemKey": item.item_key,
        "committee": item.committee,
        "title": item.title,
        "facts": item.facts,
        "desiredDecision": item.desired_decision,
        "source": item.source,
        "state": item.state.value,
        "urgency": item.urgency,
        "public": item.public,
        "caseNo": item.case_no,
        "reconsiders": item.reconsiders,
        "carried": item.carried,
        "meetingNo": item.meeting_no,
        "decision": item.decision,
        "nextOn": item.next_on,
        "proposedAt": format_time(item.proposed_at),
        "history": [
            {
                "at": format_time(event.at),
                "verb": event.verb,
                "committee": event.committee,
                "meetingNo": event.meeting_no,
                "decision": event.decision,
                "note": event.note,
            }
            for event in view.events
        ],
    }
