"""Actions on a meeting itself: opened by its plan, recorded, counted. Its rules are DMN and FEEL."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from server.actions.inputs import read_choice, read_context, read_text, read_time
from server.actions.registry import ActionFailed, action
from server.governance.masking import mask_text
from server.model import Meeting, MeetingState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.actions.registry import ActionCall
    from server.model import MeetingPlan

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
    keep_meeting(call, replace(meeting, state=state, held_at=held_at), changes)
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


def keep_meeting(call: ActionCall, meeting: Meeting, changes: Mapping[str, object]) -> None:
    """Write a meeting with other entries in its content."""
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
