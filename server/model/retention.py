"""How long what is kept, and what was erased when its time was over."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class RetentionKind(StrEnum):
    """What is kept for a time of its own."""

    CONTACT = "contact"
    ORIGINAL = "original"
    ATTACHMENT = "attachment"
    FEEDBACK = "feedback"
    REVEAL_REASON = "reveal_reason"


ENTRY_KINDS: Mapping[RetentionKind, tuple[str, ...]] = {
    RetentionKind.CONTACT: ("identity", "contact"),
    RetentionKind.ORIGINAL: ("original",),
}
"""Kinds of vault entries that a rule is about; who reported may have them erased before their time."""


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """For how many days something is kept, from the final close of its case on (reasons: from when they were given).

    `variables` and `decisions` say where answers of residents stand: names of variables, ids of decisions.
    """

    kind: RetentionKind
    days: int
    variables: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()
    changed_by: str | None = None
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RetentionRun:
    """One run of the erasure, and its certificate: `days` of each rule and `counts` of what was erased by it.

    `schedule` and `tick` tell runs apart: the one of a day is there once. `ended_at` None: it goes on.
    """

    key: int
    schedule: str
    tick: str
    actor: str
    begun_at: datetime
    days: Mapping[str, int]
    counts: Mapping[str, int] = field(default_factory=dict)
    ended_at: datetime | None = None
