"""Addition, subtraction, multiplication, division and powers over all types that have them (DMN 1.5 §10.3.2.11)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, DecimalException
from typing import Final

from .errors import Refused
from .numbers import DECIMAL128, divide, raise_to
from .temporal import Date, DateAndTime, DaysAndTimeDuration, Time, YearsAndMonthsDuration
from .temporal.date import date_of_days
from .temporal.date_time import midnight
from .temporal.duration import DAY, make_days_and_time, make_years_and_months
from .temporal.zone import UTC
from .values import FeelValue, type_name

Operation = Callable[[FeelValue, FeelValue], FeelValue]


def add(left: FeelValue, right: FeelValue) -> FeelValue:
    """Return ``left + right``.

    :raises Refused: when the two cannot be added
    """
    if type(left) is Decimal and type(right) is Decimal:
        return _checked(DECIMAL128.add, left, right)
    if type(left) is str and type(right) is str:
        return left + right
    if isinstance(right, Date | Time | DateAndTime) and isinstance(left, DaysAndTimeDuration | YearsAndMonthsDuration):
        left, right = right, left
    moved = _move(left, right, 1)
    if moved is None:
        raise Refused(f"{_name(left)} and {_name(right)} cannot be added")
    return moved


def subtract(left: FeelValue, right: FeelValue) -> FeelValue:
    """Return ``left - right``.

    :raises Refused: when one cannot be subtracted from the other
    """
    if type(left) is Decimal and type(right) is Decimal:
        return _checked(DECIMAL128.subtract, left, right)
    if isinstance(left, Date | DateAndTime) and isinstance(right, Date | DateAndTime):
        return make_days_and_time(_difference(left, right))
    if isinstance(left, Time) and isinstance(right, Time):
        if (left.zone is None) != (right.zone is None):
            raise Refused("A time with a zone and one without have no difference")
        return make_days_and_time(left.utc_nanoseconds - right.utc_nanoseconds)
    moved = _move(left, right, -1)
    if moved is None:
        raise Refused(f"{_name(right)} cannot be subtracted from {_name(left)}")
    return moved


def _move(left: FeelValue, right: FeelValue, sign: int) -> FeelValue:
    """Move a date, time or duration by a duration; ``None`` when that makes no sense."""
    if isinstance(right, YearsAndMonthsDuration):
        if isinstance(left, YearsAndMonthsDuration):
            return make_years_and_months(left.months + sign * right.months)
        if isinstance(left, Date | DateAndTime):
            return left.plus_months(sign * right.months)
    if isinstance(right, DaysAndTimeDuration):
        if isinstance(left, DaysAndTimeDuration):
            return make_days_and_time(left.nanoseconds + sign * right.nanoseconds)
        if isinstance(left, Time | DateAndTime):
            return left.plus(sign * right.nanoseconds)
        if isinstance(left, Date):
            return date_of_days((left.days * DAY + sign * right.nanoseconds) // DAY)
    return None


def _difference(left: Date | DateAndTime, right: Date | DateAndTime) -> int:
    one = _as_moment(left, right)
    other = _as_moment(right, left)
    if (one.time.zone is None) != (other.time.zone is None):
        raise Refused("A date and time with a zone and one without have no difference")
    return one.instant - other.instant


def _as_moment(value: Date | DateAndTime, beside: Date | DateAndTime) -> DateAndTime:
    """Return a date as its midnight: of UTC, unless what it is compared with has no zone either."""
    if isinstance(value, DateAndTime):
        return value
    return midnight(value, beside.time.zone and UTC) if isinstance(beside, DateAndTime) else midnight(value)


def multiply(left: FeelValue, right: FeelValue) -> FeelValue:
    """Return ``left * right``.

    :raises Refused: when the two cannot be multiplied
    """
    if type(left) is Decimal and type(right) is Decimal:
        return _checked(DECIMAL128.multiply, left, right)
    if type(left) is Decimal:
        left, right = right, left
    if type(right) is Decimal:
        if isinstance(left, DaysAndTimeDuration):
            return make_days_and_time(_whole(DECIMAL128.multiply(Decimal(left.nanoseconds), right)))
        if isinstance(left, YearsAndMonthsDuration):
            return make_years_and_months(_whole(DECIMAL128.multiply(Decimal(left.months), right)))
    raise Refused(f"{_name(left)} and {_name(right)} cannot be multiplied")


def split(left: FeelValue, right: FeelValue) -> FeelValue:
    """Return ``left / right``.

    :raises Refused: when one cannot be divided by the other
    """
    if type(left) is Decimal and type(right) is Decimal:
        return _checked(divide, left, right)
    if isinstance(left, DaysAndTimeDuration):
        if type(right) is Decimal:
            return make_days_and_time(_whole(divide(Decimal(left.nanoseconds), right)))
        if isinstance(right, DaysAndTimeDuration):
            return divide(Decimal(left.nanoseconds), Decimal(right.nanoseconds))
    if isinstance(left, YearsAndMonthsDuration):
        if type(right) is Decimal:
            return make_years_and_months(_whole(divide(Decimal(left.months), right)))
        if isinstance(right, YearsAndMonthsDuration):
            return divide(Decimal(left.months), Decimal(right.months))
    raise Refused(f"{_name(left)} cannot be divided by {_name(right)}")


def power(left: FeelValue, right: FeelValue) -> FeelValue:
    """Return ``left ** right``.

    :raises Refused: when the two are no numbers or the result is none
    """
    if type(left) is Decimal and type(right) is Decimal:
        return raise_to(left, right)
    raise Refused(f"{_name(left)} cannot be raised to the power of {_name(right)}")


def negate(value: FeelValue) -> FeelValue:
    """Return ``-value``.

    :raises Refused: when it is neither a number nor a duration
    """
    if type(value) is Decimal:
        return DECIMAL128.minus(value)
    if isinstance(value, DaysAndTimeDuration):
        return DaysAndTimeDuration(-value.nanoseconds)
    if isinstance(value, YearsAndMonthsDuration):
        return YearsAndMonthsDuration(-value.months)
    raise Refused(f"{_name(value)} has no negative")


def _checked(operation: Callable[[Decimal, Decimal], Decimal], left: Decimal, right: Decimal) -> Decimal:
    try:
        return operation(left, right)
    except DecimalException:
        raise Refused("The result is too large for a number") from None


def _whole(number: Decimal) -> int:
    if number.adjusted() > 40:
        raise Refused("The duration is too long")
    return int(number)


def _name(value: FeelValue) -> str:
    name = type_name(value)
    return name if name == "null" else f"a {name}"


OPERATIONS: Final[dict[str, Operation]] = {"+": add, "-": subtract, "*": multiply, "/": split, "**": power}
