"""List functions (DMN 1.5 §10.3.4.4) and Camunda's additions."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from server.feel.comparison import identity, is_same
from server.feel.errors import Refused
from server.feel.numbers import to_integer
from server.feel.values import FeelValue, Function, type_name

from .registry import builtin, builtin_of_run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server.feel.run import Run


@builtin_of_run("list contains", "list: list", "element: any")
def contains(run: Run, items: list[Any], element: FeelValue) -> bool:
    """Tell whether an item is equal to the element."""
    return any(is_same(item, element, run.take) for item in items)


@builtin("sublist", "list: list", "start position: number", "length?: number")
def sublist(items: list[Any], start_position: Decimal, length: Decimal | None = None) -> list[Any]:
    """Return the items from a position on (from the end when negative), all or so many."""
    start = _index(items, start_position)
    if length is None:
        return items[start:]
    count = to_integer(length, "the length")
    if count < 0 or start + count > len(items):
        raise Refused(f"the list of {len(items)} items has no {count} items from position {start_position} on")
    return items[start : start + count]


def _index(items: Sequence[Any], position: Decimal, *, beyond: int = 0) -> int:
    """Return a position of FEEL (from 1, or from the end when negative) as Python's."""
    number = to_integer(position, "the position")
    if 1 <= number <= len(items) + beyond:
        return number - 1
    if -len(items) <= number <= -1:
        return number + len(items)
    raise Refused(f"the list of {len(items)} items has no position {number}")


@builtin("append", "list: list|null", "*item: any")
def append(items: list[Any] | None, *item: FeelValue) -> list[Any]:
    """Return the list with items added at its end."""
    return [*_or_null_item(items), *item]


def _or_null_item(items: list[Any] | None) -> list[Any]:
    if items is None:
        raise Refused("null is no list")
    return items


@builtin_of_run("concatenate", "*list: list")
def concatenate(run: Run, *lists: list[Any]) -> list[Any]:
    """Return the items of all lists, one list after the other."""
    run.check_items(sum(len(items) for items in lists))
    return [item for items in lists for item in items]


@builtin("insert before", "list: list", "position: number", "newItem: any")
def insert_before(items: list[Any], position: Decimal, new_item: FeelValue) -> list[Any]:
    """Return the list with an item put in before a position."""
    index = _index(items, position, beyond=0 if items else 1)
    return [*items[:index], new_item, *items[index:]]


@builtin("remove", "list: list", "position: number")
def remove(items: list[Any], position: Decimal) -> list[Any]:
    """Return the list without the item at a position."""
    index = _index(items, position)
    return [*items[:index], *items[index + 1 :]]


@builtin("list replace", "list: list", "position: number", "newItem: any")
def replace_at(items: list[Any], position: Decimal, new_item: FeelValue) -> list[Any]:
    """Return the list with another item at a position."""
    index = _index(items, position)
    return [*items[:index], new_item, *items[index + 1 :]]


@builtin_of_run("list replace", "list: list", "match: function", "newItem: any")
def replace_matching(run: Run, items: list[Any], match: Function, new_item: FeelValue) -> list[Any]:
    """Return the list with another item in each place where ``match(item, newItem)`` is true."""
    if len(match.parameters) != 2:
        raise Refused('"match" should take two arguments')
    result = []
    for item in items:
        matched = match.invoke(run, [item, new_item])
        if not isinstance(matched, bool):
            raise Refused(f'"match" should give a boolean, but gave a {type_name(matched)}')
        result.append(new_item if matched else item)
    return result


@builtin("reverse", "list: list")
def reverse(items: list[Any]) -> list[Any]:
    """Return the items in reverse order."""
    return items[::-1]


@builtin_of_run("index of", "list: list", "match: any")
def index_of(run: Run, items: list[Any], match: FeelValue) -> list[Decimal]:
    """Return the positions of all items that are equal to the match."""
    return [Decimal(position) for position, item in enumerate(items, 1) if is_same(item, match, run.take)]


@builtin_of_run("union", "*list: list")
def union(run: Run, *lists: list[Any]) -> list[Any]:
    """Return the items of all lists without repetitions."""
    first: dict[object, Any] = {}
    for item in concatenate(run, *lists):
        first.setdefault(identity(item, run.take), item)
    return list(first.values())


@builtin_of_run("flatten", "list: list")
def flatten(run: Run, items: list[Any]) -> list[Any]:
    """Return the items of all lists within the list, however deep."""
    result: list[Any] = []
    _flatten(run, items, result)
    return result


def _flatten(run: Run, items: list[Any], result: list[Any]) -> None:
    run.take(6 * len(items) + 6)
    for item in items:
        if isinstance(item, list):
            _flatten(run, item, result)
        else:
            result.append(item)
    run.check_items(len(result))


@builtin("is empty", "list: list")
def is_empty(items: list[Any]) -> bool:
    """Tell whether a list has no items."""
    return not items


@builtin("partition", "list: list", "size: number")
def partition(items: list[Any], size: Decimal) -> list[list[Any]]:
    """Cut a list into lists of so many items; the last may have fewer."""
    step = to_integer(size, "the size")
    if step < 1:
        raise Refused("the size should be at least 1")
    return [items[start : start + step] for start in range(0, len(items), step)]
