"""Properties of dates, times, durations and ranges (DMN 1.5 §10.3.2.12, table 65)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from .run import MISSING
from .temporal import Date, DateAndTime, DaysAndTimeDuration, Time, YearsAndMonthsDuration
from .temporal.duration import DAY, HOUR, MINUTE, SECOND
from .values import Range

if TYPE_CHECKING:
    from collections.abc import Callable

_DATE: Final[dict[str, Callable[[Date], Any]]] = {
    "year": lambda date: Decimal(date.year),
    "month": lambda date: Decimal(date.month),
    "day": lambda date: Decimal(date.day),
    "weekday": lambda date: Decimal(date.weekday),
}
_TIME: Final[dict[str, Callable[[Time], Any]]] = {
    "hour": lambda time: Decimal(time.hour),
    "minute": lambda time: Decimal(time.minute),
    "second": lambda time: Decimal(time.second),
    "timezone": lambda time: None if time.zone is None else time.zone.name,
}


def _part(nanoseconds: int, size: int, within: int | None = None) -> Decimal:
    """Return a part of a duration; all parts have the duration's sign."""
    amount = abs(nanoseconds) % within // size if within else abs(nanoseconds) // size
    return Decimal(-amount if nanoseconds < 0 else amount)


def _seconds(nanoseconds: int) -> Decimal:
    return _part(nanoseconds, SECOND, MINUTE)


_DAYS_AND_TIME: Final[dict[str, Callable[[int], Decimal]]] = {
    "days": lambda nanoseconds: _part(nanoseconds, DAY),
    "hours": lambda nanoseconds: _part(nanoseconds, HOUR, DAY),
    "minutes": lambda nanoseconds: _part(nanoseconds, MINUTE, HOUR),
    "seconds": _seconds,
}
_RANGE: Final[dict[str, Callable[[Range], Any]]] = {
    "start": lambda bounds: bounds.low,
    "end": lambda bounds: bounds.high,
    "start included": lambda bounds: bounds.low_closed,
    "end included": lambda bounds: bounds.high_closed,
}


def read_property(value: object, name: str) -> object:  # noqa: PLR0911 - one line a kind
    """Return a property of a value, ``MISSING`` when it has none of this name."""
    if isinstance(value, Date):
        return _DATE[name](value) if name in _DATE else MISSING
    if isinstance(value, Time):
        return _read_time(value, value.offset, name)
    if isinstance(value, DateAndTime):
        return _DATE[name](value.date) if name in _DATE else _read_time(value.time, value.offset, name)
    if isinstance(value, DaysAndTimeDuration):
        return _DAYS_AND_TIME[name](value.nanoseconds) if name in _DAYS_AND_TIME else MISSING
    if isinstance(value, YearsAndMonthsDuration):
        return _read_months(value.months, name)
    if isinstance(value, Range):
        return _RANGE[name](value) if name in _RANGE else MISSING
    return MISSING


def _read_time(time: Time, offset: int | None, name: str) -> object:
    if name == "time offset":
        return None if offset is None else DaysAndTimeDuration(offset * SECOND)
    return _TIME[name](time) if name in _TIME else MISSING


def _read_months(months: int, name: str) -> object:
    if name == "years":
        return _part(months, 12)
    return _part(months, 1, 12) if name == "months" else MISSING
