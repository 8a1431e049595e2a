"""Indicators of units: shares with what they count, so that no number stands without its cases.

Source: domain.md §2.3. Nothing is counted as done because a unit says so: whether a matter is resolved is what
residents answer. Who was not reached is listed, not counted; exempted cases are shown with and without. A rank needs
thirty answers, and goes by the lower end of what the answers allow (Wilson, 95 %), not by the plain percentage.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from math import sqrt
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import datetime, timedelta

CONFIDENCE = 1.959963984540054
"""The quantile of the normal distribution for 95 % on both sides."""
SOLVED = "yes"
SATISFIED = frozenset({"very_satisfied", "satisfied"})
ACCEPTABLE = "acceptable"
REACHED = "reached"
ACCURATE, WITHDRAWN = "accurate", "withdrawn"
RECURRENCE_DAYS = 90


class Indicator(StrEnum):
    """What is measured; each is a share of what it counts, disputes are per hundred orders."""

    RESPONSE = "response"
    RESOLUTION = "resolution"
    SATISFACTION = "satisfaction"
    ON_TIME = "on_time"
    REOPENED = "reopened"
    EXEMPTED = "exempted"
    DISPUTED = "disputed"
    WHISTLE_ACCURACY = "whistle_accuracy"
    WHISTLE_RECURRENCE = "whistle_recurrence"
    MEETING_COVERAGE = "meeting_coverage"
    CARRIED = "carried"


RESIDENTS_ANSWERS = frozenset({Indicator.RESOLUTION, Indicator.SATISFACTION})
"""Whose cases the unit itself is not shown: it must not learn who answered what (domain.md §5, P05)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A case of a share: `credit` is what it adds to the numerator, 0 to 1; `ref` is a case number, or another key."""

    ref: str
    credit: float


@dataclass(frozen=True, slots=True)
class Share:
    """A numerator and a denominator by their cases; `listed` are named with a reason, but not counted."""

    entries: tuple[Entry, ...] = ()
    listed: tuple[tuple[str, str], ...] = ()

    @property
    def numerator(self) -> float:
        """The sum of the credits."""
        return sum(entry.credit for entry in self.entries)

    @property
    def denominator(self) -> int:
        """How many are counted."""
        return len(self.entries)

    @property
    def value(self) -> float | None:
        """The share, or None where nothing is counted."""
        return self.numerator / self.denominator if self.entries else None

    @property
    def lower(self) -> float | None:
        """The lower end of the Wilson interval at 95 %, or None where nothing is counted."""
        return wilson_lower(self.numerator, self.denominator)

    def without(self, refs: Collection[str]) -> Share:
        """Return the share without some cases, which it then lists as exempted."""
        kept = tuple(entry for entry in self.entries if entry.ref not in refs)
        left = tuple((entry.ref, "exempted") for entry in self.entries if entry.ref in refs)
        return Share(kept, (*self.listed, *left))


@dataclass(frozen=True, slots=True)
class ClockFact:
    """A clock of a unit: what it was for, until when, and when it was stopped."""

    ref: str
    unit: str
    started_at: datetime
    due_at: datetime
    ended_at: datetime | None = None
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class AnswerFact:
    """What a resident answered about the result of a case."""

    ref: str
    unit: str
    contacted: str | None
    solved: str | None
    satisfied: str | None


@dataclass(frozen=True, slots=True)
class FlagFact:
    """A case, order or whistle of a unit that has some property or not; None: that is not known yet, for a reason."""

    ref: str
    unit: str
    holds: bool | None
    reason: str = "open"


@dataclass(frozen=True, slots=True)
class WhistleFact:
    """A whistle of a street: about what, where, when, and what came of it (None while it is open)."""

    ref: str
    unit: str
    category: str
    building: str
    at: datetime
    accuracy: str | None


@dataclass(frozen=True, slots=True)
class Weights:
    """How the three rates make one number, and from how many answers on there is a rank: a row of table D7."""

    response: float
    resolution: float
    satisfaction: float
    acceptable: float
    least_answers: int


@dataclass(frozen=True, slots=True)
class UnitIndicators:
    """All indicators of a unit: `raw` with the exempted cases, `adjusted` without. `hours` are working hours."""

    unit: str
    raw: Mapping[Indicator, Share] = field(default_factory=dict)
    adjusted: Mapping[Indicator, Share] = field(default_factory=dict)
    median_hours: float | None = None
    composite: float | None = None
    rank: int | None = None


def wilson_lower(numerator: float, denominator: int) -> float | None:
    """Return the lower end of the Wilson score interval at 95 %; None for nothing counted."""
    if not denominator:
        return None
    share, z = numerator / denominator, CONFIDENCE
    centre = share + z * z / (2 * denominator)
    spread = z * sqrt(share * (1 - share) / denominator + z * z / (4 * denominator * denominator))
    return max(0.0, (centre - spread) / (1 + z * z / denominator))


def measure_clocks(clocks: Iterable[ClockFact], now: datetime) -> Share:
    """Return the share of clocks that were stopped in time; what still runs in time, or was cancelled, is listed."""
    entries, listed = [], []
    for clock in clocks:
        if clock.cancelled:
            listed.append((clock.ref, "cancelled"))
        elif clock.ended_at is None and now <= clock.due_at:
            listed.append((clock.ref, "running"))
        else:
            entries.append(Entry(clock.ref, float(clock.ended_at is not None and clock.ended_at <= clock.due_at)))
    return Share(tuple(entries), tuple(listed))


def measure_resolution(answers: Iterable[AnswerFact]) -> Share:
    """Return the share of those answered who say that it is solved."""
    return _measure_answers(answers, lambda one: float(one.solved == SOLVED))


def measure_satisfaction(answers: Iterable[AnswerFact], acceptable: float) -> Share:
    """Return the share of those answered who are satisfied; 基本满意 counts `acceptable`."""
    return _measure_answers(
        answers, lambda one: 1.0 if one.satisfied in SATISFIED else acceptable if one.satisfied == ACCEPTABLE else 0.0
    )


def _measure_answers(answers: Iterable[AnswerFact], credit: Callable[[AnswerFact], float]) -> Share:
    entries, listed = [], []
    for one in answers:
        if one.contacted == REACHED and one.solved is not None:
            entries.append(Entry(one.ref, credit(one)))
        else:
            listed.append((one.ref, one.contacted or "not_asked"))
    return Share(tuple(entries), tuple(listed))


def measure_flags(flags: Iterable[FlagFact]) -> Share:
    """Return the share of those that have a property; those of which it is not known are listed."""
    flags = tuple(flags)
    return Share(
        tuple(Entry(one.ref, float(one.holds)) for one in flags if one.holds is not None),
        tuple((one.ref, one.reason) for one in flags if one.holds is None),
    )


def measure_accuracy(whistles: Iterable[WhistleFact]) -> Share:
    """Return the share of whistles that reached the right unit with good reason; open and withdrawn ones are listed."""
    return measure_flags(
        FlagFact(one.ref, one.unit, None, one.accuracy or "open")
        if one.accuracy in {None, WITHDRAWN}
        else FlagFact(one.ref, one.unit, one.accuracy == ACCURATE)
        for one in whistles
    )


def measure_recurrence(whistles: Sequence[WhistleFact], earlier: Sequence[WhistleFact]) -> Share:
    """Return the share of whistles about a matter for which there was one within the 90 days before.

    `earlier` are whistles before the period; those of the period are looked at, too.
    """
    before: dict[tuple[str, str, str], list[datetime]] = {}
    for one in (*earlier, *whistles):
        before.setdefault((one.unit, one.category, one.building), []).append(one.at)
    return measure_flags(FlagFact(one.ref, one.unit, _came_back(one, before)) for one in whistles)


def _came_back(one: WhistleFact, before: Mapping[tuple[str, str, str], Sequence[datetime]]) -> bool:
    moments = before[one.unit, one.category, one.building]
    return any(at < one.at and (one.at - at).days < RECURRENCE_DAYS for at in moments)


def find_median_hours(spans: Iterable[timedelta]) -> float | None:
    """Return the median of working times in hours; None for none."""
    hours = [span.total_seconds() / 3600 for span in spans]
    return median(hours) if hours else None


def weigh(shares: Mapping[Indicator, Share], weights: Weights) -> float | None:
    """Return the three rates as one number; None where one of them counts nothing."""
    parts = (
        (shares[Indicator.RESPONSE].value, weights.response),
        (shares[Indicator.RESOLUTION].value, weights.resolution),
        (shares[Indicator.SATISFACTION].value, weights.satisfaction),
    )
    known = [value * weight for value, weight in parts if value is not None]
    return sum(known) if len(known) == len(parts) else None


def rank_units(units: Iterable[UnitIndicators], least_answers: int) -> dict[str, int]:
    """Return the ranks of units with enough answers, by the lower end of their satisfaction; equals share a rank."""
    lower = {
        one.unit: share.lower or 0.0
        for one in units
        if (share := one.adjusted[Indicator.SATISFACTION]).denominator >= max(least_answers, 1)
    }
    return {unit: 1 + sum(other > mine for other in lower.values()) for unit, mine in lower.items()}
