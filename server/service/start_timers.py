"""Timer start events: each due one starts an instance in a transaction of its own, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.access import SYSTEM
from server.engine import Start, StartPlan, commands
from server.service.definitions import DefinitionReader
from server.service.steps import open_step

if TYPE_CHECKING:
    from server.model import StartTimer
    from server.service.context import Context


def due_start_timers(context: Context, limit: int) -> tuple[StartTimer, ...]:
    """Return timer start events that are due, oldest first; candidates only, without a lock."""
    with context.store.reading() as reading:
        return reading.due_start_timers(context.now(), limit)


def fire_start_timer(context: Context, process_id: str, element_id: str) -> bool:
    """Start a process at a timer start event if that is due; False when somebody else does it or its time has moved.

    The row is locked first and moved on, or deleted, with the start: however many workers see it, one starts.
    """
    with context.store.transaction() as tx:
        timer = tx.lock_due_start_timer(process_id, element_id, context.now())
        if timer is None:
            return False
        step = open_step(context, tx, SYSTEM)
        following = StartPlan(
            step.execution.now, context.config.timezone, step.execution.environment.functions
        ).next_timer(timer)
        if following is None:
            tx.remove_start_timer(process_id, element_id)
        else:
            tx.move_start_timer(following)
        executable = DefinitionReader(context.definitions, tx).process(timer.definition_key)
        instance = commands.start(step.execution, executable, Start({}, start_event=element_id))
        step.note("CREATE", "PROCESS_INSTANCE", instance.key)
        step.save()
    return True
