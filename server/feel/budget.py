"""What an evaluation may use at most, so that hostile text cannot hold a thread or its memory."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from .errors import BudgetExceeded


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits of one evaluation.

    ``steps`` counts a loop's turns weighted with the size of their bodies, and the items and characters that functions
    work through; ``seconds`` is a deadline by ``clock``, for whatever the steps do not foresee.
    """

    steps: int = 150_000
    depth: int = 48
    items: int = 50_000
    characters: int = 1_000_000
    seconds: float = 5.0
    clock: Callable[[], float] = time.monotonic


DEFAULT_BUDGET: Final = Budget()
Spend: TypeAlias = Callable[[int], None]
MAX_WARNINGS: Final = 50
STEPS_BETWEEN_LOOKS: Final = 20_000
CHARACTERS_PER_STEP: Final = 64


class Allowance:
    """Steps for walking through one value outside of an evaluation.

    Lists may hold the same list many times, so that a value made in a few steps has more items than any memory.
    """

    __slots__ = ("left",)

    def __init__(self, steps: int = DEFAULT_BUDGET.steps) -> None:
        self.left = steps

    def __call__(self, steps: int) -> None:
        """Take steps.

        :raises BudgetExceeded: when none are left
        """
        self.left -= steps
        if self.left < 0:
            raise BudgetExceeded("A value has too many parts")
