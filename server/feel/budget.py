"""What an evaluation may use at most, so that hostile text cannot hold a thread or its memory."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits of one evaluation.

    ``steps`` counts a loop's turns weighted with the size of their bodies, and the items and characters that functions
    work through; ``seconds`` is a deadline by ``clock``, for whatever the steps do not foresee.
    """

    steps: int = 200_000
    depth: int = 48
    items: int = 50_000
    characters: int = 1_000_000
    seconds: float = 5.0
    clock: Callable[[], float] = time.monotonic


DEFAULT_BUDGET: Final = Budget()
MAX_WARNINGS: Final = 50
STEPS_BETWEEN_LOOKS: Final = 20_000
CHARACTERS_PER_STEP: Final = 64
