"""Modification of a running process instance: elements are activated, terminated and moved where an operator says.

Everything is activated first and terminated then, so that an instance does not die in between; elements are entered as
if a flow had led there, in the order of the instructions. Source of the rules: Camunda 8, "process instance
modification"; where Muster goes on (instances of multi-instance activities, joins), docs/api.md says how.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

from server.engine.events import arm_boundary_events, listen
from server.engine.joins import take_arrived
from server.engine.mappings import open_scope
from server.engine.modification_plan import ModificationPlan
from server.engine.specs.ad_hoc import AdHocContainer
from server.engine.specs.multi_instance import EachContainer
from server.engine.stops import TokenStopped
from server.engine.tokens import Token
from server.errors import Conflict, InvalidArgument
from server.model import ActivateInstruction, Modification, ModificationResult

if TYPE_CHECKING:
    from collections.abc import Iterable

    from server.engine.execution import Execution
    from server.engine.flow_scopes import FlowScope
    from server.engine.modification_plan import Activation
    from server.engine.specs.ad_hoc import AdHocSubProcess, InnerInstance
    from server.engine.specs.containers import EmbeddedSubProcess
    from server.engine.tokens import Container

JOINS = frozenset({"parallelGateway", "inclusiveGateway"})


def modify(execution: Execution, process_instance_key: int, modification: Modification) -> ModificationResult:
    """Carry out a modification of a root or called process instance.

    Raises `InvalidArgument` for what its diagram does not allow and `Conflict` for what its state does not, before
    anything has changed; only where the boundary events of a sub-process that has to be opened cannot be armed is it
    told too late, and the execution must be thrown away.
    """
    process = execution.containers.get(process_instance_key)
    if process is None or not process.is_process:
        raise Conflict(f"expected the process instance {process_instance_key} to be active, but it has ended")
    if not (modification.activate or modification.move or modification.terminate):
        raise InvalidArgument("expected at least one instruction, found none")
    plan = ModificationPlan(process, modification)
    for activation in plan.activations:
        _activate(activation)
    _terminate(execution, plan)
    execution.advance()
    activated = tuple(activation.node.id for activation in plan.activations)
    return ModificationResult(activated, tuple(token.key for token in plan.terminated))


def begin_at(process: Container, element_ids: Iterable[str]) -> None:
    """Let a process instance that has just been opened begin at these elements, in order; raises as `modify` does."""
    plan = ModificationPlan(process, Modification(tuple(ActivateInstruction(one) for one in element_ids)))
    for activation in plan.activations:
        _activate(activation)


def _activate(activation: Activation) -> None:
    container = activation.scope.base
    for scope in reversed(list(activation.scope.ways_in)):
        variables = {k: v for target, values in activation.variables if target is scope for k, v in values.items()}
        if scope.container is None:
            container = scope.container = _open(scope, container, variables)
        else:
            container = scope.container
            container.execution.scopes.write_local(container.key, variables)
    if isinstance(container, EachContainer) and activation.adds_instance:
        container.add(activation.own_variables)
    else:
        _enter(activation, container)


def _open(scope: FlowScope, parent: Container, variables: dict[str, object]) -> Container:
    """Open a sub-process around an element: its events wait, but its start event and its inputs are passed by."""
    execution = parent.execution
    spec: EmbeddedSubProcess | AdHocSubProcess | InnerInstance = parent.spec.task_specs[scope.element_id]
    token = Token(parent, spec, execution.next_key(), TaskState.STARTED)
    execution.enter(token)
    open_scope(token)
    if isinstance(parent, AdHocContainer):
        variables = parent.first_variables | variables
        token.internal_data["local"] = variables
    execution.scopes.write_local(token.key, variables)
    try:
        arm_boundary_events(token)
    except TokenStopped as stopped:
        raise InvalidArgument(
            f"the sub-process {scope.name!r} cannot be opened: {stopped.message} ({stopped.expression}); give what it "
            "needs with variableInstructions"
        ) from stopped
    inner = spec.open_inside(token)
    listen(inner)
    return inner


def _enter(activation: Activation, container: Container) -> None:
    node, variables = activation.node, activation.own_variables
    token = container.execution.spawn(container, node)
    if variables:
        open_scope(token)
        container.execution.scopes.write_local(token.key, variables)
        token.internal_data["given"] = variables
    if node.type in JOINS and len(node.incoming) > 1:
        take_arrived(container, node.id)
        token.internal_data["joined"] = True


def _terminate(execution: Execution, plan: ModificationPlan) -> None:
    if plan.ends:
        execution.terminate()
        return
    gone = {token.key for token in plan.terminated}
    thinned: list[Container] = []
    for token in plan.terminated:
        if token.is_gone:
            continue
        container = token.workflow
        if isinstance(container, EachContainer) and container.owner.key not in gone:
            container.take_out(token)
        else:
            execution.cancel(token)
        if isinstance(container, EachContainer | AdHocContainer):
            thinned.append(container)
    for container in thinned:
        if container.key in execution.containers and container.is_empty:
            execution.close(container)
