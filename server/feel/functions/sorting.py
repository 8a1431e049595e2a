"""``sort``: by a function that says which of two items comes first, or by size."""

from __future__ import annotations

from functools import cmp_to_key
from typing import TYPE_CHECKING, Any

from server.feel.comparison import compare
from server.feel.errors import Refused

from .registry import builtin, builtin_of_run

if TYPE_CHECKING:
    from server.feel.run import Run
    from server.feel.values import Function


@builtin_of_run("sort", "list: list", "precedes: function")
def sort(run: Run, items: list[Any], precedes: Function) -> list[Any]:
    """Sort so that ``precedes(a, b)`` is true for neighbours that differ; equal items keep their order."""
    if len(precedes.parameters) != 2:
        raise Refused('"precedes" should take two arguments')

    def order(one: Any, other: Any) -> int:  # noqa: ANN401
        if precedes.invoke(run, [one, other]) is True:
            return -1
        return 1 if precedes.invoke(run, [other, one]) is True else 0

    return sorted(items, key=cmp_to_key(order))


@builtin("sort", "list: list")
def sort_by_size(items: list[Any]) -> list[Any]:
    """Sort in ascending order."""
    return sorted(items, key=cmp_to_key(_order_by_size))


def _order_by_size(one: Any, other: Any) -> int:  # noqa: ANN401
    return compare(">", one, other) - compare("<", one, other)
