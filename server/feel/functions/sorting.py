"""``sort``: by a function that says which of two items comes first, or by size."""

from __future__ import annotations

from functools import cmp_to_key
from typing import Any

from ..comparison import compare
from ..errors import Refused
from ..run import Run
from ..values import Function
from .registry import builtin, builtin_of_run


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
    return sorted(items, key=cmp_to_key(lambda one, other: compare(">", one, other) - compare("<", one, other)))
