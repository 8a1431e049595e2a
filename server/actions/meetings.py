"""Actions on what committees decide on (联席会议议题). No rule of theirs is here: who may, how many, when is DMN."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from server.actions.inputs import read_context, read_flag, read_optional_text, read_text
from server.actions.registry import ActionFailed, action
from server.governance.masking import mask_text
from server.governance.meetings import COMMITTEE, find_committee
from server.model import ItemState, MeetingItem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.actions.registry import ActionCall

ENTRIES = frozenset(
    {"title", "facts", "desired_decision", "case_no", "urgency", "source", "public", "reconsiders"},
)
LONGEST_TITLE = 60


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


def find_item(call: ActionCall) -> MeetingItem:
    """Return the item in the input `item_key`.

    :raises ActionFailed: when there is none
    """
    item_key = read_text(call.variables, "item_key")
    item = call.tx.meeting_item(item_key)
    if item is None:
        raise ActionFailed(f"expected the number of an item in 'item_key', found {item_key!r:.80}, which is none")
    return item


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
