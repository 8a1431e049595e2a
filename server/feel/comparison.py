"""Equality and order (DMN 1.5 §10.3.2.13, table 53)."""

from __future__ import annotations

import operator
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from .budget import Allowance, Spend
from .errors import Refused
from .temporal import Date, DateAndTime, DaysAndTimeDuration, Time, YearsAndMonthsDuration
from .values import FeelValue, Function, Range, type_name

if TYPE_CHECKING:
    from collections.abc import Callable

_ORDERED: Final = (Decimal, str, Date, DaysAndTimeDuration, YearsAndMonthsDuration)
_ORDERS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def equals(left: FeelValue, right: FeelValue, spend: Spend | None = None) -> bool | None:  # noqa: PLR0911 - one a kind
    """Tell whether two values are equal; ``None`` when they are of kinds that have nothing to do with each other.

    :param spend: takes the steps for the items of lists and contexts
    """
    if left is None or right is None:
        return left is right
    kind = type(left)
    if kind is not type(right):
        return _equals_across(left, right)
    if kind is list:
        return _lists_equal(left, right, spend or Allowance())  # type: ignore[arg-type]
    if kind is dict:
        return _contexts_equal(left, right, spend or Allowance())  # type: ignore[arg-type]
    if isinstance(left, Time):
        return _times_equal(left, right)  # type: ignore[arg-type]
    if isinstance(left, DateAndTime):
        return _moments_equal(left, right)  # type: ignore[arg-type]
    if isinstance(left, Range):
        return _ranges_equal(left, right)  # type: ignore[arg-type]
    return left is right if isinstance(left, Function) else left == right


def _equals_across(left: FeelValue, right: FeelValue) -> bool | None:
    durations = (DaysAndTimeDuration, YearsAndMonthsDuration)
    if isinstance(left, durations) and isinstance(right, durations):
        return _amount(left) == _amount(right) == 0
    return None


def _amount(duration: DaysAndTimeDuration | YearsAndMonthsDuration) -> int:
    return duration.months if isinstance(duration, YearsAndMonthsDuration) else duration.nanoseconds


def _lists_equal(left: list[FeelValue], right: list[FeelValue], spend: Spend) -> bool:
    if len(left) != len(right):
        return False
    spend(2 * len(left) + 1)
    return all(equals(one, other, spend) is True for one, other in zip(left, right, strict=True))


def _contexts_equal(left: dict[str, FeelValue], right: dict[str, FeelValue], spend: Spend) -> bool:
    if left.keys() != right.keys():
        return False
    spend(2 * len(left) + 1)
    return all(equals(value, right[name], spend) is True for name, value in left.items())


def _times_equal(left: Time, right: Time) -> bool:
    if (left.zone is None) != (right.zone is None):
        return False
    return left.utc_nanoseconds == right.utc_nanoseconds


def _moments_equal(left: DateAndTime, right: DateAndTime) -> bool:
    if (left.time.zone is None) != (right.time.zone is None):
        return False
    return left.instant == right.instant


def _ranges_equal(left: Range, right: Range) -> bool:
    return (
        left.low_closed == right.low_closed
        and left.high_closed == right.high_closed
        and equals(left.low, right.low) is True
        and equals(left.high, right.high) is True
    )


def is_same(left: FeelValue, right: FeelValue, spend: Spend | None = None) -> bool:
    """Tell whether two values are equal, with no doubt left."""
    return equals(left, right, spend) is True


def order_key(value: FeelValue) -> Any:  # noqa: ANN401 - anything that Python can order
    """Return what a value is ordered by.

    :raises Refused: when values of its kind have no order
    """
    if isinstance(value, bool) or not isinstance(value, (*_ORDERED, Time, DateAndTime)):
        raise Refused(f"A {type_name(value)} cannot be compared by size")
    if isinstance(value, Time):
        return value.utc_nanoseconds
    return value.instant if isinstance(value, DateAndTime) else value


def compare(sign: str, left: FeelValue, right: FeelValue) -> bool:
    """Return ``left sign right`` for ``<``, ``<=``, ``>`` and ``>=``.

    :raises Refused: when the two cannot be compared
    """
    if isinstance(left, list) and len(left) == 1:
        left = left[0]
    if isinstance(right, list) and len(right) == 1:
        right = right[0]
    if type(left) is not type(right):
        raise Refused(f"A {type_name(left)} cannot be compared with a {type_name(right)} by {sign}")
    if left is None:
        raise Refused(f"null cannot be compared with {sign}")
    if isinstance(left, Time | DateAndTime):
        _require_same_locality(left, right)
    return _ORDERS[sign](order_key(left), order_key(right))


def _require_same_locality(left: Time | DateAndTime, right: FeelValue) -> None:
    other = right.zone if isinstance(right, Time) else right.time.zone if isinstance(right, DateAndTime) else None
    own = left.zone if isinstance(left, Time) else left.time.zone
    if (own is None) != (other is None):
        raise Refused("A time with a zone cannot be compared with one without")


def in_range(value: FeelValue, bounds: Range) -> bool:
    """Tell whether a value lies in a range.

    :raises Refused: when it cannot be compared with the range's ends
    """
    if bounds.low is not None and not compare(">=" if bounds.low_closed else ">", value, bounds.low):
        return False
    return bounds.high is None or compare("<=" if bounds.high_closed else "<", value, bounds.high)


def identity(value: FeelValue, spend: Spend) -> object:  # noqa: PLR0911 - one line a kind
    """Return something that hashes alike for values that are equal, so that lists need no pairwise search."""
    if isinstance(value, list):
        spend(4 * len(value) + 2)
        return ("list", *(identity(item, spend) for item in value))
    if isinstance(value, dict):
        spend(4 * len(value) + 2)
        return ("context", frozenset((name, identity(item, spend)) for name, item in value.items()))
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, Time):
        return ("time", value.zone is None, value.utc_nanoseconds)
    if isinstance(value, DateAndTime):
        return ("moment", value.time.zone is None, value.instant)
    if isinstance(value, Range):
        return ("range", value.low_closed, value.high_closed, identity(value.low, spend), identity(value.high, spend))
    if isinstance(value, DaysAndTimeDuration | YearsAndMonthsDuration) and not _amount(value):
        return ("duration", 0)
    return value
