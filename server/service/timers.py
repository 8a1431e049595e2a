"""Timers: each due one fires in a transaction of its own, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.access import SYSTEM
from server.engine import commands
from server.service.steps import open_step
from server.service.viewers import limit_to_observed

if TYPE_CHECKING:
    from datetime import datetime

    from server.access import Actor
    from server.model import Page, Query, Timer
    from server.service.context import Context


def search_timers(context: Context, actor: Actor, query: Query) -> Page[Timer]:
    """Search the timers that instances wait for; raises `Forbidden`."""
    limited = limit_to_observed(actor, query, "timers")
    with context.store.reading() as reading:
        return reading.search_timers(limited)


def due_timers(context: Context, limit: int) -> tuple[Timer, ...]:
    """Return timers that are due, oldest first; candidates only, without a lock."""
    with context.store.reading() as reading:
        return reading.due_timers(context.now(), limit)


def next_due_at(context: Context) -> datetime | None:
    """Return when the next timer, of an instance, a start event or a meeting plan, is due, or None."""
    with context.store.reading() as reading:
        moments = reading.next_due_at(), reading.next_start_at(), reading.next_meeting_start_at()
    return min((moment for moment in moments if moment is not None), default=None)


def fire_timer(context: Context, key: int) -> bool:
    """Fire a timer if it still waits and is due; False when somebody else has it or it is gone.

    The instance is locked first, then the timer is read again: however many workers see a due timer, one fires it.
    """
    with context.store.transaction() as tx:
        locked = tx.lock_instance_of_timer(key, skip_locked=True)
        timer = None if locked is None else tx.timer(key)
        if locked is None or locked.suspended or timer is None or timer.due_at > context.now():
            return False
        step = open_step(context, tx, SYSTEM, locked)
        commands.fire_timer(step.execution, timer.place.element_instance_key, timer.due_at)
        step.note("FIRE", "TIMER", key)
        step.save()
    return True
