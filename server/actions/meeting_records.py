"""Actions on a meeting itself: opened by its plan, scheduled, recorded, counted. Its rules are DMN and FEEL."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from server.actions.inputs import read_choice, read_context, read_optional_text, read_text, read_time
from server.actions.registry import ActionFailed, action
from server.governance.masking import mask_text
from server.model import ItemState, Meeting, MeetingState

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from server.actions.registry import ActionCall
    from server.model import MeetingItem, MeetingPlan

MOST_ITEMS = 200
"""How many items of a backlog a meeting is shown: as many as an activity goes through one after the other."""
STATES = tuple(state.value for state in MeetingState)


@action("meeting.open")
def open_meeting(call: ActionCall) -> Mapping[str, object]:
    """Open a meeting of a committee. Inputs `committee`, `kind`.

    Outputs `meeting_no`; `meeting_plan`, the committee's plan for this kind, or for a kind without one (a meeting that
    is called) its first plan, with `committee`, `kind`, `period` and for each member a `label`; `absent_before`, the
    units that were absent from the last meeting of this kind.

    :raises ActionFailed: when the committee has no plan
    """
    committee, kind = read_text(call.variables, "committee"), read_text(call.variables, "kind")
    plan = _find_plan(call, committee, kind)
    shown = _describe_plan(call, plan, kind)
    year = call.now.astimezone(call.zone).year
    number = call.tx.next_number(f"meeting/{committee}/{year}")
    meeting = Meeting(
        key=next(call.tx.keys),
        meeting_no=f"{committee}-M{year}-{number:03d}",
        committee=committee,
        kind=kind,
        root_key=call.job.place.root_key,
        opened_at=call.now,
        updated_at=call.now,
        content={"plan": shown},
    )
    last = call.tx.last_held_meeting(committee, kind)
    call.tx.add_meeting(meeting)
    absent = [] if last is None else last.content.get("absent_units", [])
    return {"meeting_no": meeting.meeting_no, "meeting_plan": shown, "absent_before": absent}


@action("meeting.collect")
def collect_backlog(call: ActionCall) -> Mapping[str, object]:
    """Return what a committee has still to decide on, oldest first, at most 200. Input `committee`; output `backlog`.

    Every entry has the item's fields, `carried`, and `overdue`: whether the day that it was put off to is over.
    """
    today = call.now.astimezone(call.zone).date().isoformat()
    items = call.tx.meeting_backlog(read_text(call.variables, "committee"), MOST_ITEMS)
    return {"backlog": [_describe_item(item, today) for item in items]}


@action("meeting.schedule")
def schedule_meeting(call: ActionCall) -> Mapping[str, object]:
    """Fix when a meeting takes place. Inputs `meeting_no`, `session_at`; `place` and `agenda` may be left out.

    `agenda` is a list of contexts with `item_key`: these items stand on the agenda from now on, in this order. A
    meeting that is scheduled again keeps what it had, but who has checked in for another date. No output.

    :raises ActionFailed: when something is missing or of the wrong kind
    """
    meeting = find_meeting(call)
    session_at = read_time(call.variables, "session_at", call.zone)
    if session_at is None:
        raise ActionFailed("expected a date and time in 'session_at', found none")
    changes: dict[str, object] = {"place": read_optional_text(call.variables, "place") or meeting.content.get("place")}
    if session_at != meeting.session_at:
        changes["check_ins"] = {}
    if call.variables.get("agenda") is not None:
        changes["agenda"] = [dict(entry) for entry in _read_agenda(call)]
        for entry in _read_agenda(call):
            _put_on_agenda(call, meeting, read_text(entry, "item_key"))
    scheduled = replace(meeting, state=MeetingState.SCHEDULED, session_at=session_at)
    _keep(call, scheduled, changes)
    return {}


@action("meeting.record")
def record_meeting(call: ActionCall) -> Mapping[str, object]:
    """Write down what happened at a meeting. Inputs `meeting_no`, `record`; `state` and `held_at` may be left out.

    The entries of `record` replace those of the same name; those of `minutes` are added to the versions before,
    and the texts of `public_minutes` are masked. No output.

    :raises ActionFailed: when something is missing or of the wrong kind
    """
    meeting = find_meeting(call)
    changes = dict(read_context(call.variables, "record"))
    if "minutes" in changes:
        changes["minutes"] = [*meeting.content.get("minutes", []), changes["minutes"]]
    if "public_minutes" in changes:
        changes["public_minutes"] = _mask(changes["public_minutes"])
    state = MeetingState(read_choice(call.variables, "state", STATES, meeting.state.value))
    held_at = read_time(call.variables, "held_at", call.zone) or meeting.held_at
    _keep(call, replace(meeting, state=state, held_at=held_at), changes)
    return {}


@action("meeting.attendance")
def read_attendance(call: ActionCall) -> Mapping[str, object]:
    """Return who has checked in by code so far. Input `meeting_no`; output `checked_in`, a list of seats."""
    return {"checked_in": sorted(find_meeting(call).content.get("check_ins", {}))}


@action("meeting.coverage")
def count_coverage(call: ActionCall) -> Mapping[str, object]:
    """Count a committee's meetings of any kind whose session lies in a span. Inputs `committee`, `from`, `until`.

    Outputs `scheduled` (a date is fixed, or it was held) and `held` (it was quorate), by the date of the session.

    :raises ActionFailed: when something is missing or of the wrong kind
    """
    since, until = (read_time(call.variables, name, call.zone) for name in ("from", "until"))
    if since is None or until is None:
        raise ActionFailed("expected dates in 'from' and 'until', found one of them missing")
    scheduled, held = call.tx.count_meetings(read_text(call.variables, "committee"), since, until)
    return {"scheduled": scheduled, "held": held}


def find_meeting(call: ActionCall) -> Meeting:
    """Lock the meeting in the input `meeting_no` and return it.

    :raises ActionFailed: when this root instance has no such meeting
    """
    meeting_no = read_text(call.variables, "meeting_no")
    meeting = call.tx.lock_meeting(meeting_no)
    if meeting is None or meeting.root_key != call.job.place.root_key:
        raise ActionFailed(f"expected the number of this instance's meeting in 'meeting_no', found {meeting_no!r:.80}")
    return meeting


def _keep(call: ActionCall, meeting: Meeting, changes: Mapping[str, object]) -> None:
    content = {**meeting.content, **changes}
    call.tx.update_meeting(replace(meeting, updated_at=call.now, content=content))


def _mask(value: object) -> object:
    """Mask every text in a value: what is published names nobody."""
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, list):
        return [_mask(one) for one in value]
    if isinstance(value, dict):
        return {name: _mask(one) for name, one in value.items()}
    return value


def _find_plan(call: ActionCall, committee: str, kind: str) -> MeetingPlan:
    plans = call.tx.meeting_plans(committee)
    if not plans:
        raise ActionFailed(
            f"expected a committee with a meeting plan in 'committee', found {committee!r:.80}; an administrator adds "
            "one at /api/meetings/plans, then resolve the incident"
        )
    return next((plan for plan in plans if plan.kind == kind), plans[0])


def _describe_plan(call: ActionCall, plan: MeetingPlan, kind: str) -> dict[str, object]:
    names = {unit.unit_id: unit.name for unit in call.tx.units()}
    members = []
    for member in plan.content.get("members", []):
        account = call.tx.user_account(str(member["person"]))
        person = str(member["person"]) if account is None else account.display_name
        unit = names.get(str(member["unit"]), str(member["unit"]))
        members.append({**member, "label": f"{unit} {person}"})
    name = names.get(plan.committee, plan.committee)
    known = {"committee": plan.committee, "committee_name": name, "kind": kind, "period": plan.period.value}
    return {**plan.content, **known, "members": members}


def _describe_item(item: MeetingItem, today: str) -> dict[str, object]:
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


def _read_agenda(call: ActionCall) -> Iterator[Mapping[str, object]]:
    agenda = call.variables["agenda"]
    if not isinstance(agenda, list):
        raise ActionFailed(f"expected a list of items in 'agenda', found {agenda!r:.80}")
    for entry in agenda:
        yield read_context({"entry": entry}, "entry")


def _put_on_agenda(call: ActionCall, meeting: Meeting, item_key: str) -> None:
    item = call.tx.meeting_item(item_key)
    if item is None or item.committee != meeting.committee or not item.state.is_waiting:
        raise ActionFailed(f"expected items of the backlog of {meeting.committee} in 'agenda', found {item_key!r:.80}")
    if item.meeting_no != meeting.meeting_no:
        changed = replace(item, state=ItemState.SCHEDULED, meeting_no=meeting.meeting_no, updated_at=call.now)
        call.tx.update_meeting_item(changed)
        call.tx.add_meeting_item_event(changed, call.now, "scheduled", call.actor)
