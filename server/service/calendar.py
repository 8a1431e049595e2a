"""The working-day calendar of this administration: what was announced, and what it decided for itself.

Whatever counts working days asks here. A calendar is read once and kept until somebody changes it; the plain user-task
step never reads it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from server import access
from server.errors import Forbidden, InvalidArgument
from server.governance.calendar import SATURDAY, WorkingCalendar
from server.governance.calendar_file import parse_calendar, published_years
from server.model import AuditEntry
from server.service.calendar_functions import make_calendar_functions
from server.service.preconditions import UNCONDITIONAL, check_precondition, make_tag

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from server.access import Actor
    from server.feel import Function
    from server.model import CalendarDay
    from server.service.context import Context
    from server.service.preconditions import Precondition
    from server.store import Reading, Transaction

VERSION = "calendar"
AMBER, RED = (12, 1), (12, 20)
"""From these days of December on (month, day), the next year's calendar is missed: amber, then red (domain.md §8.3)."""


class Layer(StrEnum):
    """Who said what about a day; one's own days go before those that were announced for everybody."""

    STATE = "state"
    OWN = "own"


class Coverage(StrEnum):
    """Whether deadlines can be counted firmly."""

    OK = "ok"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True, slots=True)
class CalendarChange:
    """What an import changes: day → (was worked, is worked); None where nothing was or will be said of the day."""

    days: Mapping[date, tuple[bool | None, bool | None]]
    newly_published: tuple[int, ...]
    applied: bool


def load_calendar(context: Context, reading: Reading) -> WorkingCalendar:
    """Return the calendar as it stands now; one statement when it has not changed since the last time."""
    version = reading.calendar_version()
    return context.definitions.get(("calendar", version), lambda: _read_calendar(context, reading))


def calendar_functions(context: Context, reading: Reading) -> Mapping[str, Function]:
    """Return the FEEL functions on working time, for expressions that are evaluated while `reading` is open."""
    return make_calendar_functions(lambda: load_calendar(context, reading))


def _read_calendar(context: Context, reading: Reading) -> WorkingCalendar:
    state, own = reading.calendar_days(Layer.STATE), reading.calendar_days(Layer.OWN)
    days = {day.day: day for day in (*state, *own)}
    return WorkingCalendar(context.config.timezone, days, published_years(state))


def read_days(context: Context, actor: Actor, year: int) -> tuple[tuple[CalendarDay, Layer], ...]:
    """Return the days of a year that differ from the plain week, in order; everybody may know them."""
    del actor
    with context.store.reading() as reading:
        found = {day.day: (day, layer) for layer in Layer for day in reading.calendar_days(layer)}
    return tuple(found[day] for day in sorted(found) if day.year == year)


def this_year(context: Context) -> int:
    """Return the year in the calendar's zone."""
    return context.now().astimezone(context.config.timezone).year


def is_published(context: Context, year: int) -> bool:
    """Tell whether the holidays of a year have been announced."""
    with context.store.reading() as reading:
        return year in load_calendar(context, reading).published


def check_coverage(context: Context) -> Coverage:
    """Tell whether this year, and towards its end the next one, are announced."""
    today = context.now().astimezone(context.config.timezone).date()
    with context.store.reading() as reading:
        published = load_calendar(context, reading).published
    if today.year not in published:
        return Coverage.RED
    if today.year + 1 in published or (today.month, today.day) < AMBER:
        return Coverage.OK
    return Coverage.AMBER if (today.month, today.day) < RED else Coverage.RED


def seed_calendar(context: Context, text: str) -> bool:
    """Fill the calendar of a new installation; tells whether there was none.

    :raises InvalidArgument: when the file is wrong
    """
    with context.store.transaction() as tx:
        if tx.calendar_version():
            return False
        _put(context, tx, access.SYSTEM, Layer.STATE, _parse(text))
    return True


def import_calendar(
    context: Context,
    actor: Actor,
    text: str,
    *,
    layer: Layer = Layer.STATE,
    apply: bool = True,
    precondition: Precondition = UNCONDITIONAL,
) -> CalendarChange:
    """Put the years of a file in the place of what is known about them; without `apply` only tell what would change.

    :raises Forbidden: for everybody but administrators
    :raises InvalidArgument: when the file is wrong; every mistake is named with its line
    :raises PreconditionFailed: when somebody changed the calendar since it was read
    """
    if not access.may_keep_calendar(actor):
        raise Forbidden
    days = _parse(text)
    with context.store.transaction() as tx:
        tx.lock_record("calendar", "")
        check_precondition(precondition, tag_calendar(tx))
        change = _compare(tx, layer, days, applied=apply)
        if apply and change.days:
            _put(context, tx, actor, layer, days)
    return change


def tag_calendar(reading: Reading) -> str:
    """Return the tag of the calendar as a whole."""
    return make_tag(VERSION, reading.calendar_version())


def find_tag(context: Context) -> str:
    """Return the tag of the calendar as it stands now."""
    with context.store.reading() as reading:
        return tag_calendar(reading)


def _parse(text: str) -> tuple[CalendarDay, ...]:
    days, findings = parse_calendar(text)
    if findings:
        raise InvalidArgument("\n".join(f"{finding.element_id}: {finding.message}" for finding in findings))
    return days


def _compare(tx: Transaction, layer: Layer, days: tuple[CalendarDay, ...], *, applied: bool) -> CalendarChange:
    years = {day.day.year for day in days}
    old = {day.day: day for day in tx.calendar_days(layer) if day.day.year in years}
    new = {day.day: day for day in days}
    changed = {
        day: (_working(old.get(day)), _working(new.get(day)))
        for day in sorted(old.keys() | new.keys())
        if old.get(day) != new.get(day)
    }
    newly = published_years(days) - published_years(old.values())
    return CalendarChange(changed, tuple(sorted(newly)), applied)


def _working(day: CalendarDay | None) -> bool | None:
    return None if day is None else day.working


def _put(context: Context, tx: Transaction, actor: Actor, layer: Layer, days: tuple[CalendarDay, ...]) -> None:
    for year in sorted({day.day.year for day in days}):
        tx.put_calendar_days(layer, [day for day in days if day.day.year == year], year=year)
    tx.next_number(VERSION)
    tx.mark_clocks_stale()
    tx.add_audit([AuditEntry(context.now(), actor.name, "IMPORT", "CALENDAR", layer)])


def draw_year(context: Context, year: int) -> Iterator[str]:
    """Yield a year as lines of text, a month a row: `(1)` is a holiday, `+1` a weekend day that is worked."""
    with context.store.reading() as reading:
        calendar = load_calendar(context, reading)
    yield f"{year} {'announced · 已公布' if year in calendar.published else 'estimated · 预计'}"
    day = date(year, 1, 1)
    while day.year == year:
        month, cells = day.month, []
        while day.month == month:
            cells.append(_draw_day(calendar, day))
            day += timedelta(days=1)
        yield f"{month:>2} " + "".join(cells)


def _draw_day(calendar: WorkingCalendar, day: date) -> str:
    working, plain = calendar.is_working_day(day), day.weekday() < SATURDAY
    if working == plain:
        return f"{day.day:>4} " if working else "   · "
    return f"  +{day.day:<2}" if working else f"{f'({day.day})':>5}"
