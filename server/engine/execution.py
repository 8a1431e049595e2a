"""One step of one root instance: the tokens that can move do, until all of them wait.

An `Execution` is made for one transaction by `engine.state` (load) or `engine.commands.start`, driven by
`engine.commands`, and ends in a `StepResult`. It does no I/O; time, keys and definitions are handed in.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

from server.catalog.model import CallWork, work_of
from server.engine.changes import Changes
from server.engine.events import discard_waiting_events, listen, throw_error
from server.engine.expressions import Evaluator
from server.engine.joins import find_ready_join
from server.engine.scopes import ScopeTree
from server.engine.stops import ErrorThrown, TokenStopped
from server.engine.tokens import RootContainer, Token
from server.feel import Environment
from server.model import (
    HistoryEvent,
    HistoryRecord,
    Incident,
    IncidentState,
    IncidentType,
    InstanceEnd,
    InstanceState,
    JobState,
    Place,
    UserTaskState,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime, tzinfo

    from server.catalog.model import FlowNode, SequenceFlow
    from server.engine.definitions import Definitions
    from server.engine.tokens import Container
    from server.feel import Function

MOST_MOVES = 10_000
"""Element entries of one step; more means a loop without a wait state."""
MOST_TOKENS = 10_000


class Execution:
    """The open state of one root instance, and what changed in it since it was loaded."""

    root: RootContainer

    def __init__(
        self,
        definitions: Definitions,
        keys: Iterator[int],
        now: datetime,
        zone: tzinfo,
        *,
        actor: str | None = None,
        functions: Mapping[str, Function] | None = None,
    ) -> None:
        self.definitions = definitions
        self.keys = keys
        self.now = now
        self.actor = actor
        self.environment = Environment(now=now, zone=zone, functions=functions or {})
        self.scopes = ScopeTree()
        self.changes = Changes()
        self.tokens: dict[int, Token] = {}
        self.containers: dict[int, Container] = {}
        self.queue: deque[Token] = deque()
        self.moves = 0
        self.cause: Mapping[str, object] = {}
        """What the event that is happening came by, for the history: see `HistoryRecord.details`."""

    # -- what elements ask for -------------------------------------------------------------------------------------

    def next_key(self) -> int:
        """Return a fresh key."""
        return next(self.keys)

    def place(self, token: Token) -> Place:
        """Return where a token stands, in the words of records."""
        container = token.workflow
        definition = container.executable.definition
        return Place(
            element_id=token.node.id,
            element_instance_key=token.key,
            process_instance_key=container.instance_key,
            root_key=self.root.key,
            process_definition_key=definition.key,
            process_id=definition.process_id,
        )

    def scope_key(self, token: Token) -> int:
        """Return the scope a token works in: its own, if it has one, else that of its container."""
        return token.key if token.key in self.scopes.scopes else token.workflow.key

    def evaluator(self, token: Token) -> Evaluator:
        """Return an evaluator for the expressions of a token."""
        return Evaluator(self.scopes.view(self.scope_key(token)), self.environment)

    def spawn(self, container: Container, node: FlowNode, flow: str | None = None) -> Token:
        """Put a token before an element; it enters in its turn."""
        token = Token(container, container.spec.task_specs[node.id], self.next_key())
        if flow is not None:
            token.internal_data["flow"] = flow
        self.queue.append(token)
        return token

    def open(self, container: Container, start: FlowNode) -> Token:
        """Begin the work of a container at a start event; event sub-processes listen from now on."""
        listen(container)
        return self.spawn(container, start)

    def record(self, token: Token, event: HistoryEvent, details: Mapping[str, object] | None = None) -> None:
        """Append a line about a token to the history."""
        scope_key = token.workflow.key if event is HistoryEvent.ENTERED else None
        self.append_line(token.node.type, event, self.place(token), details=details, scope_key=scope_key)

    def append_line(
        self,
        element_type: str,
        event: HistoryEvent,
        place: Place,
        variables: Mapping[str, object] | None = None,
        details: Mapping[str, object] | None = None,
        scope_key: int | None = None,
    ) -> None:
        """Append a line to the history."""
        key, at, actor = self.next_key(), self.now, self.actor
        line = HistoryRecord(key, place, element_type, event, at, actor, variables or {}, details or {}, scope_key)
        self.changes.history.append(line)

    def enter(self, token: Token) -> None:
        """Note that a token has entered its element; a retry after an incident does not enter again."""
        if not token.internal_data.get("entered"):
            token.internal_data["entered"] = True
            self.record(token, HistoryEvent.ENTERED)

    def happen(self, token: Token) -> None:
        """Note what an event came by: on its line of entry, or on that of its end when it was waited for inside."""
        if token.internal_data.get("entered"):
            if self.cause:
                token.internal_data["cause"] = self.cause
            return
        token.internal_data["entered"] = True
        self.record(token, HistoryEvent.ENTERED, self.cause)

    def leave(self, token: Token, flows: Iterable[SequenceFlow]) -> None:
        """Complete an element: clear away what belonged to it and send tokens along the flows."""
        container, nodes = token.workflow, token.workflow.executable.nodes
        discard_waiting_events(token)
        data, place = token.internal_data, self.place(token)
        written, cause = data.pop("written", None), data.pop("cause", None)
        self.append_line(token.node.type, HistoryEvent.COMPLETED, place, written, cause)
        container.remove(token)
        for flow in flows:
            self.append_line("sequenceFlow", HistoryEvent.TAKEN, _at(place, flow.id))
            self.spawn(container, nodes[flow.target], flow.id)
        container.on_left(token)
        if container.is_empty:
            self.close(container)

    def leave_for(self, gateway: Token, event: Token) -> None:
        """Complete an event-based gateway in favour of the token of one event behind it."""
        discard_waiting_events(gateway)
        self.record(gateway, HistoryEvent.COMPLETED)
        place = _at(self.place(gateway), event.internal_data.pop("flow"))
        gateway.workflow.remove(gateway)
        self.append_line("sequenceFlow", HistoryEvent.TAKEN, place)

    def cancel(self, token: Token) -> None:
        """Cancel an element with everything inside it and everything that waits for it."""
        discard_waiting_events(token)
        inner = self.root.subprocesses.get(token.key)
        if inner is not None:
            for inside in inner.live_tokens():
                if not inside.is_gone:
                    self.cancel(inside)
            self._drop(inner, InstanceState.TERMINATED)
        self.release(token)
        if token.internal_data.get("entered"):
            self.record(token, HistoryEvent.CANCELED)
        token._set_state(TaskState.CANCELLED)  # noqa: SLF001 - SpiffWorkflow's own way
        token.workflow.remove(token)

    def release(self, token: Token) -> None:
        """Close the user task, job, timer, subscriptions and incident of a token."""
        data, changes = token.internal_data, self.changes
        if (key := data.pop("user_task", None)) is not None:
            changes.end_user_task(key, UserTaskState.CANCELED, self.now)
        if (key := data.pop("job", None)) is not None:
            changes.end_job(key, JobState.CANCELED, self.now)
        if (key := data.pop("timer", None)) is not None:
            changes.remove_timer(key)
        if (key := data.pop("subscription", None)) is not None:
            changes.remove_subscription(key)
        if (key := data.pop("signal", None)) is not None:
            changes.remove_signal_subscription(key)
        if (incident := data.pop("incident", None)) is not None:
            changes.resolve_incident(incident[0])

    # -- containers ------------------------------------------------------------------------------------------------

    def close(self, container: Container) -> None:
        """End a container that has no token left, and go on with the element that holds it."""
        owner = container.owner
        if owner is not None and container.is_process and _takes_variables(owner.node):
            owner.internal_data["result"] = dict(self.scopes.scopes[container.key].variables)
        self._drop(container, InstanceState.COMPLETED)
        if owner is not None:
            self.queue.append(owner)

    def _drop(self, container: Container, state: InstanceState) -> None:
        for listening in container.live_tokens():
            self.release(listening)
            container.remove(listening)
        del self.containers[container.key]
        if container.owner is not None:
            self.root.subprocesses.pop(container.owner.key, None)
        if container.is_process:
            self.scopes.close(container.key)
            self.changes.instances_ended.append(InstanceEnd(container.key, state, self.now))

    def terminate(self) -> None:
        """End the root instance with everything in it."""
        for token in self.root.live_tokens():
            if not token.is_gone:
                self.cancel(token)
        self.queue.clear()
        self._drop(self.root, InstanceState.TERMINATED)

    @property
    def is_active(self) -> bool:
        """Whether the root instance still runs."""
        return self.root.key in self.containers

    # -- the loop --------------------------------------------------------------------------------------------------

    def advance(self) -> None:
        """Move every token that can move, first come, first served; then the joins that nothing can reach any more."""
        while self.queue or self._join():
            token = self.queue.popleft()
            if not token.is_gone:
                self._try(token)

    def _join(self) -> bool:
        """Queue the token of an inclusive join that is ready, if there is one."""
        token = find_ready_join(self)
        if token is not None:
            self.queue.append(token)
        return token is not None

    def _try(self, token: Token) -> None:
        before = token._state  # noqa: SLF001 - SpiffWorkflow's own way
        try:
            self._move(token)
        except TokenStopped as stopped:
            self.stop(token, stopped, before)
        except ErrorThrown as error:
            throw_error(token, error)

    def _move(self, token: Token) -> None:
        if token.has_state(TaskState.FUTURE):
            self._count_move()
            token.task_spec._update(token)  # noqa: SLF001 - SpiffWorkflow's own way
        elif token.has_state(TaskState.READY):
            token.run()
        else:  # started: its work is done
            token.complete()

    def _count_move(self) -> None:
        self.moves += 1
        if self.moves > MOST_MOVES:
            message = f"more than {MOST_MOVES} elements were entered in one step: a loop without a wait state?"
            raise TokenStopped(IncidentType.MESSAGE_SIZE_EXCEEDED, message)
        if len(self.tokens) > MOST_TOKENS:
            message = f"more than {MOST_TOKENS} tokens in one process instance"
            raise TokenStopped(IncidentType.MESSAGE_SIZE_EXCEEDED, message)

    def stop(self, token: Token, stopped: TokenStopped, before: int) -> None:
        """Open an incident; `before` is the state the token was in when it tried to move."""
        phase = "run"
        if token.has_state(TaskState.COMPLETED):
            phase = "complete"
        elif before == TaskState.FUTURE:
            phase = "activate"
            self._undo_activation(token)
        key = self.next_key()
        token.internal_data["incident"] = [key, phase]
        token._set_state(TaskState.ERROR)  # noqa: SLF001 - SpiffWorkflow's own way
        details = {"incident": str(key), "type": str(stopped.type), "message": stopped.message}
        self.record(token, HistoryEvent.STOPPED, details)
        self.changes.incidents[key] = Incident(
            key=key,
            place=self.place(token),
            type=stopped.type,
            message=stopped.message,
            state=IncidentState.ACTIVE,
            creation_date=self.now,
            job_key=token.internal_data.get("job"),
            expression=stopped.expression,
        )

    def _undo_activation(self, token: Token) -> None:
        """Take away what waits; the scope stays, so that an operator sees what was put in and may write there."""
        discard_waiting_events(token)
        self.release(token)

    def retry(self, token: Token) -> None:
        """Let a stopped token try again where it stopped."""
        key, phase = token.internal_data.pop("incident")
        self.changes.resolve_incident(key)
        self.record(token, HistoryEvent.RESOLVED, {"incident": str(key)})
        states = {"activate": TaskState.FUTURE, "run": TaskState.READY, "complete": TaskState.STARTED}
        token._set_state(states[phase])  # noqa: SLF001 - SpiffWorkflow's own way
        self.queue.append(token)


def _takes_variables(call: FlowNode) -> bool:
    """Whether a call activity gets the variables of the process it called: for its outputs, or all of them."""
    return bool(call.outputs) or work_of(call, CallWork).propagate_all_child_variables


def _at(place: Place, flow_id: str) -> Place:
    return Place(
        flow_id,
        place.element_instance_key,
        place.process_instance_key,
        place.root_key,
        place.process_definition_key,
        place.process_id,
    )
