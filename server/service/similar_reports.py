"""Similar reports, as residents see them before they send theirs: nothing of who reported or what was written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from server.governance.places import normalise_place

if TYPE_CHECKING:
    from datetime import datetime

    from server.model import CaseState
    from server.service.context import Context

WITHIN = timedelta(days=30)
MOST_SHOWN = 5
MOST_READ = 50


@dataclass(frozen=True, slots=True)
class SimilarReport:
    """One matter at the same place: its kind, where it stands, since when, and how often it was reported."""

    category: str | None
    state: CaseState
    received_at: datetime
    reporters: int


def find_similar_reports(context: Context, place: str, category: str | None) -> tuple[SimilarReport, ...]:
    """Return matters of the last thirty days at the same place by its text, those of the same category first.

    Without a category all count. Cases about a unit, and those whose reporter is told to nobody, are left out.
    """
    building = normalise_place(place)
    if not building:
        return ()
    with context.store.reading() as reading:
        near = reading.cases_near(None, building, context.now() - WITHIN, MOST_READ)
    open_ones = [
        case
        for case in near
        if case.conflict_unit is None and case.identity != "vault_only" and category in (None, case.category)
    ]
    return tuple(
        SimilarReport(case.category, case.state, case.received_at, case.reporters) for case in open_ones[:MOST_SHOWN]
    )
