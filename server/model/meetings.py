"""Joint meetings (联席会议): plans, meetings, what is brought before a committee and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime


class ItemState(StrEnum):
    """Where an item stands."""

    OPEN = "open"
    SCHEDULED = "scheduled"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"

    @property
    def is_waiting(self) -> bool:
        """Whether a committee has still to decide on it."""
        return self in {ItemState.OPEN, ItemState.SCHEDULED}


@dataclass(frozen=True, slots=True)
class MeetingItem:
    """What a committee is asked to decide on: one item, one number for good, from committee to committee.

    `committee` is the unit that has it now, `carried` how often a meeting put it off, `meeting_no` the meeting whose
    agenda it stands on, or that decided last. `public` items are for everybody to read. `case_no`, `reconsiders` (the
    number of an item whose decision proved impossible) and `root_key`, the root instance that proposed it, say where
    it comes from. `next_on` is the date that it was put off to.
    """

    key: int
    item_key: str
    committee: str
    title: str
    facts: str
    desired_decision: str
    source: str
    urgency: str | None
    public: bool
    proposed_at: datetime
    updated_at: datetime
    state: ItemState = ItemState.OPEN
    case_no: str | None = None
    reconsiders: str | None = None
    root_key: int | None = None
    carried: int = 0
    meeting_no: str | None = None
    decision: str | None = None
    next_on: str | None = None


@dataclass(frozen=True, slots=True)
class MeetingItemEvent:
    """Something that happened to an item: `verb` is proposed, scheduled, carried, decided, lifted, moved or withdrawn.

    `committee` is the one that had it then.
    """

    item_key: str
    number: int
    at: datetime
    verb: str
    committee: str
    actor: str
    meeting_no: str | None = None
    decision: str | None = None
    note: str | None = None


class MeetingState(StrEnum):
    """Where a meeting stands."""

    OPEN = "open"
    SCHEDULED = "scheduled"
    HELD = "held"
    CIRCULATED = "circulated"
    NOT_HELD = "not_held"
    CLOSED = "closed"

    @property
    def has_agenda(self) -> bool:
        """Whether it has still to come to what stands on its agenda."""
        return self in {MeetingState.OPEN, MeetingState.SCHEDULED, MeetingState.HELD}


class Period(StrEnum):
    """How often a committee meets; `none`: only when it is called."""

    QUARTER = "quarter"
    MONTH = "month"
    FORTNIGHT = "fortnight"
    WEEK = "week"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class MeetingPlan:
    """How one committee meets for one kind of meeting.

    `content` holds `chair`, `deputies` in their order, `secretary`, `place`, `online`, `quorum_rule` (half, two_thirds,
    custom with `quorum_num` and `quorum_den`) and `members`, each `{seat, kind, unit, person, substitute}`.
    `next_start_at` is the tick at which the next meeting begins, None while nothing begins by itself. `anchor_on` is
    the day from which weeks and fortnights are counted.
    """

    key: int
    committee: str
    kind: str
    period: Period
    content: dict[str, Any]
    updated_at: datetime
    active: bool = True
    anchor_on: str | None = None
    next_start_at: datetime | None = None
    version: int = 1
    changed_by: str | None = None


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting. `content` holds plan, agenda, attendance, check-ins, decisions and all versions of the minutes.

    `held_at` is when the quorate session began: by it, a quarter counts as held.
    """

    key: int
    meeting_no: str
    committee: str
    kind: str
    root_key: int
    opened_at: datetime
    updated_at: datetime
    state: MeetingState = MeetingState.OPEN
    session_at: datetime | None = None
    held_at: datetime | None = None
    content: dict[str, Any] = field(default_factory=dict)
