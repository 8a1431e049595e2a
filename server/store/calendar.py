"""Days of the working-day calendar, in two layers: what was announced for everybody, and one's own days."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from server.model import CalendarDay
from server.store.connected import Writing
from server.store.counters import CounterReads
from server.store.tables.calendar import calendar_day

if TYPE_CHECKING:
    from collections.abc import Iterable

_c = calendar_day.c
VERSION = "calendar"
"""The counter that tells whether a calendar read earlier is still the newest."""


class CalendarReads(CounterReads):
    """Reads the calendar."""

    def calendar_version(self) -> int:
        """Return how often the calendar was changed; 0 while there is none."""
        return self.counter_value(VERSION)

    def calendar_days(self, layer: str) -> tuple[CalendarDay, ...]:
        """Return the days of one layer in order of time."""
        rows = self._rows(select(calendar_day).where(_c.layer == layer).order_by(_c.day))
        return tuple(CalendarDay(date.fromisoformat(row.day), row.working, row.name, row.official) for row in rows)


class CalendarWrites(Writing):
    """Writes the calendar."""

    def put_calendar_days(self, layer: str, days: Iterable[CalendarDay], *, year: int | None = None) -> None:
        """Put the days in the place of what a layer says about a year, or about all of them."""
        doomed = delete(calendar_day).where(_c.layer == layer)
        if year is not None:
            doomed = doomed.where(_c.day >= f"{year:04}-01-01", _c.day <= f"{year:04}-12-31")
        self._write(doomed)
        self._write_each(
            insert(calendar_day),
            [
                {
                    "layer": layer,
                    "day": one.day.isoformat(),
                    "working": one.working,
                    "name": one.name,
                    "official": one.official,
                }
                for one in days
            ],
        )
