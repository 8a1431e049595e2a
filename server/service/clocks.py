"""Clocks as people see and operators mend them, and deriving them anew when the calendar changes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from server import access
from server.errors import Forbidden, NotFound
from server.governance import clocks as rules
from server.service.calendar import load_calendar
from server.service.process_instances import find_visible_instance, open_instance
from server.service.steps import open_step
from server.service.transactions import retried_once

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from server.access import Actor
    from server.governance.calendar import WorkingCalendar
    from server.model import Budget, Clock, ClockRecord, Page, Query
    from server.service.context import Context
    from server.store import Reading, Transaction


@dataclass(frozen=True, slots=True)
class ClockView:
    """A clock, and what follows from it at this moment. `reminders` are moments in order."""

    record: ClockRecord
    consumed: timedelta
    reminders: tuple[datetime, ...]
    paused: bool
    overdue: bool


def search_clocks(context: Context, actor: Actor, query: Query) -> Page[ClockView]:
    """Search clocks; raises `Forbidden` for those who may not read lists."""
    if not access.may_read_lists(actor):
        raise Forbidden
    with context.store.reading() as reading:
        page = reading.search_clocks(query)
        calendar = load_calendar(context, reading)
    return page.holding(tuple(_view(record, calendar, context.now()) for record in page.items))


def get_clock(context: Context, actor: Actor, key: int) -> ClockView:
    """Return a clock; raises `NotFound` and `Forbidden`."""
    if not access.may_read_lists(actor):
        raise Forbidden
    with context.store.reading() as reading:
        return _view(_find(reading, key), load_calendar(context, reading), context.now())


def pause_clock(context: Context, actor: Actor, key: int, reason: str, cap: Budget) -> None:
    """Stop the count, as an operator; raises `NotFound`, `Forbidden` and `Conflict`."""
    now = context.now()
    _change(context, actor, key, "PAUSE", lambda clock, days: rules.pause_clock(clock, reason, now, cap, days))


def resume_clock(context: Context, actor: Actor, key: int) -> None:
    """Go on counting, as an operator; raises `NotFound`, `Forbidden` and `Conflict`."""
    now = context.now()
    _change(context, actor, key, "RESUME", lambda clock, days: rules.resume_clock(clock, now, days))


def extend_clock(context: Context, actor: Actor, key: int, amount: int) -> None:
    """Give more time, as an operator; raises `NotFound`, `Forbidden` and `Conflict`."""
    now = context.now()
    _change(context, actor, key, "EXTEND", lambda clock, days: rules.extend_clock(clock, amount, now, days))


@retried_once
def _change(
    context: Context, actor: Actor, key: int, operation: str, change: Callable[[Clock, WorkingCalendar], Clock]
) -> None:
    with context.store.transaction() as tx:
        record = _find(tx, key)
        instance = find_visible_instance(tx, actor, record.process_instance_key)
        if not access.may_operate(actor, instance.process_id):
            raise Forbidden("only administrators change clocks by hand; people ask for it in their tasks")
        step = open_instance(context, tx, actor, instance.root_key)
        record = _find(tx, key)  # once more, now that nobody else can change it
        changed = replace(record, clock=change(record.clock, load_calendar(context, tx)))
        tx.update_clock(changed)
        step.show_clock(changed)
        step.note(operation, "CLOCK", key)
        step.save()


def roots_to_recalculate(context: Context, limit: int) -> tuple[int, ...]:
    """Return root instances with clocks that the calendar has changed for; candidates without locks."""
    with context.store.reading() as reading:
        return reading.roots_with_stale_clocks(limit)


def recalculate_clocks(context: Context, root_key: int) -> bool:
    """Derive the clocks of a root instance anew on the changed calendar and move its timers; False if there are none.

    The audit log names the clocks whose date has moved.
    """
    with context.store.transaction() as tx:
        locked = tx.lock_instance(root_key, skip_locked=True)
        stale = () if locked is None else tx.stale_clocks(root_key)
        if locked is None or not stale:
            return False
        step = open_step(context, tx, access.SYSTEM, locked)
        calendar = load_calendar(context, tx)
        for record in stale:
            derived = replace(record, clock=rules.recalculate(record.clock, calendar))
            tx.update_clock(derived)
            if derived != record:
                step.show_clock(derived)
            if derived.clock.due_at != record.clock.due_at:
                step.note("RECALCULATE", "CLOCK", record.key)
        step.save()
    return True


def _find(reading: Reading | Transaction, key: int) -> ClockRecord:
    record = reading.clock(key)
    if record is None:
        raise NotFound(f"there is no clock with key {key}")
    return record


def _view(record: ClockRecord, calendar: WorkingCalendar, now: datetime) -> ClockView:
    clock = record.clock
    return ClockView(
        record,
        rules.consumed_time(clock, now, calendar),
        tuple(rules.find_reminder(clock, percent, calendar) for percent in clock.reminders),
        paused=clock.paused_at(now) is not None,
        overdue=clock.is_overdue(now),
    )
