"""Days of the working-day calendar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One day that differs from the plain week, or that is said to be as the plain week has it.

    `official` tells an announced day from an estimated one.
    """

    day: date
    working: bool
    name: str = ""
    official: bool = True
