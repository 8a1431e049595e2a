"""Clocks: a start, a budget and what stopped the count. The rules on them stand in `governance.clocks`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class TimeUnit(StrEnum):
    """What a budget is counted in; `min` and `h` run day and night, the others by the calendar."""

    MINUTE = "min"
    HOUR = "h"
    DAY = "day"
    WORKHOUR = "workhour"
    WORKDAY = "workday"


class Audience(StrEnum):
    """To whom a clock is a promise: a unit is not given less time later, a resident is not told a later date."""

    UNIT = "unit"
    RESIDENT = "resident"


@dataclass(frozen=True, slots=True)
class Budget:
    """An amount of time, such as 7 natural days or 3 working days.

    :raises ValueError: when the amount is not positive
    """

    amount: int
    unit: TimeUnit

    def __post_init__(self) -> None:
        if self.amount <= 0:
            raise ValueError(f"expected a positive amount of time, found {self.amount}")


@dataclass(frozen=True, slots=True)
class Pause:
    """A span in which a clock did not count. `until` is its cap; `ended_at` is None while it lasts."""

    reason: str
    started_at: datetime
    until: datetime
    ended_at: datetime | None = None

    @property
    def end(self) -> datetime:
        """When it ended, or will end of itself."""
        return self.until if self.ended_at is None else min(self.ended_at, self.until)


@dataclass(frozen=True, slots=True)
class Clock:
    """A running or finished count.

    `reminders` are the percentages of the time at which somebody is reminded. `extensions` were granted one after the
    other. `promised_at` is what a resident was told first. `due_at` and `provisional` are as last derived. `ended_at`
    is when the work was done; `cancelled` says it was not done but no longer wanted.
    """

    started_at: datetime
    budget: Budget
    due_at: datetime
    provisional: bool = False
    pausable: bool = True
    audience: Audience = Audience.UNIT
    pauses: tuple[Pause, ...] = ()
    extensions: tuple[Budget, ...] = ()
    reminders: tuple[int, ...] = ()
    most_extensions: int = 1
    promised_at: datetime | None = None
    ended_at: datetime | None = None
    cancelled: bool = False

    def paused_at(self, now: datetime) -> Pause | None:
        """Return the pause that lasts at a moment, if there is one."""
        last = self.pauses[-1] if self.pauses else None
        return last if last is not None and last.ended_at is None and last.until > now else None

    def is_overdue(self, now: datetime) -> bool:
        """Whether the time was up before the work was done; a cancelled clock is overdue only if it was before."""
        return self.due_at < (self.ended_at or now)


@dataclass(frozen=True, slots=True)
class ClockRecord:
    """A clock of a process instance. `name` is what its diagram calls it; `owner` is the unit whose time it is.

    The instance has a variable `<name>_clock` that shows it, kept in step with this record.
    """

    key: int
    name: str
    root_key: int
    process_instance_key: int
    case_no: str | None
    owner: str | None
    clock: Clock
