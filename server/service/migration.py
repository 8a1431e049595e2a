"""Migration: running instances move to another version of their process, or to another process, or nothing changes."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from server import access
from server.engine import Execution, migration, restore
from server.errors import Conflict, Forbidden, MusterError, NotFound, Problem
from server.model import Condition, InstanceState, MigrationFinding, Query, Sort
from server.service.definitions import DefinitionReader
from server.service.process_instances import find_visible_instance, open_instance
from server.service.transactions import retried_once

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from server.access import Actor
    from server.engine import ExecutableProcess
    from server.model import MappingInstruction, MigrationPlan, ProcessDefinition, ProcessInstance
    from server.service.context import Context
    from server.store import Reading, Transaction

READ_AT_ONCE = 1000
_ALL_INSTRUCTIONS = "/mappingInstructions"
_UNSAVED = 1 << 62
"""Keys of a dry run count from here: it saves nothing, and no stored key is as high."""


@dataclass(frozen=True, slots=True)
class MigrationRequest:
    """Where to, and what goes where; `same_ids` maps equal ids of the same kind where no instruction says otherwise."""

    target_key: int
    instructions: tuple[MappingInstruction, ...] = ()
    same_ids: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one of many instances; without problems it has moved, or could."""

    key: int
    problems: tuple[str, ...] = ()


@retried_once
def migrate_process_instance(context: Context, actor: Actor, key: int, request: MigrationRequest) -> None:
    """Move a process instance to another definition.

    Raises `NotFound` for the instance and the target, `Forbidden`, `InvalidArgument` for instructions that make no
    sense, and `Conflict` with a problem for each thing that cannot move; then nothing has changed.
    """
    with context.store.transaction() as tx:
        migrate_within(context, tx, actor, key, request)


def migrate_within(context: Context, tx: Transaction, actor: Actor, key: int, request: MigrationRequest) -> None:
    """Move an instance in a transaction that does more; raises likewise."""
    instance = _find_instance(tx, actor, key)
    step = open_instance(context, tx, actor, instance.root_key)
    instance = _find_instance(tx, actor, key)  # again under the lock: somebody may have migrated it
    target = find_target(step.reader, actor, request.target_key)
    _lock_starts(tx, instance, target)
    plan = _plan(tx, step.execution, instance, target, request)
    if not plan.movable:
        raise _refusal(plan, target.definition, request)
    step.note("MIGRATE", "PROCESS_INSTANCE", key)
    step.save()


def plan_migration(context: Context, actor: Actor, key: int, request: MigrationRequest) -> MigrationPlan:
    """Return what a migration would do and all that stands against it, changing nothing; raises as a migration does.

    It is the migration itself on a copy of the state, so what an expression of the target gives is told, too.
    """
    with context.store.reading() as reading:
        instance = _find_instance(reading, actor, key)
        state = reading.state_of_root(instance.root_key)
        if not state:
            raise Conflict(f"expected the process instance {key} to be {InstanceState.ACTIVE}, but it has ended")
        reader = DefinitionReader(context.definitions, reading)
        target = find_target(reader, actor, request.target_key)
        execution = Execution(reader, itertools.count(_UNSAVED), context.now(), context.config.timezone)
        restore(execution, state)
        return _plan(reading, execution, instance, target, request)


def migrate_instances(
    context: Context, actor: Actor, keys: Iterable[int], request: MigrationRequest, *, dry_run: bool
) -> Iterator[Outcome]:
    """Move many instances, each in a transaction of its own, and tell of each; with `dry_run`, tell what would be."""
    for key in keys:
        try:
            if dry_run:
                plan = plan_migration(context, actor, key, request)
                yield Outcome(key, tuple(_explain(finding) for finding in plan.findings))
            else:
                migrate_process_instance(context, actor, key, request)
                yield Outcome(key)
        except MusterError as error:
            yield Outcome(key, tuple(problem.message for problem in error.problems) or (error.message,))


def find_running_instances(context: Context, definition_key: int) -> tuple[int, ...]:
    """Return the keys of the instances of a definition that have not ended, oldest first.

    An interrupted migration of many is simply run again: instances that have moved are no longer among them.
    """
    conditions = (
        Condition("process_definition_key", "eq", definition_key),
        Condition("state", "in", [InstanceState.ACTIVE.value, InstanceState.SUSPENDED.value]),
    )
    query = Query(conditions, sort=(Sort("key"),), limit=READ_AT_ONCE)
    keys: list[int] = []
    with context.store.reading() as reading:
        while True:
            page = reading.search_process_instances(query)
            keys += [instance.key for instance in page.items]
            if len(page.items) < query.limit:
                return tuple(keys)
            query = replace(query, after=page.end_cursor)


def find_version(context: Context, process_id: str, version: int) -> ProcessDefinition:
    """Return one version of a process; raises `NotFound`."""
    with context.store.reading() as reading:
        found = reading.process_definition_version(process_id, version)
    if found is None:
        raise NotFound(f"there is no process {process_id!r} in version {version}; deploy it first")
    return found


def _find_instance(reading: Reading, actor: Actor, key: int) -> ProcessInstance:
    instance = find_visible_instance(reading, actor, key)
    if not access.may_operate(actor, instance.process_id):
        raise Forbidden("only administrators, and clients with that scope, migrate process instances")
    return instance


def find_target(reader: DefinitionReader, actor: Actor, key: int) -> ExecutableProcess:
    """Return where to, which the actor has to operate as well; what they may not know of is not there for them."""
    target = reader.process(key)
    process_id = target.definition.process_id
    if not access.may_see_definition(actor, process_id):
        raise NotFound(f"there is no process definition with key {key}")
    if not access.may_operate(actor, process_id):
        raise Forbidden(f"you may not migrate process instances to {process_id!r}")
    return target


def _plan(
    reading: Reading,
    execution: Execution,
    instance: ProcessInstance,
    target: ExecutableProcess,
    request: MigrationRequest,
) -> MigrationPlan:
    plan = migration.migrate(execution, instance.key, target, request.instructions, same_ids=request.same_ids)
    return replace(plan, findings=(*plan.findings, *_find_rival(reading, instance, target)))


def _lock_starts(tx: Transaction, instance: ProcessInstance, target: ExecutableProcess) -> None:
    """Keep messages from starting the target process under the instance's correlation key meanwhile."""
    names = {
        event.event.message_name.text
        for event in target.process.body.start_events()
        if event.event is not None and event.event.message_name is not None
    }
    if instance.start_correlation_key is not None:
        for name in sorted(names):
            tx.lock_message(name, instance.start_correlation_key)


def _find_rival(reading: Reading, instance: ProcessInstance, target: ExecutableProcess) -> Iterator[MigrationFinding]:
    """Tell of an instance of another process that began with the same correlation key: only one may be active."""
    key, process_id = instance.start_correlation_key, target.process.id
    if key is None or process_id == instance.process_id or not reading.is_started_by_message(process_id, key):
        return
    reason = f"an instance of {process_id!r} that began with a message of the correlation key {key!r} is active"
    yield MigrationFinding(process_id, None, reason, "wait until that one has ended")


def _refusal(plan: MigrationPlan, target: ProcessDefinition, request: MigrationRequest) -> Conflict:
    positions = {one.source: number for number, one in enumerate(request.instructions)}
    problems = [
        Problem(
            _ALL_INSTRUCTIONS if finding.source is None else f"{_ALL_INSTRUCTIONS}/{positions[finding.source]}",
            _explain(finding),
        )
        for finding in plan.findings
    ]
    message = (
        f"expected everything that is active to fit {target.process_id!r} version {target.version}, "
        f"found {len(problems)} that cannot move: {'; '.join(problem.message for problem in problems[:3])}"
    )
    return Conflict(message, problems=problems)


def _explain(finding: MigrationFinding) -> str:
    where = finding.element_id
    if finding.element_instance_key is not None:
        where = f"{where} ({finding.element_instance_key})"
    return f"{where}: {finding.reason}; {finding.advice}"
