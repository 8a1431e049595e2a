"""FEEL functions that count working time. Diagrams, decision tables and forms call them like built-ins.

A moment may be a date and time or the ISO 8601 text that variables hold; one without a zone is in the calendar's. The
calendar is loaded when the first of them is called, so that expressions without them cost nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from server.feel import Date, DateAndTime, Function, Refused, define_function
from server.feel.temporal.date import date_of_days
from server.feel.temporal.date_time import of_datetime, parse_date_time
from server.governance.calendar import BeyondCalendar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from server.governance.calendar import WorkingCalendar

MOMENT = "date and time|string"
Moment: TypeAlias = DateAndTime | str
Measured = TypeVar("Measured")
MOST = 100_000
"""The largest number of days or hours; more is a mistake, not a deadline."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def make_calendar_functions(load: Callable[[], WorkingCalendar]) -> Mapping[str, Function]:
    """Return the functions by name; `load` gives the calendar, and is asked once."""
    counting = _Counting(load)
    return {function.name: function.bind(counting) for function in _DECLARED}


class _Counting:
    """What the functions do, on a calendar that is loaded when it is needed."""

    def __init__(self, load: Callable[[], WorkingCalendar]) -> None:
        self._load = load

    @cached_property
    def calendar(self) -> WorkingCalendar:
        return self._load()

    def add_working_days(self, start: Moment, days: Decimal) -> DateAndTime:
        return self._add(self.calendar.add_working_days, start, _whole(days))

    def add_natural_days(self, start: Moment, days: Decimal) -> DateAndTime:
        return self._add(self.calendar.add_natural_days, start, _whole(days))

    def add_working_hours(self, start: Moment, hours: Decimal) -> DateAndTime:
        return self._add(self.calendar.add_working_time, start, timedelta(hours=_whole(hours)))

    def _add(self, count: Callable[[datetime, Any], datetime], start: Moment, amount: int | timedelta) -> DateAndTime:
        try:
            return of_datetime(count(self._moment(start), amount))
        except (BeyondCalendar, OverflowError) as error:
            raise Refused(str(error)) from None

    def working_days_between(self, start: Moment, end: Moment) -> Decimal:
        return Decimal(self._between(self.calendar.count_working_days, start, end))

    def working_hours_between(self, start: Moment, end: Moment) -> Decimal:
        return Decimal(round(self._between(self.calendar.working_between, start, end).total_seconds())) / 3600

    def is_provisional(self, start: Moment, end: Moment) -> bool:
        return self._between(self.calendar.is_provisional, start, end)

    def _between(self, measure: Callable[[datetime, datetime], Measured], start: Moment, end: Moment) -> Measured:
        try:
            return measure(self._moment(start), self._moment(end))
        except (BeyondCalendar, OverflowError) as error:
            raise Refused(str(error)) from None

    def is_working_day(self, day: Date | Moment) -> bool:
        return self.calendar.is_working_day(self._day(day))

    def next_working_day(self, day: Date | Moment) -> Date:
        found = self.calendar.next_working_day(self._day(day))
        return date_of_days((found - _EPOCH.date()).days)

    def _day(self, value: Date | Moment) -> date:
        if not isinstance(value, Date):
            return self._moment(value).astimezone(self.calendar.zone).date()
        try:
            return _EPOCH.date() + timedelta(days=value.days)
        except OverflowError:
            raise Refused(f"{value} is too far away") from None

    def _moment(self, value: Moment) -> datetime:
        read = parse_date_time(value) if isinstance(value, str) else value
        try:
            at = _EPOCH + timedelta(microseconds=read.instant // 1000)
        except OverflowError:
            raise Refused(f"{read} is too far away") from None
        return at.replace(tzinfo=self.calendar.zone) if read.offset is None else at


_SPAN = (f"from: {MOMENT}", f"to: {MOMENT}")
_DAY = ("date: date|date and time|string",)
_DECLARED = (
    define_function("add working days", [f"from: {MOMENT}", "days: number"], _Counting.add_working_days),
    define_function("add natural days", [f"from: {MOMENT}", "days: number"], _Counting.add_natural_days),
    define_function("add working hours", [f"from: {MOMENT}", "hours: number"], _Counting.add_working_hours),
    define_function("working days between", _SPAN, _Counting.working_days_between),
    define_function("working hours between", _SPAN, _Counting.working_hours_between),
    define_function("is working day", _DAY, _Counting.is_working_day),
    define_function("next working day", _DAY, _Counting.next_working_day),
    define_function("is provisional", _SPAN, _Counting.is_provisional),
)
"""The functions without a calendar."""


def _whole(amount: Decimal) -> int:
    if amount != amount.to_integral_value() or not 0 <= amount <= MOST:
        raise Refused(f"a whole number from 0 to {MOST} expected, found {amount}")
    return int(amount)
