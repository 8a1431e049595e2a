"""Meetings as people see them: the whole to those who belong to them or stand above, public items to everybody."""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from server import access
from server.errors import Conflict, Forbidden, InvalidArgument, NotFound
from server.model import MeetingState
from server.rights import Relation
from server.service.administration import note_change

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from typing import Any

    from server.access import Actor
    from server.model import Meeting, MeetingItem, MeetingItemEvent, Page, Query, Unit
    from server.service.context import Context
    from server.store import Reading

CODE_LENGTH = 8
OPEN_STATES = frozenset({MeetingState.SCHEDULED})


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item with what has happened to it."""

    item: MeetingItem
    events: tuple[MeetingItemEvent, ...]


@dataclass(frozen=True, slots=True)
class MeetingView:
    """A meeting with its items; `whole` tells whether the actor may see more than its public part."""

    meeting: Meeting
    items: tuple[ItemView, ...]
    whole: bool


@dataclass(frozen=True, slots=True)
class CommitteeCoverage:
    """How many sessions a committee has fixed for a span of time, and how many it has held in it."""

    committee: str
    scheduled: int
    held: int


def search_meetings(context: Context, actor: Actor, query: Query) -> Page[Meeting]:
    """Search meetings by what everybody may know of them: committee, kind, dates, state; raises `Forbidden`."""
    _require_reader(actor)
    with context.store.reading() as reading:
        return reading.search_meetings(query)


def get_meeting(context: Context, actor: Actor, meeting_no: str) -> MeetingView:
    """Return a meeting with its items; raises `Forbidden` and `NotFound`.

    Who neither belongs to the committee nor stands above it gets its public items only.
    """
    _require_reader(actor)
    with context.store.reading() as reading:
        meeting = reading.meeting(meeting_no)
        if meeting is None:
            raise NotFound(f"there is no meeting {meeting_no!r:.80}")
        whole = _sees_whole(reading, actor, meeting.committee, [meeting.content.get("plan", {})])
        items = [item for item in reading.meeting_items(meeting_no) if whole or item.public]
        views = tuple(ItemView(item, reading.meeting_item_events(item.item_key)) for item in items)
    return MeetingView(meeting, views, whole)


def get_item(context: Context, actor: Actor, item_key: str) -> ItemView:
    """Return an item with its history; raises `Forbidden`, and `NotFound` also where the actor may not know of it."""
    _require_reader(actor)
    with context.store.reading() as reading:
        item = reading.meeting_item(item_key)
        plans = [] if item is None else [plan.content for plan in reading.meeting_plans(item.committee)]
        if item is None or not (item.public or _sees_whole(reading, actor, item.committee, plans)):
            raise NotFound(f"there is no item {item_key!r:.80}")
        return ItemView(item, reading.meeting_item_events(item_key))


def get_codes(context: Context, actor: Actor, meeting_no: str) -> dict[str, str]:
    """Return the check-in codes of a meeting's seats: all for the secretary, to others that of their own seat.

    Raises `NotFound` for those who have none to see.
    """
    with context.store.reading() as reading:
        meeting = reading.meeting(meeting_no)
    plan: Mapping[str, Any] = {} if meeting is None else meeting.content.get("plan", {})
    names = access.find_own_names(actor)
    everything = access.may_keep_meeting_plans(actor) or plan.get("secretary") in names
    seats = [one["seat"] for one in plan.get("members", []) if everything or names & {one["person"], one["substitute"]}]
    if not seats:
        raise NotFound(f"there is no meeting {meeting_no!r:.80} with a seat of yours")
    return {seat: _make_code(context, meeting_no, seat) for seat in seats}


def check_in(context: Context, actor: Actor, meeting_no: str, code: str) -> str:
    """Note that whoever sits in the seat of a code is there, and return the seat; one code, one seat, once.

    Raises `NotFound` where there is no such meeting, `Conflict` when it takes no check-ins or the seat is taken, and
    `InvalidArgument` for a code of no seat.
    """
    _require_reader(actor)
    with context.store.transaction() as tx:
        meeting = tx.lock_meeting(meeting_no)
        if meeting is None:
            raise NotFound(f"there is no meeting {meeting_no!r:.80}")
        if meeting.state not in OPEN_STATES:
            raise Conflict(f"expected a meeting that is scheduled, found {meeting_no}, which is {meeting.state}")
        given = code.strip().upper().encode()
        seats = [one["seat"] for one in meeting.content["plan"]["members"]]
        found = [one for one in seats if hmac.compare_digest(_make_code(context, meeting_no, one).encode(), given)]
        if not found:
            raise InvalidArgument("签到码不对，请核对后重新输入 (expected the check-in code of a seat)")
        known = meeting.content.get("check_ins", {})
        if found[0] in known:
            raise Conflict(f"该席位已签到 (the seat {found[0]} has checked in already: one code, one seat)")
        check_ins = {**known, found[0]: context.now().isoformat()}
        tx.update_meeting(replace(meeting, content={**meeting.content, "check_ins": check_ins}))
        note_change(context, tx, actor, "CHECK_IN", "MEETING", meeting_no)
    return str(found[0])


def count_coverage(context: Context, actor: Actor, since: datetime, until: datetime) -> tuple[CommitteeCoverage, ...]:
    """Count the sessions of every committee that has an active plan, by the date of the session; raises `Forbidden`.

    The quarterly coverage (S3-01) is the share of committees with `held` above zero.
    """
    _require_reader(actor)
    if until <= since:
        raise InvalidArgument("expected an end after the beginning of the span")
    with context.store.reading() as reading:
        committees = dict.fromkeys(plan.committee for plan in reading.meeting_plans() if plan.active)
        return tuple(CommitteeCoverage(one, *reading.count_meetings(one, since, until)) for one in committees)


def _require_reader(actor: Actor) -> None:
    if not access.may_read_lists(actor):
        raise Forbidden


def _sees_whole(reading: Reading, actor: Actor, committee: str, plans: Iterable[Mapping[str, Any]]) -> bool:
    relations = set()
    names = access.find_own_names(actor)
    if any(names & _people(plan) for plan in plans):
        relations.add(Relation.COMMITTEE_MEMBER)
    if actor.groups & _groups_above({unit.unit_id: unit for unit in reading.units()}, committee):
        relations.add(Relation.ABOVE_COMMITTEE)
    return access.may_see_meeting(actor, relations)


def _people(plan: Mapping[str, Any]) -> set[str]:
    seats = {name for one in plan.get("members", []) for name in (one["person"], one.get("substitute")) if name}
    return seats | {plan["chair"], plan["secretary"], *plan.get("deputies", [])} if plan else set()


def _groups_above(units: Mapping[str, Unit], committee: str) -> set[str]:
    """Return the groups of the street and the district that a committee belongs to."""
    found = set()
    unit = units.get(committee)
    while unit is not None:
        role = {"street": "street_lead", "district": "district_office"}.get(unit.kind)
        if role:
            found.add(f"{role}@{unit.unit_id}")
        unit = units.get(unit.parent_id) if unit.parent_id else None
    return found


def _make_code(context: Context, meeting_no: str, seat: str) -> str:
    """Derive a seat's code from the installation's secret: nothing is stored, and nobody can guess another seat's."""
    text = f"meeting\x00{meeting_no}\x00{seat}".encode()
    digest = hmac.digest(context.config.secret_key, b"muster check-in\x00" + text, "sha256")
    return base64.b32encode(digest).decode()[:CODE_LENGTH]
