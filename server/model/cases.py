"""Cases: one matter of residents each, from its report to its end. Who reported it stands nowhere in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class CaseState(StrEnum):
    """Where a case stands, in the words of domain.md §4.1."""

    OPEN = "open"
    PARKED = "parked"
    MERGED = "merged"
    SPLIT = "split"
    REOPENED_OLD = "reopened_old"
    WITHDRAWN = "withdrawn"
    REFERRED_EMERGENCY = "referred_emergency"
    ANSWERED_NOT_ACCEPTED = "answered_not_accepted"
    CLOSED_RESOLVED = "closed_resolved"
    CLOSED_EXPLAINED = "closed_explained"
    CLOSED_UNCONFIRMED = "closed_unconfirmed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether nothing more happens with the case unless it is reopened."""
        return self not in {CaseState.OPEN, CaseState.PARKED}


@dataclass(frozen=True, slots=True)
class CasePlace:
    """Where a matter is: a text, the code of a grid, a point in degrees (WGS-84), and the units that it lies in.

    `building` is the text as places are compared by.
    """

    text: str | None = None
    building: str | None = None
    grid_code: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    street: str | None = None
    community: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One matter. `title` and `text` are masked; what they hid is in the vault, if it was kept at all.

    `reporters` counts how often it was reported. `recurrence_of` and `joined_to` are case numbers. `conflict_unit` is
    the unit that the report is about: it never sees the case. `identity` `vault_only`: who reported is told to nobody.
    `reply` is what residents are told, `review_at` when a parked case is looked at again.
    """

    key: int
    case_no: str
    root_key: int
    title: str
    received_at: datetime
    text: str = ""
    state: CaseState = CaseState.OPEN
    category: str | None = None
    urgency: str | None = None
    channel: str | None = None
    place: CasePlace = field(default_factory=CasePlace)
    lead_unit: str | None = None
    conflict_unit: str | None = None
    identity: str | None = None
    reporters: int = 1
    recurrence_of: str | None = None
    joined_to: str | None = None
    outcome: str | None = None
    reply: str | None = None
    reopened: int = 0
    review_at: datetime | None = None
    parked_reason: str | None = None
    closed_at: datetime | None = None
    secret_hash: str | None = None
    erasure_asked_at: datetime | None = None
