"""Tokens and the containers they stand in: SpiffWorkflow's tasks and workflows, without history.

A token is a SpiffWorkflow task that lives only while its element does: it hangs directly below the root task of its
workflow and is removed when its element is left, so an instance costs what is open in it, however often it has gone
round a loop. Nothing is predicted, `task.data` stays empty: variables are in the scope tree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from server.errors import MusterError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec

    from server.catalog.model import FlowNode
    from server.engine.definitions import ExecutableProcess
    from server.engine.execution import Execution

ROOT = -1
"""Id of the root task of every workflow; element instance keys are positive."""


class Token(Task):  # type: ignore[misc] # SpiffWorkflow is untyped
    """One token at one element. Its `id` is the element instance key.

    `internal_data` is saved with the state; what may stand in it:
    `flow` (the flow it came by, at a join), `host` (activity of a boundary event), `user_task`, `job`, `timer`,
    `subscription`, `signal` (keys), `incident` ([key, phase]), `result` (variables to be put out), `entered`,
    `repetitions`, `due` (of a cycle), `since` (from when a duration or cycle counts), `gateway` (of an event behind an
    event-based gateway), `chosen` (flows), `joined`, `local` (item and number of an instance of a multi-instance
    activity), `given` (variables from an operator), `cause` (what its event came by, for the history), and the counts
    of its body.
    """

    internal_data: dict[str, Any]
    workflow: Container

    def __init__(self, container: Container, spec: Any, key: int, state: int = TaskState.FUTURE) -> None:  # noqa: ANN401
        super().__init__(container, spec, parent=container.task_tree, state=state, id=key)
        container.execution.tokens[key] = self

    @property
    def key(self) -> int:
        """The element instance key."""
        key: int = self.id
        return key

    @property
    def node(self) -> FlowNode:
        """The element the token stands on."""
        node: FlowNode = self.task_spec.node
        return node

    @property
    def execution(self) -> Execution:
        """The step that is being executed."""
        return self.workflow.execution

    @property
    def is_gone(self) -> bool:
        """Whether the token has left its element."""
        return self.key not in self.workflow.tasks

    def _set_state(self, value: int) -> None:
        self._state = value

    def _ready(self) -> None:
        super()._ready()
        self.execution.queue.append(self)


class NoScripts(PythonScriptEngine):  # type: ignore[misc] # SpiffWorkflow is untyped
    """SpiffWorkflow's script engine, refusing: every expression of a diagram is FEEL and goes through `Evaluator`."""

    def evaluate(self, task: object, expression: object, external_context: object = None) -> object:
        """Refuse."""
        raise MusterError(f"SpiffWorkflow was asked to evaluate {expression!r}; expressions are FEEL")

    def execute(self, task: object, script: object, external_context: object = None) -> bool:
        """Refuse."""
        raise MusterError(f"SpiffWorkflow was asked to execute {script!r}; scripts are FEEL")


_NO_SCRIPTS = NoScripts()


class Container:
    """What a process instance and a running sub-process have in common.

    `key` is the scope key: the process instance key, or the element instance key of the sub-process.
    """

    key: int
    execution: Execution
    executable: ExecutableProcess
    instance_key: int
    owner: Token | None
    tasks: dict[int, Any]
    task_tree: Any
    spec: BpmnProcessSpec
    depth: int = 0
    """How many containers are around this one."""

    def _begin(
        self, execution: Execution, executable: ExecutableProcess, key: int, instance_key: int, owner: Token | None
    ) -> None:
        self.key = key
        self.execution = execution
        self.executable = executable
        self.instance_key = instance_key
        self.owner = owner
        self.task_tree = Task(self, self.spec.start, state=TaskState.COMPLETED, id=ROOT)
        execution.containers[key] = self

    def live_tokens(self) -> Iterator[Token]:
        """Yield the tokens in the order in which they came."""
        return (task for key, task in list(self.tasks.items()) if key != ROOT)

    def remove(self, token: Token) -> None:
        """Take a token out, with the scope of its own."""
        self._remove_task(token.key)  # type: ignore[attr-defined] # SpiffWorkflow's
        del self.execution.tokens[token.key]
        self.execution.scopes.close(token.key)

    def collect(self, token: Token) -> None:
        """Take what an element that is about to complete leaves for its container."""

    def on_left(self, token: Token) -> None:
        """Note that a token has left its element; a container may go on in its own way."""

    def event_sub_processes(self) -> Iterator[FlowNode]:
        """Yield the event sub-processes that stand in this container."""
        body = self.executable.bodies.get(self.spec.name)
        nodes = () if body is None else body.nodes.values()
        return (node for node in nodes if node.type == "eventSubProcess")

    @property
    def is_empty(self) -> bool:
        """Whether no token is left but those that listen for event sub-processes."""
        return len(self.tasks) == 1 or all("listener" in token.internal_data for token in self.live_tokens())

    @property
    def is_process(self) -> bool:
        """Whether this is a process instance, not a sub-process."""
        return self.key == self.instance_key


class RootContainer(BpmnWorkflow, Container):  # type: ignore[misc] # SpiffWorkflow is untyped
    """The root process instance."""

    def __init__(self, execution: Execution, executable: ExecutableProcess, key: int) -> None:
        super().__init__(executable.spec, executable.specs, script_engine=_NO_SCRIPTS, deserializing=True)
        self._begin(execution, executable, key, key, None)


class InnerContainer(BpmnSubWorkflow, Container):  # type: ignore[misc] # SpiffWorkflow is untyped
    """A running sub-process, or a called process instance."""

    def __init__(
        self, spec: BpmnProcessSpec, executable: ExecutableProcess, key: int, instance_key: int, owner: Token
    ) -> None:
        self._outer = owner.workflow
        super().__init__(spec, owner.key, owner.execution.root, deserializing=True)
        self._begin(owner.execution, executable, key, instance_key, owner)
        owner.execution.root.subprocesses[owner.key] = self

    def _calculate_depth(self) -> int:
        return self._outer.depth + 1
