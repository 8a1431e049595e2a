"""Joint meetings (联席会议): what is brought before a committee, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

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
    """Something that happened to an item: `verb` is proposed, scheduled, decided, lifted or withdrawn.

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
