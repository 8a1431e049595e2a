"""Units that were dissolved: their open tasks and orders go to the unit that took their work over."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from server.access import SYSTEM
from server.errors import Contended
from server.governance.unit_tree import UnitTree, is_there
from server.model import AuditEntry, EventKind, UserTaskState
from server.service.announcements import tell_of_task
from server.service.signals import broadcast_signal
from server.service.transactions import retried_once

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.model import UserTask
    from server.service.context import Context

SIGNAL = "unit.succeeded"
"""What processes hear, once for each unit and successor, with the variables `unit` and `successor`."""
BATCH = 500


def carry_out_successions(context: Context) -> int:
    """Tell processes of units that have a successor now, and give it their open tasks; returns how many those were.

    Run again and again: a task that a process opens for the dissolved unit later follows, too. One instance after the
    other, each in a transaction of its own (architecture.md, decision 4).
    """
    today = context.now().astimezone(context.config.timezone).date()
    with context.store.reading() as reading:
        tree = UnitTree(reading.units())
        ended = [unit for unit in reading.units() if unit.succeeded_by is not None and not is_there(unit, today)]
        heirs = {unit.unit_id: tree.find_successor(unit.unit_id, today) for unit in ended}
        successors = {unit_id: heir.unit_id for unit_id, heir in heirs.items() if heir is not None}
        untold = [pair for pair in successors.items() if not reading.counter_value(_mark(*pair))]
        tasks = reading.open_tasks_of_units(successors, BATCH)
    for unit, successor in untold:
        broadcast_signal(context, SYSTEM, SIGNAL, {"unit": unit, "successor": successor})
        with context.store.transaction() as tx:
            tx.next_number(_mark(unit, successor))
    moved = 0
    for key in tasks:
        try:
            moved += _move_task(context, key, successors)
        except Contended:
            continue  # somebody is working on that instance; the next round finds it again
    return moved


def _mark(unit: str, successor: str) -> str:
    return f"succession/{unit}/{successor}"


@retried_once
def _move_task(context: Context, key: int, successors: Mapping[str, str]) -> bool:
    with context.store.transaction() as tx:
        tx.lock_instance_of_user_task(key)
        task = tx.user_task(key)
        if task is None or task.state is not UserTaskState.CREATED:
            return False
        after = _follow(task, successors)
        if task.assignee is not None and task.owner is None:
            goes_along = not set(after.candidate_groups).isdisjoint(tx.groups_of(task.assignee))
            after = replace(after, assignee=task.assignee if goes_along else None)
        tx.replace_user_task(task, after)
        tell_of_task(context, tx, SYSTEM, EventKind.TASK_ASSIGNED, after, (), after.candidate_groups)
        tx.add_audit([AuditEntry(context.now(), SYSTEM.name, "UPDATE", "USER_TASK", str(key), task.place.root_key)])
        return True


def _follow(task: UserTask, successors: Mapping[str, str]) -> UserTask:
    groups = []
    for group in task.candidate_groups:
        role, at, unit = group.partition("@")
        groups.append(f"{role}{at}{successors.get(unit, unit)}")
    return replace(task, candidate_groups=tuple(dict.fromkeys(groups)))
