"""Whether two reports may be about one matter: the facts that a decision table (D12) decides by.

Nothing is decided here: how near, how alike and how long ago is enough to join, reopen or link stands in the table.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.governance.places import measure_distance
from server.governance.script import simplify
from server.model import CaseState

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from server.model import Case, CasePlace

COMPARABLE = frozenset(
    {
        CaseState.OPEN,
        CaseState.PARKED,
        CaseState.CLOSED_RESOLVED,
        CaseState.CLOSED_EXPLAINED,
        CaseState.CLOSED_UNCONFIRMED,
        CaseState.ANSWERED_NOT_ACCEPTED,
    }
)
"""States of cases that a report may join, reopen or link to; the others stand for another case, or for none."""
RECENT_DAYS = 90
"""Within how many days similar cases are counted (domain.md §6, D12)."""
_NOISE = re.compile(r"[^0-9a-z\u3400-\u9fff]+")


@dataclass(frozen=True, slots=True)
class Similarity:
    """What two cases have in common. What cannot be known, such as a distance without points, is None.

    `text_sim` goes from 0 to 1. Days are whole days up to now; `days_since_closed` is None while the case is open.
    """

    case: Case
    category_same: bool
    distance_m: int | None
    same_building: bool
    days_since_open: int
    days_since_closed: int | None
    text_sim: float


def compare_texts(one: str, other: str) -> float:
    """Return how alike two texts are, 0 to 1: pairs of characters that both have, of those that either has.

    That is the index of Jaccard on character bigrams.
    """
    pairs, others = _pairs(one), _pairs(other)
    either = pairs | others
    return round(len(pairs & others) / len(either), 3) if either else 0.0


def compare_cases(new: Case, known: Case, now: datetime) -> Similarity:
    """Return what a new case has in common with a known one."""
    return Similarity(
        known,
        category_same=new.category is not None and new.category == known.category,
        distance_m=_distance(new.place, known.place),
        same_building=bool(new.place.building) and new.place.building == known.place.building,
        days_since_open=_days(known.received_at, now),
        days_since_closed=None if known.closed_at is None else _days(known.closed_at, now),
        text_sim=max(compare_texts(new.text, known.text), compare_texts(new.title, known.title)),
    )


def find_similar(new: Case, known: Iterable[Case], now: datetime, radius_m: int) -> list[Similarity]:
    """Return the cases in the same building or within a radius, those that have most in common first."""
    candidates = (one for one in known if one.key != new.key and one.state in COMPARABLE)
    found = [compare_cases(new, one, now) for one in candidates]
    near = [one for one in found if one.same_building or (one.distance_m is not None and one.distance_m <= radius_m)]
    return sorted(near, key=_order)


def count_recent(similar: Iterable[Similarity]) -> int:
    """Return how many of the cases have the same category and came in within the last 90 days."""
    return sum(one.category_same and one.days_since_open <= RECENT_DAYS for one in similar)


def _order(one: Similarity) -> tuple[object, ...]:
    return (
        not one.category_same,
        -one.text_sim,
        one.days_since_closed is not None,
        one.distance_m if one.distance_m is not None else 0,
        one.case.received_at,
        one.case.key,
    )


def _pairs(text: str) -> frozenset[str]:
    plain = _NOISE.sub("", simplify(unicodedata.normalize("NFKC", text)).lower())
    if len(plain) == 1:
        return frozenset({plain})
    return frozenset(plain[start : start + 2] for start in range(len(plain) - 1))


def _distance(one: CasePlace, other: CasePlace) -> int | None:
    if one.latitude is None or one.longitude is None or other.latitude is None or other.longitude is None:
        return None
    return round(measure_distance((one.latitude, one.longitude), (other.latitude, other.longitude)))


def _days(since: datetime, now: datetime) -> int:
    return max(0, (now - since).days)
