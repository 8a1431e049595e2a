"""Committees and their meetings (联席会议): which committee a unit belongs to, when a meeting begins by plan.

Source: domain.md §4.3. How many must be there, how long something takes and what passes is in the decision table D8.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from server.model import Period

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from server.governance.calendar import WorkingCalendar
    from server.model import MeetingPlan, Unit

COMMITTEE = "committee"
"""The kind of unit that meets."""
BEGINS_AT = time(9)
"""The time of day at which a meeting is called by plan."""
DAYS = {Period.WEEK: 7, Period.FORTNIGHT: 14}
MONTHS = {Period.MONTH: 1, Period.QUARTER: 3}


def find_committee(units: Mapping[str, Unit], unit_id: str) -> str | None:
    """Return the committee at a unit, or at the nearest unit above it; a committee itself is its own.

    Of several at one unit the first by id. None when there is no such unit, or nobody above it has a committee.
    """
    unit = units.get(unit_id)
    while unit is not None:
        own = find_own_committee(units, unit.unit_id)
        if own is not None:
            return own
        unit = units.get(unit.parent_id) if unit.parent_id else None
    return None


def find_own_committee(units: Mapping[str, Unit], unit_id: str) -> str | None:
    """Return the committee at a unit itself, the first by id; a committee is its own. None when it has none."""
    unit = units.get(unit_id)
    if unit is not None and unit.kind == COMMITTEE:
        return unit_id
    own = (one.unit_id for one in units.values() if one.kind == COMMITTEE and one.parent_id == unit_id)
    return min(own, default=None)


def next_tick(plan: MeetingPlan, after: datetime, calendar: WorkingCalendar) -> datetime | None:
    """Return the first moment after `after` at which a meeting begins by plan; None for one that only is called.

    The first working day of each month or quarter, or every seven or fourteen days from the plan's anchor, on the next
    working day where that is none. Whatever was missed meanwhile is not made up for.
    """
    if plan.period is Period.NONE:
        return None
    local = after.astimezone(calendar.zone)
    ticks = (datetime.combine(calendar.next_working_day(day), BEGINS_AT, calendar.zone) for day in _days(plan, local))
    return next(tick for tick in ticks if tick > local)


def _days(plan: MeetingPlan, local: datetime) -> Iterator[date]:
    """Yield the days of a plan, beginning with one that lies before a moment."""
    if plan.period in DAYS:
        step = timedelta(days=DAYS[plan.period])
        anchor = date.fromisoformat(plan.anchor_on or local.date().isoformat())
        day = anchor + step * ((local.date() - anchor) // step - 1)
        while True:
            day += step
            yield day
    months = MONTHS[plan.period]
    number = local.year * 12 + (local.month - 1) // months * months
    while True:
        yield date(number // 12, number % 12 + 1, 1)
        number += months
