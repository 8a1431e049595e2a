"""The working-day calendar: which days are worked, at which hours, and how time is counted on them.

In mainland China the State Council announces every year's holidays together with the make-up days (调休), Saturdays
and Sundays that are worked instead. Counting Monday to Friday is therefore wrong by up to a week; a year that has not
been announced yet can only be estimated, and what is counted through it is `provisional` (预计).

Working time is counted in whole seconds of the calendar's zone. Each year's working days are listed once, so that
adding and measuring cost a look-up, not a walk over days.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from server.errors import InvalidArgument

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

    from server.model import CalendarDay

SATURDAY = 5
LAST_YEAR = 2199
DEFAULT_HOURS = ((time(9), time(12)), (time(13), time(18)))
"""Opening hours of a working day: from nine to six with an hour of lunch, eight hours in all."""


class BeyondCalendar(InvalidArgument):
    """A moment lies after the last year that dates can be written in."""


@dataclass(frozen=True)
class WorkingCalendar:
    """Days and hours of work in one zone.

    `hours` are the segments of a working day, in order and without overlap. `days` are the exceptions to Monday to
    Friday. `published` are the years whose holidays have been announced.

    :raises ValueError: when `hours` are empty, out of order or overlap
    """

    zone: tzinfo
    days: Mapping[date, CalendarDay] = field(default_factory=dict)
    published: frozenset[int] = frozenset()
    hours: tuple[tuple[time, time], ...] = DEFAULT_HOURS
    _years: dict[int, tuple[int, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        ends = [moment for segment in self.hours for moment in segment]
        if not ends or any(later <= earlier for earlier, later in pairwise(ends)):
            raise ValueError(f"expected opening hours in order, such as 09:00-12:00 13:00-18:00, found {self.hours}")

    # -- days ------------------------------------------------------------------------------------------------------

    def is_working_day(self, day: date) -> bool:
        """Whether a day is worked; a day nobody said anything about is worked from Monday to Friday."""
        known = self.days.get(day)
        return day.weekday() < SATURDAY if known is None else known.working

    def next_working_day(self, day: date) -> date:
        """Return the first working day on or after a day."""
        return self._forward(day.toordinal() - 1, 1)

    def is_provisional(self, start: datetime, end: datetime) -> bool:
        """Whether a span touches a year whose holidays are not announced yet."""
        years = range(self._local(start).year, self._local(end).year + 1)
        return any(year not in self.published for year in years)

    def count_working_days(self, start: datetime, end: datetime) -> int:
        """Return how many working days follow the day of `start`, up to and with the day of `end`; 0 when none."""
        first, last = self._local(start).date().toordinal(), self._local(end).date().toordinal()
        return max(0, self._count_until(last, first) if last > first else 0)

    # -- deadlines -------------------------------------------------------------------------------------------------

    def add_working_days(self, start: datetime, amount: int) -> datetime:
        """Return the close of business of the n-th working day after receipt.

        The day of receipt is day 0, whatever the hour; with `amount` 0 it is the day itself if it is worked and still
        open, else the next working day.
        """
        local = self._local(start)
        if amount > 0:
            return self._at(self._forward(local.date().toordinal(), amount), self.hours[-1][1])
        today = local.date()
        open_still = self.is_working_day(today) and local.time() < self.hours[-1][1]
        day = today if open_still else self._forward(today.toordinal(), 1)
        return self._at(day, self.hours[-1][1])

    def add_natural_days(self, start: datetime, amount: int) -> datetime:
        """Return the same time of day so many days later, rolled forward where that day is not worked."""
        local = self._local(start)
        return self.roll_forward(self._at(_later(local.date(), amount), local.time()))

    def roll_forward(self, moment: datetime) -> datetime:
        """Return the moment; for one on a day that is not worked, the close of business of the next that is."""
        day = self._local(moment).date()
        return moment if self.is_working_day(day) else self._at(self.next_working_day(day), self.hours[-1][1])

    def add_working_time(self, start: datetime, amount: timedelta) -> datetime:
        """Return the earliest moment by which so much working time has passed; `start` itself for no time at all.

        What would end at the opening of a segment ends at the close of the one before: a deadline lies in business
        time.
        """
        seconds = round(amount.total_seconds())
        if seconds <= 0:
            return start
        local = self._local(start)
        ordinal = local.date().toordinal()
        if self.is_working_day(local.date()):
            left = self.day_seconds - self._seconds_before(local.time())
            if seconds <= left:
                return self._at(local.date(), self._time_after(self.day_seconds - left + seconds))
            seconds -= left
        days, rest = divmod(seconds - 1, self.day_seconds)
        return self._at(self._forward(ordinal, days + 1), self._time_after(rest + 1))

    def working_between(self, start: datetime, end: datetime) -> timedelta:
        """Return the working time from `start` to `end`; nothing when `end` is not later."""
        if end <= start:
            return timedelta(0)
        first, last = self._local(start), self._local(end)
        days = self._count_until(last.date().toordinal() - 1, first.date().toordinal() - 1)
        seconds = days * self.day_seconds
        if self.is_working_day(first.date()):
            seconds -= self._seconds_before(first.time())
        if self.is_working_day(last.date()):
            seconds += self._seconds_before(last.time())
        return timedelta(seconds=seconds)

    def next_closing(self, moment: datetime) -> datetime:
        """Return the first close of business at or after a moment."""
        return self.add_working_days(moment, 0) if moment != self._closing_of(moment) else moment

    def _closing_of(self, moment: datetime) -> datetime | None:
        day = self._local(moment).date()
        return self._at(day, self.hours[-1][1]) if self.is_working_day(day) else None

    @property
    def day_seconds(self) -> int:
        """The working time of one day, in seconds."""
        return sum(_seconds(end) - _seconds(start) for start, end in self.hours)

    # -- the axis of working days ----------------------------------------------------------------------------------

    def _working_ordinals(self, year: int) -> tuple[int, ...]:
        """Return the ordinals of a year's working days; looked up for ever after."""
        known = self._years.get(year)
        if known is None:
            if year > LAST_YEAR:
                raise BeyondCalendar(f"a deadline after the year {LAST_YEAR}")
            first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
            days = range(first, last + 1)
            known = tuple(ordinal for ordinal in days if self.is_working_day(date.fromordinal(ordinal)))
            self._years[year] = known
        return known

    def _forward(self, ordinal: int, amount: int) -> date:
        """Return the n-th working day after the day with this ordinal; `amount` is at least 1."""
        year = date.fromordinal(ordinal + 1).year
        days = self._working_ordinals(year)
        index = bisect_right(days, ordinal) + amount - 1
        while index >= len(days):
            index -= len(days)
            year += 1
            days = self._working_ordinals(year)
        return date.fromordinal(days[index])

    def _count_until(self, last: int, before: int) -> int:
        """Return the number of working days after the day `before`, up to and with the day `last` (ordinals)."""
        from_year, to_year = date.fromordinal(before + 1).year, date.fromordinal(max(last, before + 1)).year
        count = sum(len(self._working_ordinals(year)) for year in range(from_year, to_year))
        skipped = bisect_left(self._working_ordinals(from_year), before + 1)
        return count + bisect_right(self._working_ordinals(to_year), last) - skipped

    # -- the hours of a day ----------------------------------------------------------------------------------------

    def _seconds_before(self, moment: time) -> int:
        """Return the working time of a working day up to a time of day, in seconds."""
        at = _seconds(moment)
        return sum(min(max(at, _seconds(start)), _seconds(end)) - _seconds(start) for start, end in self.hours)

    def _time_after(self, seconds: int) -> time:
        """Return the time of day by which so many working seconds have passed; at least 1, at most a whole day."""
        for start, end in self.hours:
            length = _seconds(end) - _seconds(start)
            if seconds <= length:
                at = _seconds(start) + seconds
                return time(at // 3600, at // 60 % 60, at % 60)
            seconds -= length
        raise AssertionError("asked for more working time than a day has")

    def _local(self, moment: datetime) -> datetime:
        return moment.astimezone(self.zone)

    def _at(self, day: date, moment: time) -> datetime:
        return datetime.combine(day, moment.replace(tzinfo=None, fold=0), self.zone)


def _seconds(moment: time) -> int:
    return moment.hour * 3600 + moment.minute * 60 + moment.second


def _later(day: date, amount: int) -> date:
    try:
        return day + timedelta(days=amount)
    except OverflowError:
        raise BeyondCalendar(f"a deadline after the year {LAST_YEAR}") from None
