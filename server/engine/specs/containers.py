"""Elements that hold others: embedded sub-processes and call activities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

from server.catalog.model import CallWork, work_of
from server.engine.events import await_event
from server.engine.mappings import local_variables, map_inputs, open_scope
from server.engine.specs.activities import ActivitySpec
from server.engine.stops import TokenStopped
from server.engine.timers import wait_again
from server.engine.tokens import InnerContainer
from server.model import IncidentType, InstanceState, ProcessInstance

if TYPE_CHECKING:
    from server.engine.definitions import ExecutableProcess
    from server.engine.tokens import Token

DEEPEST_CALL = 30


class EmbeddedSubProcess(ActivitySpec):
    """Runs its own elements in a scope of its own."""

    def _run_hook(self, my_task: Token) -> None:
        start = my_task.workflow.executable.bodies[self.node.id].start_events()[0]
        self.begin(my_task, my_task.execution.open(self.open_inside(my_task), start))

    def open_inside(self, token: Token) -> InnerContainer:
        """Open the container and the scope in which the own elements of a token's sub-process run."""
        open_scope(token)
        executable = token.workflow.executable
        return InnerContainer(executable.specs[self.node.id], executable, token.key, token.workflow.instance_key, token)

    def begin(self, token: Token, start: Token) -> None:
        """Hand the start event what it brings."""


class EventSubProcess(EmbeddedSubProcess):
    """Listens for its start event while its container runs, and is run by it (BPMN 2.0.2 §13.5.4).

    A token that does not listen is one that an operator activates.
    """

    def _update_hook(self, my_task: Token) -> bool:
        if "listener" not in my_task.internal_data:
            return super()._update_hook(my_task)
        if "repetitions" in my_task.internal_data:
            wait_again(my_task)
        else:
            await_event(my_task, my_task)
            my_task._set_state(TaskState.WAITING)  # noqa: SLF001 - SpiffWorkflow's own way
        return False

    def _run_hook(self, my_task: Token) -> None:
        map_inputs(my_task)
        super()._run_hook(my_task)

    def begin(self, token: Token, start: Token) -> None:
        """Hand the start event the variables of what triggered it."""
        start.internal_data["result"] = token.internal_data.pop("result", {})


class CallActivity(ActivitySpec):
    """Runs another process as a process instance of its own, inside the root's state.

    The called process is looked up when the token arrives, never at parsing (architecture.md, decision 2).
    """

    def _run_hook(self, my_task: Token) -> None:
        work = work_of(self.node, CallWork)
        execution = my_task.execution
        called = self._resolve(my_task, work)
        start = next((n for n in called.process.body.start_events() if n.event is None or n.event.kind == "none"), None)
        if start is None:
            raise self._stop(f"the process {called.process.id!r} has no start event without a trigger", work)
        variables = dict(execution.evaluator(my_task).view)
        if not work.propagate_all_parent_variables:
            variables = local_variables(my_task)
        key = execution.next_key()
        execution.changes.instances_started.append(self._instance(my_task, called, key))
        execution.scopes.open(key, None, key, variables)
        execution.open(InnerContainer(called.spec, called, key, key, my_task), start)

    def _resolve(self, token: Token, work: CallWork) -> ExecutableProcess:
        execution = token.execution
        if token.workflow.depth >= DEEPEST_CALL:
            message = f"expected at most {DEEPEST_CALL} processes and sub-processes inside each other"
            raise TokenStopped(IncidentType.MESSAGE_SIZE_EXCEEDED, message, work.process.id.text)
        process_id = execution.evaluator(token).text(work.process.id, "processId")
        deployment_key = token.workflow.executable.definition.deployment_key
        called = execution.definitions.find_process(work.process, process_id or "", deployment_key)
        if called is None:
            raise self._stop(f"expected a deployed process {process_id!r} ({work.process.binding}), found none", work)
        return called

    def _stop(self, message: str, work: CallWork) -> TokenStopped:
        return TokenStopped(
            IncidentType.CALLED_ELEMENT_ERROR, f"{message}; deploy it, then resolve", work.process.id.text
        )

    def _instance(self, token: Token, called: ExecutableProcess, key: int) -> ProcessInstance:
        execution = token.execution
        return ProcessInstance(
            key=key,
            root_key=execution.root.key,
            process_definition_key=called.definition.key,
            process_id=called.definition.process_id,
            version=called.definition.version,
            state=InstanceState.ACTIVE,
            start_date=execution.now,
            parent_key=token.workflow.instance_key,
            parent_element_instance_key=token.key,
        )
