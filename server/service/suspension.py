"""Suspension and resumption: an operator makes an instance stand still, and lets it go on where it stood."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import access
from server.errors import Conflict, Forbidden
from server.model import AuditEntry, HistoryEvent, HistoryRecord, InstanceState, Place
from server.service.process_instances import find_visible_instance
from server.service.steps import check_running, open_step
from server.service.transactions import retried_once

if TYPE_CHECKING:
    from server.access import Actor
    from server.model import ProcessInstance
    from server.service.context import Context
    from server.store import Transaction


@retried_once
def suspend_process_instance(context: Context, actor: Actor, key: int) -> None:
    """Let a root instance, and everything that it called, stand still.

    No user task is completed or handed on, no job is offered or completed, no timer fires, no message and no signal
    reaches it. Raises `NotFound`, `Forbidden`, and `Conflict` when it is not active or was called by another one.
    """
    with context.store.transaction() as tx:
        suspend_within(context, tx, actor, key)


def suspend_within(context: Context, tx: Transaction, actor: Actor, key: int) -> None:
    """Suspend an instance in a transaction that does more; raises likewise."""
    instance = _find_root(tx, actor, key)
    check_running(tx.lock_instance(instance.key))
    tx.suspend_root(instance.key, context.now())
    tx.add_history([_line(context, tx, actor, instance, HistoryEvent.SUSPENDED)])
    tx.add_audit([AuditEntry(context.now(), actor.name, "SUSPEND", "PROCESS_INSTANCE", str(key), instance.key)])


@retried_once
def resume_process_instance(context: Context, actor: Actor, key: int) -> None:
    """Let a suspended root instance go on.

    Messages that were published meanwhile and are still valid reach it at once; timers that came due meanwhile are
    fired by the worker, in the order of their times. Raises `NotFound`, `Forbidden`, and `Conflict` when it is not
    suspended.
    """
    with context.store.transaction() as tx:
        resume_within(context, tx, actor, key)


def resume_within(context: Context, tx: Transaction, actor: Actor, key: int) -> None:
    """Resume an instance in a transaction that does more; raises likewise."""
    instance = _find_root(tx, actor, key)
    locked = tx.lock_instance(instance.key)
    if locked is None or not locked.active or not locked.suspended:
        found = InstanceState.ACTIVE if locked is not None and locked.active else instance.state
        raise Conflict(f"expected the process instance to be {InstanceState.SUSPENDED}, but it is {found}")
    tx.resume_root(instance.key)
    tx.add_history([_line(context, tx, actor, instance, HistoryEvent.RESUMED)])
    step = open_step(context, tx, actor, locked)
    step.suspended = False
    step.deliver_buffered(tx.message_subscriptions_of_root(instance.key))
    step.note("RESUME", "PROCESS_INSTANCE", key)
    step.save()


def _line(
    context: Context, tx: Transaction, actor: Actor, instance: ProcessInstance, event: HistoryEvent
) -> HistoryRecord:
    key, process_id = instance.key, instance.process_id
    place = Place(process_id, key, key, instance.root_key, instance.process_definition_key, process_id)
    return HistoryRecord(next(tx.keys), place, "process", event, context.now(), actor.name)


def _find_root(tx: Transaction, actor: Actor, key: int) -> ProcessInstance:
    instance = find_visible_instance(tx, actor, key)
    if not access.may_operate(actor, instance.process_id):
        raise Forbidden("only administrators, and clients with that scope, suspend and resume process instances")
    if instance.parent_key is not None:
        raise Conflict(
            f"the process instance {key} was called by {instance.parent_key} and stands still with its root instance: "
            f"name that, {instance.root_key}"
        )
    return instance
