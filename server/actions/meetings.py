"""Actions on what committees decide on (联席会议议题). No rule of theirs is here: who may, how many, when is DMN."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from server.actions.inputs import read_choice, read_context, read_flag, read_optional_text, read_text
from server.actions.meeting_agenda import MOST_ITEMS
from server.actions.meeting_records import find_meeting
from server.actions.registry import ActionFailed, action
from server.governance.masking import mask_text
from server.governance.meetings import COMMITTEE, find_committee, find_own_committee
from server.model import ItemState, MeetingItem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.actions.registry import ActionCall

ENTRIES = frozenset(
    {"title", "facts", "desired_decision", "case_no", "urgency", "source", "public", "reconsiders"},
)
LONGEST_TITLE = 60
VERBS = {
    "task": "decided",
    "project": "decided",
    "lift": "lifted",
    "no_action_explained": "decided",
    "carry": "carried",
    "withdraw": "withdrawn",
}
"""What can be decided, and what it is called in an item's history."""
DECISIONS = frozenset(VERBS)
ENDED = frozenset({"done", "cancelled", "closed"})


@action("meeting.propose")
def propose_item(call: ActionCall) -> Mapping[str, object]:
    """Put an item into the backlog of a committee.

    Inputs `committee`, the id of a committee, or of any unit: then the committee at that unit or, where it has none,
    at the nearest unit above it; and `item`, a context with `title` (at most 60 characters), `facts`,
    `desired_decision`, `source` (the process or list that it comes from), and where they are known `case_no`,
    `urgency`, `public` (false unless said) and `reconsiders`, the number of an item whose decision proved impossible.
    Outputs `item_key`, the item's number for good, and `committee`.

    :raises ActionFailed: when something is missing or of the wrong kind, or there is no committee
    """
    content = read_context(call.variables, "item")
    unknown = sorted(content.keys() - ENTRIES)
    if unknown:
        raise ActionFailed(f"expected entries of an item ({', '.join(sorted(ENTRIES))}), found {', '.join(unknown)}")
    committee = _find_committee(call)
    year = call.now.astimezone(call.zone).year
    number = call.tx.next_number(f"meeting_item/{committee}/{year}")
    item = MeetingItem(
        key=next(call.tx.keys),
        item_key=f"{committee}-{year}-{number:04d}",
        committee=committee,
        title=_read_title(content),
        facts=mask_text(read_text(content, "facts")),
        desired_decision=mask_text(read_text(content, "desired_decision")),
        source=read_text(content, "source"),
        urgency=read_optional_text(content, "urgency"),
        public=read_flag(content, "public", default=False),
        proposed_at=call.now,
        updated_at=call.now,
        case_no=read_optional_text(content, "case_no"),
        reconsiders=_read_reconsidered(call, content),
        root_key=call.job.place.root_key,
    )
    call.tx.add_meeting_item(item)
    call.tx.add_meeting_item_event(item, call.now, "proposed", call.actor)
    return {"item_key": item.item_key, "committee": committee}


@action("meeting.withdraw")
def withdraw_item(call: ActionCall) -> Mapping[str, object]:
    """Take an item out of the backlog that this root instance proposed. Inputs `item_key`, `reason`. No output.

    An item that was decided stays decided: only a meeting changes that, by a new item that `reconsiders` it.

    :raises ActionFailed: when the root instance proposed no such item
    """
    item = find_item(call)
    if item.root_key != call.job.place.root_key:
        raise ActionFailed(f"expected an item that this instance proposed in 'item_key', found {item.item_key!r}")
    if item.state.is_waiting:
        changed = replace(item, state=ItemState.WITHDRAWN, updated_at=call.now)
        call.tx.update_meeting_item(changed)
        note = mask_text(read_text(call.variables, "reason"))
        call.tx.add_meeting_item_event(changed, call.now, "withdrawn", call.actor, note=note)
    return {}


@action("meeting.decide")
def decide_item(call: ActionCall) -> Mapping[str, object]:
    """Write down what a meeting decided on an item of its committee.

    Inputs `item_key`, `meeting_no`, `decision` (task, project, lift, no_action_explained, carry, withdraw) and `note`;
    `next_on` (the day that a carried item is put off to), `rows` (keys of the rows that the decision made) and, for
    lift, `lift_to`, a unit, may be left out. What is carried goes back to the backlog and counts one more; what is
    lifted goes, with its number and history, to the committee at the unit `lift_to` or above it. Outputs
    `carried_count` and `lifted_to`, the committee that has the item now, or null where there is none above.

    :raises ActionFailed: when something is missing or of the wrong kind
    """
    meeting, item = find_meeting(call), find_item(call)
    standing = call.tx.agenda_of_meeting_item(item.item_key)
    foreign = item.committee != meeting.committee or standing not in {None, meeting.meeting_no}
    if foreign or not item.state.is_waiting:
        raise ActionFailed(f"expected an item that {meeting.committee} has to decide on, found {item.item_key!r}")
    decision = read_choice(call.variables, "decision", DECISIONS)
    note = mask_text(read_text(call.variables, "note"))
    changes: dict[str, Any] = {"decision": decision, "meeting_no": meeting.meeting_no, "updated_at": call.now}
    lifted_to = None
    if decision == "carry":
        changes |= {
            "state": ItemState.OPEN,
            "carried": item.carried + 1,
            "next_on": read_optional_text(call.variables, "next_on"),
        }
    elif decision == "lift":
        lifted_to = _find_above(call, item)
        changes |= {"state": ItemState.DECIDED if lifted_to is None else ItemState.OPEN}
    else:
        changes |= {"state": ItemState.WITHDRAWN if decision == "withdraw" else ItemState.DECIDED}
    decided = replace(item, **changes)
    call.tx.add_meeting_item_event(decided, call.now, VERBS[decision], call.actor, decision=decision, note=note)
    moved = decided if lifted_to is None else replace(decided, committee=lifted_to, carried=0, next_on=None)
    call.tx.update_meeting_item(moved)
    entry = {"item_key": item.item_key, "decision": decision, "note": note, "rows": _read_rows(call)}
    decisions = [*meeting.content.get("decisions", []), entry]
    call.tx.update_meeting(replace(meeting, content={**meeting.content, "decisions": decisions}, updated_at=call.now))
    return {"carried_count": decided.carried, "lifted_to": lifted_to}


@action("meeting.cancel_rows")
def cancel_rows(call: ActionCall) -> Mapping[str, object]:
    """Cancel the rows that an earlier decision made: only a meeting does that, by an item that reconsiders it.

    Input `item_key`, the item that was decided on earlier. Output `cancelled_rows`, keys of the rows that were not
    done or cancelled yet.

    :raises ActionFailed: when there is no such item
    """
    item = find_item(call)
    decided_at = None if item.meeting_no is None else call.tx.meeting(item.meeting_no)
    decisions = [] if decided_at is None else decided_at.content.get("decisions", [])
    keys = [key for entry in decisions if entry["item_key"] == item.item_key for key in entry["rows"]]
    cancelled = []
    for key in keys:
        row = call.tx.list_row(int(key))
        if row is not None and row.status not in ENDED:
            changed = replace(row, status="cancelled", version=row.version + 1, updated_at=call.now)
            call.tx.update_list_row(replace(changed, changed_by=call.actor))
            cancelled.append(key)
    return {"cancelled_rows": cancelled}


@action("meeting.succeed")
def move_backlog(call: ActionCall) -> Mapping[str, object]:
    """Give what a unit's committee has still to decide on to the committee of its successor, with its history.

    Inputs `unit`, a committee or the unit that has it (for other units nothing is moved), and `successor`, a committee
    or a unit. Output `moved`, how many items.

    :raises ActionFailed: when the successor has no committee
    """
    units = {unit.unit_id: unit for unit in call.tx.units()}
    source = find_own_committee(units, read_text(call.variables, "unit"))
    target = find_committee(units, read_text(call.variables, "successor"))
    if target is None:
        raise ActionFailed("expected a unit with a committee in 'successor', found none")
    backlog = () if source in {None, target} else call.tx.meeting_backlog(str(source), MOST_ITEMS)
    for known in backlog:
        item = call.tx.lock_meeting_item(known.item_key)
        if item is None or not item.state.is_waiting:
            continue
        moved = replace(item, committee=target, state=ItemState.OPEN, meeting_no=None, updated_at=call.now)
        call.tx.update_meeting_item(moved)
        call.tx.add_meeting_item_event(moved, call.now, "moved", call.actor, note=source)
    return {"moved": len(backlog)}


def find_item(call: ActionCall) -> MeetingItem:
    """Lock the item in the input `item_key` and return it.

    :raises ActionFailed: when there is none
    """
    item_key = read_text(call.variables, "item_key")
    item = call.tx.lock_meeting_item(item_key)
    if item is None:
        raise ActionFailed(f"expected the number of an item in 'item_key', found {item_key!r:.80}, which is none")
    return item


def _find_above(call: ActionCall, item: MeetingItem) -> str | None:
    unit_id = read_optional_text(call.variables, "lift_to")
    if unit_id is None:
        return None
    units = {unit.unit_id: unit for unit in call.tx.units()}
    found = find_committee(units, unit_id)
    if found == item.committee:  # the unit of that committee itself was named: one further up
        home = units[found].parent_id
        above = units[home].parent_id if home else None
        return find_committee(units, above) if above else None
    return found


def _read_rows(call: ActionCall) -> list[str]:
    rows = call.variables.get("rows") or []
    if not isinstance(rows, list) or not all(isinstance(key, str) and key.isdecimal() for key in rows):
        raise ActionFailed(f"expected a list of keys of rows in 'rows', found {rows!r:.80}")
    return rows


def _find_committee(call: ActionCall) -> str:
    unit_id = read_text(call.variables, "committee")
    found = find_committee({unit.unit_id: unit for unit in call.tx.units()}, unit_id)
    if found is None:
        raise ActionFailed(
            f"expected a unit of kind {COMMITTEE}, or one that has a committee or lies below one that has, in "
            f"'committee', found {unit_id!r:.80}"
        )
    return found


def _read_title(content: Mapping[str, object]) -> str:
    title = read_text(content, "title")
    if len(title) > LONGEST_TITLE:
        raise ActionFailed(f"expected at most {LONGEST_TITLE} characters in 'title', found {len(title)}")
    return mask_text(title)


def _read_reconsidered(call: ActionCall, content: Mapping[str, object]) -> str | None:
    item_key = read_optional_text(content, "reconsiders")
    known = None if item_key is None else call.tx.meeting_item(item_key)
    if item_key is not None and (known is None or known.state is not ItemState.DECIDED):
        raise ActionFailed(f"expected the number of an item that was decided in 'reconsiders', found {item_key!r:.80}")
    return item_key
