"""Clocks: how long somebody may take, when the time is up, and what stops the count.

A clock is a start, a budget and a ledger of pauses. When it is due is always derived from these and the calendar, and
never written by hand, so that a pause, an extension, another category or a newly announced year give the same answer
in whatever order they come. While a clock is paused it is due as if the pause lasted to its cap: nothing that waits for
the due moment can come early, and a pause that nobody ends needs no one to end it.

Sources: domain.md §4 "Clocks", §8.3; the cases of §8.5 are the tests.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from server.errors import Conflict
from server.model import Audience, Budget, Clock, Pause, TimeUnit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from server.governance.calendar import WorkingCalendar


WHOLE = 100
"""Percent."""


class ClockRefused(Conflict):
    """A clock cannot be changed in this way; the message says why, in Chinese and English."""


def start_clock(
    now: datetime,
    budget: Budget,
    calendar: WorkingCalendar,
    *,
    audience: Audience = Audience.UNIT,
    pausable: bool = True,
    most_extensions: int = 1,
    reminders: tuple[int, ...] = (),
) -> Clock:
    """Start to count at a moment.

    :raises ValueError: when a reminder is no percentage from 1 to 99
    """
    if any(not 0 < percent < WHOLE for percent in reminders):
        raise ValueError(f"expected reminders from 1 to 99 percent, found {reminders}")
    clock = Clock(
        now,
        budget,
        now,
        pausable=pausable,
        audience=audience,
        most_extensions=most_extensions,
        reminders=reminders,
    )
    clock = derive_due(clock, calendar)
    return replace(clock, promised_at=clock.due_at) if audience is Audience.RESIDENT else clock


def derive_due(clock: Clock, calendar: WorkingCalendar) -> Clock:
    """Return the clock with `due_at` and `provisional` as start, budgets, pauses and calendar make them."""
    unit = clock.budget.unit
    due = _shift(_sum_budgets(clock, calendar), unit, clock.pauses, calendar, _rounding(unit, calendar))
    counted = unit in {TimeUnit.DAY, TimeUnit.WORKDAY, TimeUnit.WORKHOUR}
    return replace(clock, due_at=due, provisional=counted and calendar.is_provisional(clock.started_at, due))


def recalculate(clock: Clock, calendar: WorkingCalendar) -> Clock:
    """Derive anew because the calendar changed: a unit's date does not move to an earlier one (domain.md §8.3)."""
    derived = derive_due(clock, calendar)
    keeps = clock.audience is Audience.UNIT and derived.due_at < clock.due_at
    return replace(derived, due_at=clock.due_at) if keeps else derived


def pause_clock(clock: Clock, reason: str, now: datetime, cap: Budget, calendar: WorkingCalendar) -> Clock:
    """Stop the count until it is resumed, at most for `cap`.

    :raises ClockRefused: when the clock cannot be paused, is paused, has ended or its time is up
    """
    _check_open(clock)
    if not clock.pausable:
        raise ClockRefused("此时钟不能暂停 · this clock cannot be paused")
    if clock.paused_at(now) is not None:
        raise ClockRefused("此时钟已暂停 · this clock is paused already")
    if clock.due_at <= now:
        raise ClockRefused("已超过时限，不能再暂停 · the time is up; a pause must come before")
    pause = Pause(reason, now, _add(now, cap, calendar))
    return derive_due(replace(clock, pauses=(*clock.pauses, pause)), calendar)


def resume_clock(clock: Clock, now: datetime, calendar: WorkingCalendar) -> Clock:
    """Go on counting.

    :raises ClockRefused: when the clock is not paused
    """
    _check_open(clock)
    pause = clock.paused_at(now)
    if pause is None:
        raise ClockRefused("此时钟没有暂停 · this clock is not paused")
    ended = replace(pause, ended_at=now)
    return derive_due(replace(clock, pauses=(*clock.pauses[:-1], ended)), calendar)


def extend_clock(clock: Clock, amount: int, now: datetime, calendar: WorkingCalendar) -> Clock:
    """Give more time, in the unit of the budget.

    :raises ClockRefused: after the due moment, more often than allowed, or for longer than the budget itself
    """
    _check_open(clock)
    if clock.due_at <= now:
        raise ClockRefused("延期须在到期前申请 · an extension must be asked for before the time is up")
    if len(clock.extensions) >= clock.most_extensions:
        most = clock.most_extensions
        raise ClockRefused(f"最多延期 {most} 次 · extended as often as allowed ({most})")
    if not 0 < amount <= clock.budget.amount:
        most = clock.budget.amount
        raise ClockRefused(f"延期不得超过原时限（{most}） · expected 1 to {most}, found {amount}")
    extension = Budget(amount, clock.budget.unit)
    return derive_due(replace(clock, extensions=(*clock.extensions, extension)), calendar)


def change_budget(clock: Clock, budget: Budget, calendar: WorkingCalendar, *, pausable: bool = True) -> Clock:
    """Count on with another budget: what was consumed and the pauses stay (GLPI 6902, 15605).

    :raises ClockRefused: when the clock has ended
    """
    _check_open(clock)
    return derive_due(replace(clock, budget=budget, extensions=(), pausable=pausable), calendar)


def stop_clock(clock: Clock, now: datetime, *, cancelled: bool = False) -> Clock:
    """End the count: the work is done, or no longer wanted. A pause that lasts ends with it.

    :raises ClockRefused: when the clock has ended
    """
    _check_open(clock)
    pause = clock.paused_at(now)
    pauses = clock.pauses if pause is None else (*clock.pauses[:-1], replace(pause, ended_at=now))
    return replace(clock, pauses=pauses, ended_at=now, cancelled=cancelled)


def find_reminder(clock: Clock, percent: int, calendar: WorkingCalendar) -> datetime:
    """Return the moment at which so many percent of the time are used up; within business time where that is counted.

    `percent` lies between 1 and 99.
    """
    end = _sum_budgets(clock, calendar)
    if clock.budget.unit in {TimeUnit.WORKDAY, TimeUnit.WORKHOUR}:
        part = calendar.working_between(clock.started_at, end) * percent / WHOLE
        moment = calendar.add_working_time(clock.started_at, part)
    else:
        moment = clock.started_at + (end - clock.started_at) * percent / WHOLE
    return _shift(moment, clock.budget.unit, clock.pauses, calendar, _as_it_is)


def describe_clock(clock: Clock, calendar: WorkingCalendar) -> dict[str, object]:
    """Return what a diagram sees of a clock: moments as ISO 8601 texts in the calendar's zone, or null.

    `started_at, due_at, reminders` (a list, in order), `provisional, paused_until, promised_at, ended_at`.
    """

    def tell(moment: datetime | None) -> str | None:
        return None if moment is None else moment.astimezone(calendar.zone).isoformat()

    last = clock.pauses[-1] if clock.pauses else None
    return {
        "started_at": tell(clock.started_at),
        "due_at": tell(clock.due_at),
        "reminders": [tell(find_reminder(clock, percent, calendar)) for percent in clock.reminders],
        "provisional": clock.provisional,
        "paused_until": tell(last.until if last is not None and last.ended_at is None else None),
        "promised_at": tell(clock.promised_at),
        "ended_at": tell(clock.ended_at),
    }


def consumed_time(clock: Clock, now: datetime, calendar: WorkingCalendar) -> timedelta:
    """Return the time counted up to a moment: working time where the budget counts that, else time of the clock."""
    end = min(now, clock.ended_at) if clock.ended_at is not None else now
    total = _between(clock.started_at, end, clock.budget.unit, calendar)
    for start, stop in _merge(clock.pauses):
        total -= _between(max(start, clock.started_at), min(stop, end), clock.budget.unit, calendar)
    return total


def _check_open(clock: Clock) -> None:
    if clock.ended_at is not None:
        raise ClockRefused("此时钟已结束 · this clock has ended")


def _add(start: datetime, budget: Budget, calendar: WorkingCalendar) -> datetime:
    match budget.unit:
        case TimeUnit.MINUTE:
            return start + timedelta(minutes=budget.amount)
        case TimeUnit.HOUR:
            return start + timedelta(hours=budget.amount)
        case TimeUnit.DAY:
            return start + timedelta(days=budget.amount)
        case TimeUnit.WORKHOUR:
            return calendar.add_working_time(start, timedelta(hours=budget.amount))
        case TimeUnit.WORKDAY:
            return calendar.add_working_days(start, budget.amount)


def _sum_budgets(clock: Clock, calendar: WorkingCalendar) -> datetime:
    moment = clock.started_at
    for budget in (clock.budget, *clock.extensions):
        moment = _add(moment, budget, calendar)
    return moment


def _rounding(unit: TimeUnit, calendar: WorkingCalendar) -> Callable[[datetime], datetime]:
    """Return how a unit rounds up what it is due at."""
    if unit is TimeUnit.WORKDAY:
        return calendar.next_closing
    return calendar.roll_forward if unit is TimeUnit.DAY else _as_it_is


def _as_it_is(moment: datetime) -> datetime:
    return moment


def _shift(
    moment: datetime,
    unit: TimeUnit,
    pauses: Iterable[Pause],
    calendar: WorkingCalendar,
    rounded: Callable[[datetime], datetime],
) -> datetime:
    """Move a moment by every pause that begins before its rounded value, in order, and return that value.

    A pause may begin after the moment itself but before its rounded value: then the pause ends it, so that a paused
    clock is never overdue. Rounding may come out earlier for a later moment; what was given stays.
    """
    due = rounded(moment)
    for start, end in _merge(pauses):
        if start >= due:
            break
        lost = _between(start, end, unit, calendar)
        if start > moment:
            moment = end
        elif unit in {TimeUnit.WORKDAY, TimeUnit.WORKHOUR}:
            moment = calendar.add_working_time(moment, lost)
        else:
            moment += lost
        due = max(due, rounded(moment))
    return due


def _between(start: datetime, end: datetime, unit: TimeUnit, calendar: WorkingCalendar) -> timedelta:
    if unit in {TimeUnit.WORKDAY, TimeUnit.WORKHOUR}:
        return calendar.working_between(start, end)
    return max(end - start, timedelta(0))


def _merge(pauses: Iterable[Pause]) -> Sequence[tuple[datetime, datetime]]:
    """Return the spans of pauses in order, overlapping ones as one: a pause is not counted twice."""
    spans: list[tuple[datetime, datetime]] = []
    for pause in sorted(pauses, key=lambda pause: pause.started_at):
        if spans and pause.started_at <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], pause.end))
        else:
            spans.append((pause.started_at, pause.end))
    return spans
