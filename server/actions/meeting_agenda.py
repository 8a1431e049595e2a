"""Actions on what a meeting comes to: an item stands on the agenda of one meeting under way, and of no other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from server.actions.inputs import read_context, read_optional_text, read_text, read_time
from server.actions.meeting_records import find_meeting, keep_meeting
from server.actions.registry import ActionFailed, action
from server.model import ItemState, MeetingState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from server.actions.registry import ActionCall
    from server.model import Meeting, MeetingItem

MOST_ITEMS = 200
"""How many items of a backlog a meeting is shown: as many as an activity goes through one after the other."""


@action("meeting.collect")
def collect_backlog(call: ActionCall) -> Mapping[str, object]:
    """Return what a committee may put on an agenda, oldest first, at most 200. Input `committee`; output `backlog`.

    Items on the agenda of another meeting under way are not among them; what a meeting that ended or was cancelled
    left undecided is. Every entry has the item's fields, `carried`, and `overdue`: whether the day that it was put off
    to is over.
    """
    items = call.tx.meeting_items_to_schedule(read_text(call.variables, "committee"), MOST_ITEMS)
    return {"backlog": [_describe_item(call, item) for item in items]}


@action("meeting.schedule")
def schedule_meeting(call: ActionCall) -> Mapping[str, object]:
    """Fix when a meeting takes place. Inputs `meeting_no`, `session_at`; `place` and `agenda` may be left out.

    `agenda` is a list of contexts with `item_key`: these items stand on the agenda from now on, in this order, and no
    others; output `agenda` then as of `meeting.agenda`. A meeting that is scheduled again keeps what it had, but who
    has checked in for another date.

    :raises ActionFailed: when something is missing or of the wrong kind
    """
    meeting = find_meeting(call)
    session_at = read_time(call.variables, "session_at", call.zone)
    if session_at is None:
        raise ActionFailed("expected a date and time in 'session_at', found none")
    changes: dict[str, object] = {"place": read_optional_text(call.variables, "place") or meeting.content.get("place")}
    if session_at != meeting.session_at:
        changes["check_ins"] = {}
    scheduled = replace(meeting, state=MeetingState.SCHEDULED, session_at=session_at)
    if call.variables.get("agenda") is None:
        keep_meeting(call, scheduled, changes)
        return {}
    agenda = _put_on_agenda(call, meeting)
    _take_off(call, meeting, {entry["item_key"] for entry in agenda})
    keep_meeting(call, scheduled, {**changes, "agenda": agenda})
    return {"agenda": agenda}


@action("meeting.agenda")
def put_on_agenda(call: ActionCall) -> Mapping[str, object]:
    """Put items on the agenda of a meeting, besides those that stand there. Inputs `meeting_no`, `agenda`.

    `agenda` is a list of contexts with `item_key`. Output `agenda`: of these the entries that the meeting may decide
    on, in their order, with the item's fields as they are now. Left out is what was decided, withdrawn or moved
    meanwhile, and what stands on the agenda of another meeting under way.

    :raises ActionFailed: when something is missing or of the wrong kind
    """
    meeting = find_meeting(call)
    agenda = _put_on_agenda(call, meeting)
    known = meeting.content.get("agenda", [])
    keys = {entry["item_key"] for entry in known}
    keep_meeting(call, meeting, {"agenda": [*known, *(entry for entry in agenda if entry["item_key"] not in keys)]})
    return {"agenda": agenda}


def _put_on_agenda(call: ActionCall, meeting: Meeting) -> list[dict[str, object]]:
    entries = _read_agenda(call)
    items = {item_key: _lock_item(call, item_key) for item_key in sorted(entries)}  # all meetings lock in one order
    agenda = []
    for item_key, entry in entries.items():
        item = items[item_key]
        standing = call.tx.agenda_of_meeting_item(item_key)
        if item.committee != meeting.committee or not item.state.is_waiting:
            continue
        if standing not in {None, meeting.meeting_no}:
            continue
        if standing is None:
            item = replace(item, state=ItemState.SCHEDULED, meeting_no=meeting.meeting_no, updated_at=call.now)
            call.tx.update_meeting_item(item)
            call.tx.add_meeting_item_event(item, call.now, "scheduled", call.actor)
        agenda.append({**entry, **_describe_item(call, item)})
    return agenda


def _take_off(call: ActionCall, meeting: Meeting, kept: Iterable[object]) -> None:
    """Give back what stood on the agenda of a meeting before, and does so no longer."""
    for item in call.tx.meeting_items(meeting.meeting_no):
        if item.state is ItemState.SCHEDULED and item.item_key not in kept:
            call.tx.add_meeting_item_event(item, call.now, "unscheduled", call.actor)
            call.tx.update_meeting_item(replace(item, state=ItemState.OPEN, meeting_no=None, updated_at=call.now))


def _lock_item(call: ActionCall, item_key: str) -> MeetingItem:
    item = call.tx.lock_meeting_item(item_key)
    if item is None:
        raise ActionFailed(f"expected the numbers of items in 'agenda', found {item_key!r:.80}, which is none")
    return item


def _read_agenda(call: ActionCall) -> dict[str, Mapping[str, object]]:
    agenda = call.variables.get("agenda")
    if not isinstance(agenda, list):
        raise ActionFailed(f"expected a list of items in 'agenda', found {agenda!r:.80}")
    entries = (read_context({"entry": entry}, "entry") for entry in agenda)
    return {read_text(entry, "item_key"): entry for entry in entries}


def _describe_item(call: ActionCall, item: MeetingItem) -> dict[str, object]:
    today = call.now.astimezone(call.zone).date().isoformat()
    return {
        "item_key": item.item_key,
        "title": item.title,
        "facts": item.facts,
        "desired_decision": item.desired_decision,
        "source": item.source,
        "case_no": item.case_no,
        "urgency": item.urgency,
        "public": item.public,
        "reconsiders": item.reconsiders,
        "carried": item.carried,
        "overdue": item.next_on is not None and item.next_on < today,
    }
