"""Between JSON (and Python) values and FEEL's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from .budget import Allowance, Spend
from .errors import FeelError
from .numbers import DECIMAL128
from .temporal import Date, DateAndTime, DaysAndTimeDuration
from .temporal.date_time import of_datetime
from .temporal.zone import make_offset
from .values import FeelValue, Function, Range, is_feel_value

_MAX_DEPTH: Final = 200
_MOST_PARTS: Final = 1_000_000
_UNCHANGED: Final = frozenset((str, bool, type(None), Decimal))
_LARGEST: Final = 10**34


class Converted:
    """A value that is FEEL's already, lists and contexts included: what one decision gives to another."""

    __slots__ = ("value",)

    def __init__(self, value: FeelValue) -> None:
        self.value = value


def from_json(value: object) -> Any:  # noqa: ANN401 - a FEEL value; callers know more about it than mypy
    """Return a JSON value as FEEL's. Strings stay strings, also when they look like dates.

    FEEL values stay what they are, Python's dates, times and durations become FEEL's.

    :raises FeelError: when the value is of no kind that FEEL knows, or nested more than 200 levels deep
    """
    return _convert(value, 0)


def _convert(value: Any, depth: int) -> Any:  # noqa: ANN401
    """Convert what JSON has by its exact type, which most values are decided by."""
    kind: type = type(value)
    if kind in _UNCHANGED:
        return value
    if kind is int:
        return Decimal(value) if -_LARGEST < value < _LARGEST else _number(value)
    if kind is float:
        return _number(value)
    if depth > _MAX_DEPTH:
        raise FeelError(f"A value is nested more than {_MAX_DEPTH} levels deep")
    if kind is list:
        return [_convert(item, depth + 1) for item in value]
    if kind is dict:
        return {str(name): _convert(item, depth + 1) for name, item in value.items()}
    return _convert_other(value, depth)


def _number(value: object) -> Decimal | None:
    try:
        number = DECIMAL128.create_decimal(repr(value) if isinstance(value, float) else str(value))
    except (ArithmeticError, ValueError):
        return None
    return number if number.is_finite() else None


def _convert_other(value: object, depth: int) -> Any:  # noqa: ANN401, PLR0911 - one line a kind
    if isinstance(value, Converted):
        return value.value
    if is_feel_value(value):
        return value
    if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        return _convert(list(value), depth)
    if isinstance(value, Mapping):
        return _convert(dict(value), depth)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, datetime):
        return of_datetime(value)
    if isinstance(value, date):
        return Date(value.year, value.month, value.day)
    if isinstance(value, time):
        return of_datetime(datetime.combine(date(1970, 1, 1), value)).time
    if isinstance(value, timedelta):
        return DaysAndTimeDuration((value.days * 86_400 + value.seconds) * 10**9 + value.microseconds * 1000)
    raise FeelError(f"A value of type {type(value).__name__} has no place in FEEL")


def to_json(value: FeelValue, spend: Spend | None = None) -> object:
    """Return a FEEL value as canonical JSON.

    Whole numbers become ``int``, others ``float``; dates, times and durations ISO 8601 strings. A moment in a named
    zone is written with the zone's offset at that moment: ISO 8601 has no zone names, and every program reads it.

    :param spend: takes the steps for the items of lists and contexts; at most 1,000,000 by default
    :raises FeelError: for ranges and functions, which JSON has no form for
    :raises BudgetExceeded: for values with too many parts
    """
    return _to_json(value, spend or Allowance(_MOST_PARTS))


def _to_json(value: FeelValue, spend: Spend) -> object:
    if isinstance(value, bool | str | None):
        return value
    if isinstance(value, Decimal):
        return _number_to_json(value)
    if isinstance(value, list):
        spend(2 * len(value) + 1)
        return [_to_json(item, spend) for item in value]
    if isinstance(value, dict):
        spend(2 * len(value) + 1)
        return {name: _to_json(item, spend) for name, item in value.items()}
    if isinstance(value, Range | Function):
        raise FeelError(f"A {'range' if isinstance(value, Range) else 'function'} cannot be stored as a value")
    if isinstance(value, DateAndTime) and value.offset is not None:
        return str(DateAndTime(value.date, replace(value.time, zone=make_offset(value.offset))))
    return str(value)


def _number_to_json(number: Decimal) -> int | float:
    if number.adjusted() < 40 and number == number.to_integral_value():
        return int(number)
    return float(number)
