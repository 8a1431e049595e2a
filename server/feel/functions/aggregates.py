"""Functions that make one value of a list (DMN 1.5 §10.3.4.4). Each takes a list or the items themselves."""

from __future__ import annotations

from decimal import Decimal, DecimalException
from typing import TYPE_CHECKING, Any

from server.feel.arithmetic import add
from server.feel.comparison import compare, identity
from server.feel.errors import Refused
from server.feel.numbers import DECIMAL128, ONE, ZERO, divide
from server.feel.values import FeelValue, type_name

from .registry import builtin, builtin_of_run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from server.feel.run import Run


def _aggregate(name: str) -> Callable[[Callable[[list[Any]], FeelValue]], Callable[[list[Any]], FeelValue]]:
    """Register a function of a list also as one of its items."""

    def register(implementation: Callable[[list[Any]], FeelValue]) -> Callable[[list[Any]], FeelValue]:
        builtin(name, "list: list")(implementation)
        builtin(name, "*list: any")(lambda *items: implementation(list(items)))
        return implementation

    return register


@_aggregate("min")
def minimum(items: list[Any]) -> FeelValue:
    """Return the least item."""
    return _extreme(items, "<")


@_aggregate("max")
def maximum(items: list[Any]) -> FeelValue:
    """Return the greatest item."""
    return _extreme(items, ">")


def _extreme(items: list[Any], sign: str) -> FeelValue:
    best: FeelValue = None
    for index, item in enumerate(items):
        if index == 0:
            compare(sign, item, item)
            best = item
        elif compare(sign, item, best):
            best = item
    return best


@_aggregate("sum")
def total(items: list[Any]) -> FeelValue:
    """Add up numbers, or durations of one kind; null for no items."""
    if not items:
        return None
    result = items[0]
    if isinstance(result, str | bool | list | dict | None):
        raise Refused(f"a {type_name(result)} cannot be added up")
    for item in items[1:]:
        if type(item) is not type(result):
            raise Refused(f"a {type_name(result)} and a {type_name(item)} cannot be added up")
        result = add(result, item)
    return result  # type: ignore[no-any-return]


def _numbers(items: list[Any]) -> list[Decimal]:
    for item in items:
        if not isinstance(item, Decimal):
            raise Refused(f"all items should be numbers, but one is a {type_name(item)}")
    return items


def _sum(numbers: Sequence[Decimal]) -> Decimal:
    result = ZERO
    try:
        for number in numbers:
            result = DECIMAL128.add(result, number)
    except DecimalException:
        raise Refused("the sum is too large for a number") from None
    return result


@_aggregate("mean")
def mean(items: list[Any]) -> Decimal | None:
    """Return the average; null for no items."""
    return divide(_sum(_numbers(items)), Decimal(len(items))) if items else None


@_aggregate("product")
def product(items: list[Any]) -> Decimal | None:
    """Multiply numbers; null for no items."""
    if not items:
        return None
    result = ONE
    try:
        for number in _numbers(items):
            result = DECIMAL128.multiply(result, number)
    except DecimalException:
        raise Refused("the product is too large for a number") from None
    return result


@_aggregate("median")
def median(items: list[Any]) -> Decimal | None:
    """Return the middle number, or the mean of the two in the middle; null for no items."""
    if not items:
        return None
    ordered = sorted(_numbers(items))
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return divide(DECIMAL128.add(ordered[middle - 1], ordered[middle]), Decimal(2))


@_aggregate("stddev")
def standard_deviation(items: list[Any]) -> Decimal | None:
    """Return the standard deviation of a sample; null for fewer than two numbers."""
    numbers = _numbers(items)
    if len(numbers) < 2:
        return None
    average = divide(_sum(numbers), Decimal(len(numbers)))
    try:
        squares = [DECIMAL128.power(DECIMAL128.subtract(number, average), 2) for number in numbers]
    except DecimalException:
        raise Refused("the squares are too large for a number") from None
    return DECIMAL128.sqrt(divide(_sum(squares), Decimal(len(numbers) - 1)))


@_aggregate("mode")
def mode(items: list[Any]) -> list[Decimal]:
    """Return the numbers that occur most often, in ascending order."""
    counts: dict[Decimal, int] = {}
    for number in _numbers(items):
        counts[number] = counts.get(number, 0) + 1
    most = max(counts.values(), default=0)
    return sorted(number for number, count in counts.items() if count == most)


def _holds_for_all(items: list[Any], *, decisive: bool) -> bool | None:
    result: bool | None = not decisive
    for item in items:
        if item is decisive:
            return item is True
        if not isinstance(item, bool):
            result = None
    return result


@_aggregate("all")
def all_true(items: list[Any]) -> bool | None:
    """Tell whether no item is false; null when an item that is no boolean leaves it open."""
    return _holds_for_all(items, decisive=False)


@_aggregate("any")
def any_true(items: list[Any]) -> bool | None:
    """Tell whether an item is true; null when an item that is no boolean leaves it open."""
    return _holds_for_all(items, decisive=True)


@builtin("count", "list: list")
def count(items: list[Any]) -> Decimal:
    """Return how many items a list has."""
    return Decimal(len(items))


@builtin_of_run("distinct values", "list: list")
def distinct_values(run: Run, items: list[Any]) -> list[Any]:
    """Return the items without repetitions, in the order of their first occurrence."""
    first: dict[object, Any] = {}
    for item in items:
        first.setdefault(identity(item, run.take), item)
    return list(first.values())


@builtin_of_run("duplicate values", "list: list")
def duplicate_values(run: Run, items: list[Any]) -> list[Any]:
    """Return the items that occur more than once, each once, in the order of their first occurrence."""
    counts: dict[object, int] = {}
    for item in items:
        key = identity(item, run.take)
        counts[key] = counts.get(key, 0) + 1
    return [item for item in distinct_values(run, items) if counts[identity(item, run.take)] > 1]
