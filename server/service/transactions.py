"""A use case that lost a lock is tried once more; the second loss is told to the caller."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from server.errors import Contended

if TYPE_CHECKING:
    from collections.abc import Callable

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def retried_once(use_case: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Run the use case again when a deadlock, a serialisation failure or a changed revision stopped it.

    Each run is a transaction of its own, so the first one has left nothing behind (architecture.md, decision 4).
    """

    @functools.wraps(use_case)
    def run(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        try:
            return use_case(*args, **kwargs)
        except Contended:
            return use_case(*args, **kwargs)

    return run
