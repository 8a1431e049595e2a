"""Moves a running process instance to another process definition: another version, or another process.

As in Camunda 8, as little as possible changes: tokens stay where they are mapped to, user tasks keep their assignee and
form, jobs their type and retries, timers their due date, variables their values, and nothing is evaluated again. Only
events that no instruction maps are closed, and those of the target that nothing is mapped to open. Called instances
stay on their own version.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from server.catalog.model import TimerKind
from server.engine.events import arm_boundary_event, arm_event_behind, arm_event_sub_process
from server.engine.migration_mappings import Mappings
from server.engine.migration_plan import Planner
from server.engine.specs.ad_hoc import INNER, AdHocContainer
from server.engine.specs.multi_instance import EACH, EachContainer
from server.engine.stops import TokenStopped
from server.errors import Conflict
from server.model import HistoryEvent, InstanceMigration, MigrationFinding, RowMove

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from server.engine.definitions import ExecutableProcess
    from server.engine.execution import Execution
    from server.engine.migration_plan import Moves
    from server.engine.tokens import Container, Token
    from server.model import MappingInstruction, MigrationPlan


def migrate(
    execution: Execution,
    instance_key: int,
    target: ExecutableProcess,
    instructions: Sequence[MappingInstruction],
    *,
    same_ids: bool = False,
) -> MigrationPlan:
    """Move a process instance, if everything that is open in it can move, and return the plan.

    With findings in the plan the execution must be thrown away: some of them are met on the way, when the expression of
    an event that would open fails. So a dry run is a migration that is not saved. `same_ids` maps elements with equal
    id and kind where no instruction says otherwise. Raises `Conflict` for an instance that has ended or runs on the
    target already, and `InvalidArgument` for instructions that name an element twice, or one that does not exist.
    """
    outer = execution.containers.get(instance_key)
    if outer is None or not outer.is_process:
        raise Conflict(f"expected the process instance {instance_key} to be active, but it has ended")
    definition = outer.executable.definition
    if definition.key == target.definition.key:
        raise Conflict(
            f"expected another definition than the instance runs on, found {definition.process_id!r} "
            f"version {definition.version} itself"
        )
    mappings = Mappings(outer.executable, target, instructions, same_ids=same_ids)
    planner = Planner(execution, outer, target, mappings)
    plan = planner.plan()
    if not plan.movable:
        return plan
    _move(execution, planner, instance_key)
    plan = replace(plan, findings=tuple(_open_events(planner.moves)))
    execution.advance()  # an inclusive join may be beyond the reach of the other tokens now
    return plan


def _move(execution: Execution, planner: Planner, instance_key: int) -> None:
    """Let every token stand in the target; those of events that nothing is mapped to are taken away."""
    for token in planner.moves.closed:
        execution.release(token)
        token.workflow.remove(token)
    moved = [token for container in planner.containers for token in container.live_tokens()]
    entered = [token for token in moved if token.internal_data.get("entered")]
    for token in entered:
        execution.record(token, HistoryEvent.MOVED_AWAY)
    for container in planner.containers:
        _move_container(container, planner)
    for token in entered:
        execution.record(token, HistoryEvent.MIGRATED)
    definition = planner.target.definition
    execution.changes.instances_migrated.append(
        InstanceMigration(
            instance_key,
            definition.key,
            definition.process_id,
            definition.version,
            user_tasks=_rows(moved, "user_task"),
            jobs=_rows(moved, "job"),
            timers=_rows(moved, "timer"),
            subscriptions=_rows(moved, "subscription"),
            signal_subscriptions=_rows(moved, "signal"),
            incidents=_rows(moved, "incident"),
        )
    )


def _move_container(container: Container, planner: Planner) -> None:
    owner, moves, target = container.owner, planner.moves, planner.target
    body_id = target.process.id
    if owner is not None and container is not planner.outer:
        endings: dict[type[Container], str] = {EachContainer: EACH, AdHocContainer: INNER}
        body_id = f"{moves.elements[owner.key].removesuffix(INNER)}{endings.get(type(container), '')}"
    container.executable = target
    container.spec = target.specs[body_id]
    container.task_tree.task_spec = container.spec.start
    for token in container.live_tokens():
        collected = _collection_of(token)
        token.task_spec = container.spec.task_specs[moves.elements[token.key]]
        if token.key in moves.flows:
            token.internal_data["flow"] = moves.flows[token.key]
        if "element" in token.internal_data:  # what an inner instance of an ad-hoc sub-process begins
            element_id = token.internal_data["element"]
            token.internal_data["element"] = planner.mappings.take(element_id) or element_id
        _adopt_cycle(token)
        _adopt_collection(token, collected)


def _adopt_cycle(token: Token) -> None:
    """Let a waiting timer count as the first repetition of a cycle, or forget the cycle that it was part of."""
    data, event = token.internal_data, token.node.event
    if event is not None and event.timer_kind is TimerKind.CYCLE:
        if "timer" in data:
            data.setdefault("repetitions", 1)
    else:
        data.pop("repetitions", None)
        data.pop("due", None)


def _collection_of(body: Token) -> str | None:
    marker = body.node.multi_instance
    return None if marker is None or "total" not in body.internal_data else marker.output_collection


def _adopt_collection(body: Token, before: str | None) -> None:
    """Let a multi-instance activity go on collecting under the name that the target has for the outputs."""
    name, scopes = _collection_of(body), body.execution.scopes
    if name is not None and name != before:
        nothing: list[object] = [None] * body.internal_data["total"]
        found = nothing if before is None else scopes.scopes[body.key].variables[before]
        scopes.write_local(body.key, {name: found})


def _rows(tokens: Sequence[Token], what: str) -> tuple[RowMove, ...]:
    """Return the open rows of one kind that moved with their tokens."""
    moved = []
    for token in tokens:
        found = token.internal_data.get(what)
        if found is not None:
            key: int = found[0] if isinstance(found, list) else found
            moved.append(RowMove(key, token.node.id, token.node.name))
    return tuple(moved)


def _open_events(moves: Moves) -> Iterator[MigrationFinding]:
    """Let the events of the target wait that nothing is mapped to."""
    opens: list[tuple[str, int | None, Callable[[], None]]] = []
    for host, node in moves.boundary_events:
        opens.append((node.id, host.key, partial(arm_boundary_event, host, node)))
    for gateway, flow in moves.events_behind:
        opens.append((flow.target, gateway.key, partial(arm_event_behind, gateway, flow)))
    for container, node in moves.event_sub_processes:
        opens.append((node.id, None, partial(arm_event_sub_process, container, node)))
    for element_id, key, open_event in opens:
        try:
            open_event()
        except TokenStopped as stopped:
            reason = f"the new event {element_id!r} cannot wait: {stopped.message}"
            yield MigrationFinding(element_id, key, reason, "write the variables it needs, or change the diagram")
