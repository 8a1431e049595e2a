"""Batch operations: the same done to many instances or incidents by the worker, one transaction an item.

Who may do the single operation may do it to many, and only to what they may operate; the rights are looked at again
for each item. An item and what came of it are one commit, so nothing is done twice, however many workers there are and
whichever of them dies. Source of the rules: Camunda 8, batch operations.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from server import access
from server.errors import Conflict, Contended, Forbidden, InvalidArgument, MusterError, NotFound, Unavailable
from server.model import (
    AncestorRule,
    AuditEntry,
    BatchItem,
    BatchItemState,
    BatchOperation,
    BatchState,
    BatchType,
    Condition,
    InstanceState,
    MappingInstruction,
    Modification,
    MoveInstruction,
    Query,
    Selection,
)
from server.service.definitions import DefinitionReader
from server.service.incidents import resolve_within
from server.service.migration import MigrationRequest, find_target, migrate_within
from server.service.modification import modify_within
from server.service.process_instances import cancel_within, find_visible_instance
from server.service.sign_ins import find_actor
from server.service.suspension import resume_within, suspend_within
from server.service.transactions import retried_once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from server.access import Actor
    from server.model import Page, Selected
    from server.service.context import Context
    from server.store import Reading, Transaction

log = logging.getLogger(__name__)
MOST_ITEMS = 100_000
_STATES: Mapping[BatchType, frozenset[InstanceState]] = {
    BatchType.CANCEL_PROCESS_INSTANCE: frozenset({InstanceState.ACTIVE, InstanceState.SUSPENDED}),
    BatchType.MIGRATE_PROCESS_INSTANCE: frozenset({InstanceState.ACTIVE}),
    BatchType.MODIFY_PROCESS_INSTANCE: frozenset({InstanceState.ACTIVE}),
    BatchType.RESOLVE_INCIDENT: frozenset({InstanceState.ACTIVE}),
    BatchType.RESUME_PROCESS_INSTANCE: frozenset({InstanceState.SUSPENDED}),
    BatchType.SUSPEND_PROCESS_INSTANCE: frozenset({InstanceState.ACTIVE}),
}
_OF_ROOTS = frozenset(
    {
        BatchType.CANCEL_PROCESS_INSTANCE,
        BatchType.RESUME_PROCESS_INSTANCE,
        BatchType.SUSPEND_PROCESS_INSTANCE,
    }
)


class _DoneAlreadyError(Exception):
    """Another worker was faster, or the item was given up meanwhile."""


def begin_migration(context: Context, actor: Actor, query: Query, request: MigrationRequest) -> BatchOperation:
    """Begin to move the instances that match a query to another definition; raises as `begin_batch`, and `NotFound`."""
    with context.store.reading() as reading:
        find_target(DefinitionReader(context.definitions, reading), actor, request.target_key)
    plan = {
        "target": request.target_key,
        "instructions": [[one.source, one.target] for one in request.instructions],
    }
    return begin_batch(context, actor, BatchType.MIGRATE_PROCESS_INSTANCE, query, plan)


def begin_modification(
    context: Context, actor: Actor, query: Query, moves: Iterable[tuple[str, str]]
) -> BatchOperation:
    """Begin to move tokens of the instances that match a query, from element to element; raises as `begin_batch`."""
    plan = {"moves": [list(move) for move in moves]}
    return begin_batch(context, actor, BatchType.MODIFY_PROCESS_INSTANCE, query, plan)


@retried_once
def begin_resolution(context: Context, actor: Actor, process_instance_key: int) -> BatchOperation:
    """Begin to resolve the incidents of one process instance; raises `NotFound` and `Forbidden`."""
    with context.store.transaction() as tx:
        instance = find_visible_instance(tx, actor, process_instance_key)
        if not access.may_operate(actor, instance.process_id):
            raise Forbidden("only administrators, and clients with that scope, resolve incidents")
        query = Query((Condition("key", "eq", process_instance_key),))
        return _begin(context, tx, actor, BatchType.RESOLVE_INCIDENT, query, {})


@retried_once
def begin_batch(
    context: Context, actor: Actor, kind: BatchType, query: Query, plan: Mapping[str, object] | None = None
) -> BatchOperation:
    """Note what is to be done to the process instances that match a query, or to their incidents; the worker does it.

    Selected are those of processes that the actor may operate, in the states that the operation is for. Raises
    `Forbidden` for who operates nothing, and `InvalidArgument` for states that cannot be cancelled and too many items.
    """
    with context.store.transaction() as tx:
        return _begin(context, tx, actor, kind, query, plan or {})


def _begin(
    context: Context, tx: Transaction, actor: Actor, kind: BatchType, query: Query, plan: Mapping[str, object]
) -> BatchOperation:
    selected = _select(tx, actor, kind, query)
    if len(selected) > MOST_ITEMS:
        raise InvalidArgument(f"expected a filter that selects at most {MOST_ITEMS} items, found more")
    now = context.now()
    state, end_date = (BatchState.ACTIVE, None) if selected else (BatchState.COMPLETED, now)
    batch = BatchOperation(next(tx.keys), kind, state, actor.name, actor.kind, now, end_date, plan)
    items = (
        BatchItem(next(tx.keys), batch.key, kind, one.item_key, one.process_instance_key, one.root_key)
        for one in selected
    )
    tx.add_batch_operation(batch, items)
    _note(context, tx, actor, "CREATE", batch.key)
    return batch


def _select(reading: Reading, actor: Actor, kind: BatchType, query: Query) -> tuple[Selected, ...]:
    operated = access.find_operated(actor)
    if operated is not None and not operated:
        raise Forbidden("only administrators, and clients with that scope, operate process instances")
    conditions = list(query.conditions)
    if kind is BatchType.CANCEL_PROCESS_INSTANCE:
        _check_states(conditions)
    else:
        conditions = [one for one in conditions if one.name != "state"]
    conditions.append(Condition("state", "in", tuple(state.value for state in _STATES[kind])))
    if kind in _OF_ROOTS:
        conditions = [one for one in conditions if one.name != "parent_key"]
        conditions.append(Condition("parent_key", "exists", value=False))
    if operated is not None:
        conditions.append(Condition("process_id", "in", tuple(sorted(operated))))
    wanted = replace(query, conditions=tuple(conditions))
    if kind is BatchType.RESOLVE_INCIDENT:
        return reading.select_incidents_of_instances(wanted, MOST_ITEMS + 1)
    return reading.select_process_instances(wanted, MOST_ITEMS + 1)


def _check_states(conditions: Iterable[Condition]) -> None:
    possible = _STATES[BatchType.CANCEL_PROCESS_INSTANCE]
    for one in conditions:
        if one.name == "state" and one.operator in {"eq", "in"}:
            wanted = one.value if isinstance(one.value, tuple) else (one.value,)
            if not possible.issuperset(wanted):
                raise InvalidArgument(
                    f"expected the states {' and '.join(sorted(possible))} to be cancelled, found others"
                )


def get_batch(context: Context, actor: Actor, key: int) -> BatchOperation:
    """Return a batch operation; raises `NotFound`."""
    with context.store.reading() as reading:
        return _find(reading, actor, key)


def search_batches(context: Context, actor: Actor, query: Query) -> Page[BatchOperation]:
    """Search the batch operations that the actor may see: all, or those they have begun."""
    with context.store.reading() as reading:
        return reading.search_batch_operations(query, _creator(actor))


def search_items(context: Context, actor: Actor, query: Query) -> Page[BatchItem]:
    """Search the items of batch operations that the actor may see."""
    with context.store.reading() as reading:
        return reading.search_batch_items(query, _creator(actor))


def _creator(actor: Actor) -> str | None:
    if access.may_see_all_batches(actor):
        return None
    return actor.name if access.may_see_batch(actor, actor.name) else ""


@retried_once
def suspend_batch(context: Context, actor: Actor, key: int) -> None:
    """Let the items that still wait stand still. Raises `NotFound`, `Forbidden`, `Conflict` when it is not running."""
    _steer(context, actor, key, "SUSPEND", (BatchState.ACTIVE,), BatchState.SUSPENDED)


@retried_once
def resume_batch(context: Context, actor: Actor, key: int) -> None:
    """Let a suspended batch operation go on. Raises likewise."""
    _steer(context, actor, key, "RESUME", (BatchState.SUSPENDED,), BatchState.ACTIVE)


@retried_once
def cancel_batch(context: Context, actor: Actor, key: int) -> None:
    """Give up the items that still wait; what is done stays done. Raises likewise."""
    _steer(context, actor, key, "CANCEL", (BatchState.ACTIVE, BatchState.SUSPENDED), BatchState.CANCELED)


def _steer(
    context: Context, actor: Actor, key: int, operation: str, before: tuple[BatchState, ...], after: BatchState
) -> None:
    with context.store.transaction() as tx:
        batch = _find(tx, actor, key)
        if not access.may_steer_batch(actor, batch.actor):
            raise Forbidden("only administrators, and who has begun it, suspend, resume and cancel a batch operation")
        now = context.now()
        if not tx.change_batch_state(key, before, after, now if after is BatchState.CANCELED else None):
            raise Conflict(f"expected the batch operation to be {' or '.join(before)}, but it is {batch.state}")
        if after is BatchState.CANCELED:
            tx.cancel_batch_items(key, now)
        _note(context, tx, actor, operation, key)


def _find(reading: Reading, actor: Actor, key: int) -> BatchOperation:
    batch = reading.batch_operation(key)
    if batch is None or not access.may_see_batch(actor, batch.actor):
        raise NotFound(f"there is no batch operation with key {key}")
    return batch


def _note(context: Context, tx: Transaction, actor: Actor, operation: str, key: int) -> None:
    tx.add_audit([AuditEntry(context.now(), actor.name, operation, "BATCH_OPERATION", str(key))])


def open_items(context: Context, limit: int) -> tuple[BatchItem, ...]:
    """Return items of running batch operations that wait, the oldest first; candidates without a lock."""
    with context.store.reading() as reading:
        return reading.open_batch_items(limit)


def finished_batches(context: Context, limit: int) -> tuple[int, ...]:
    """Return running batch operations that have no item left; candidates without a lock."""
    with context.store.reading() as reading:
        return reading.finished_batch_operations(limit)


def finish_batch(context: Context, key: int) -> bool:
    """Complete a batch operation that has no item left; False when it is not so any more."""
    with context.store.transaction() as tx:
        return tx.finish_batch_operation(key, context.now())


def run_item(context: Context, item: BatchItem) -> bool:
    """Do what a batch operation asks to one item and note it, in one commit; False when somebody else has.

    What refuses, or fails, makes the item FAILED with the reason.
    """
    try:
        return _do(context, item)
    except _DoneAlreadyError:
        return False
    except (Contended, Unavailable):
        raise
    except MusterError as error:
        return _fail(context, item, error.message)
    except Exception:
        log.exception("item %s of batch %s failed", item.item_key, item.batch_key)
        return _fail(context, item, "it failed unexpectedly; the server's log says why")


def _do(context: Context, item: BatchItem) -> bool:
    with context.store.glancing() as reading:
        batch = reading.running_batch_operation(item.batch_key)
    if batch is None:
        return False
    actor = find_actor(context, batch.actor_kind, batch.actor)
    if actor is None:
        raise Forbidden(f"{batch.actor!r} may not sign in any more")
    with context.store.transaction() as tx:
        _DO[item.type](context, tx, actor, item.item_key, batch.plan)
        if not tx.end_batch_item(item.key, BatchItemState.COMPLETED, context.now()):
            raise _DoneAlreadyError
    return True


def _fail(context: Context, item: BatchItem, message: str) -> bool:
    with context.store.transaction() as tx:
        return tx.end_batch_item(item.key, BatchItemState.FAILED, context.now(), message)


def _migrate(context: Context, tx: Transaction, actor: Actor, key: int, plan: Mapping[str, object]) -> None:
    pairs = plan["instructions"]
    instructions = tuple(MappingInstruction(*pair) for pair in pairs) if isinstance(pairs, list) else ()
    migrate_within(context, tx, actor, key, MigrationRequest(int(str(plan["target"])), instructions))


def _modify(context: Context, tx: Transaction, actor: Actor, key: int, plan: Mapping[str, object]) -> None:
    pairs = plan["moves"] if isinstance(plan["moves"], list) else []
    moves = tuple(
        MoveInstruction(Selection(element_id=source), target, AncestorRule.SOURCE_PARENT) for source, target in pairs
    )
    modify_within(context, tx, actor, key, Modification(move=moves))


_DO: Mapping[BatchType, Callable[[Context, Transaction, Actor, int, Mapping[str, object]], None]] = {
    BatchType.CANCEL_PROCESS_INSTANCE: lambda context, tx, actor, key, _: cancel_within(context, tx, actor, key),
    BatchType.RESOLVE_INCIDENT: lambda context, tx, actor, key, _: resolve_within(context, tx, actor, key),
    BatchType.RESUME_PROCESS_INSTANCE: lambda context, tx, actor, key, _: resume_within(context, tx, actor, key),
    BatchType.SUSPEND_PROCESS_INSTANCE: lambda context, tx, actor, key, _: suspend_within(context, tx, actor, key),
    BatchType.MIGRATE_PROCESS_INSTANCE: _migrate,
    BatchType.MODIFY_PROCESS_INSTANCE: _modify,
}
