"""Functions of dates, times and durations (DMN 1.5 §10.3.4.1, §10.3.4.8)."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING, Final

from server.feel.arithmetic import subtract
from server.feel.numbers import to_integer
from server.feel.temporal import Date, DateAndTime, DaysAndTimeDuration, Time, YearsAndMonthsDuration, Zone
from server.feel.temporal.date import make_date, parse_date
from server.feel.temporal.date_time import MIDNIGHT, at_instant, parse_date_time
from server.feel.temporal.duration import SECOND, Duration, make_years_and_months, parse_duration
from server.feel.temporal.time import make_time, parse_time
from server.feel.temporal.zone import UTC, make_offset, parse_zone

from .registry import builtin

if TYPE_CHECKING:
    from server.feel.values import FeelValue

DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


@builtin("date", "from: string|date|date and time")
def date(value: str | Date | DateAndTime) -> Date:
    """Read a date, or take that of a date and time."""
    if isinstance(value, str):
        return parse_date(value)
    return value.date if isinstance(value, DateAndTime) else value


@builtin("date", "year: number", "month: number", "day: number")
def date_of_parts(year: Decimal, month: Decimal, day: Decimal) -> Date:
    """Make a date of year, month and day."""
    return make_date(to_integer(year, "the year"), to_integer(month, "the month"), to_integer(day, "the day"))


@builtin("time", "from: string|time|date|date and time")
def time(value: str | Time | Date | DateAndTime) -> Time:
    """Read a time, or take that of a date and time; a date has midnight of UTC."""
    if isinstance(value, str):
        return parse_time(value)
    if isinstance(value, Date):
        return MIDNIGHT.within(UTC)
    return value.time if isinstance(value, DateAndTime) else value


@builtin("time", "hour: number", "minute: number", "second: number", "offset?: days and time duration|null")
def time_of_parts(hour: Decimal, minute: Decimal, second: Decimal, offset: DaysAndTimeDuration | None = None) -> Time:
    """Make a time of its parts; seconds may have a fraction."""
    whole = int(second.to_integral_value(ROUND_DOWN)) if second.adjusted() < 3 else 99
    nanosecond = int((second - whole) * SECOND)
    zone = None if offset is None else make_offset(offset.nanoseconds // SECOND)
    return make_time(to_integer(hour, "the hour"), to_integer(minute, "the minute"), whole, nanosecond, zone)


@builtin("date and time", "from: string")
def date_and_time(text: str) -> DateAndTime:
    """Read a date and time."""
    return parse_date_time(text)


@builtin("date and time", "date: date|date and time", "time: time")
def date_and_time_of_parts(day: Date | DateAndTime, clock: Time) -> DateAndTime:
    """Put a date and a time together."""
    return DateAndTime(day.date if isinstance(day, DateAndTime) else day, clock)


_PARTS: Final = ("year: number", "month: number", "day: number", "hour: number", "minute: number", "second: number")


@builtin("date and time", *_PARTS, "offset?: days and time duration|null")
def date_and_time_of_numbers(
    year: Decimal,
    month: Decimal,
    day: Decimal,
    hour: Decimal,
    minute: Decimal,
    second: Decimal,
    offset: DaysAndTimeDuration | None = None,
) -> DateAndTime:
    """Make a date and time of its parts."""
    return DateAndTime(date_of_parts(year, month, day), time_of_parts(hour, minute, second, offset))


@builtin("date and time", "date: date and time", "timezone: string")
def date_and_time_in_zone(moment: DateAndTime, timezone: str) -> DateAndTime:
    """Return the same moment as another zone's clocks show it (Camunda)."""
    zone = _read_zone(timezone)
    if moment.time.zone is None:
        return DateAndTime(moment.date, moment.time.within(zone))
    return at_instant(moment.instant, zone)


def _read_zone(text: str) -> Zone:
    return parse_zone(text if text == "Z" or text.startswith(("+", "-", "@")) else f"@{text}")


@builtin("duration", "from: string|duration")
def duration(value: str | Duration) -> Duration:
    """Read a duration."""
    return parse_duration(value) if isinstance(value, str) else value


@builtin("years and months duration", "from: date|date and time", "to: date|date and time")
def years_and_months_between(start: Date | DateAndTime, end: Date | DateAndTime) -> YearsAndMonthsDuration:
    """Return the whole months between two days."""
    one = start.date if isinstance(start, DateAndTime) else start
    other = end.date if isinstance(end, DateAndTime) else end
    months = (other.year - one.year) * 12 + other.month - one.month
    if months > 0 and other.day < one.day:
        months -= 1
    elif months < 0 and other.day > one.day:
        months += 1
    return make_years_and_months(months)


@builtin("duration between", "from: date|date and time|time", "to: date|date and time|time")
def duration_between(start: FeelValue, end: FeelValue) -> FeelValue:
    """Return the days and time from one moment to another."""
    return subtract(end, start)


@builtin("cycle", "interval: duration")
def endless_cycle(interval: Duration) -> str:
    """Write a timer that repeats for ever (Camunda)."""
    return f"R/{interval}"


@builtin("cycle", "repetitions: number|null", "interval: duration")
def cycle(repetitions: Decimal | None, interval: Duration) -> str:
    """Write a timer that repeats; null stands for ever (Camunda)."""
    times = "" if repetitions is None else to_integer(repetitions, "the number of repetitions")
    return f"R{times}/{interval}"


@builtin("day of year", "date: date|date and time")
def day_of_year(day: Date | DateAndTime) -> Decimal:
    """Return the number of the day in its year."""
    return Decimal(_date_of(day).day_of_year)


@builtin("day of week", "date: date|date and time")
def day_of_week(day: Date | DateAndTime) -> str:
    """Return the English name of the day."""
    return DAYS[_date_of(day).weekday - 1]


@builtin("month of year", "date: date|date and time")
def month_of_year(day: Date | DateAndTime) -> str:
    """Return the English name of the month."""
    return MONTHS[_date_of(day).month - 1]


@builtin("week of year", "date: date|date and time")
def week_of_year(day: Date | DateAndTime) -> Decimal:
    """Return the number of the week in its year (ISO 8601)."""
    return Decimal(_date_of(day).week_of_year)


@builtin("last day of month", "date: date|date and time")
def last_day_of_month(day: Date | DateAndTime) -> Date:
    """Return the last day of the month."""
    own = _date_of(day)
    return Date(own.year, own.month, own.month_length)


def _date_of(day: Date | DateAndTime) -> Date:
    return day.date if isinstance(day, DateAndTime) else day
