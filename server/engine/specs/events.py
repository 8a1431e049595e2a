"""Start, intermediate, boundary and end events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

from server.catalog.model import EventKind, event_of
from server.engine.events import await_event, throw_escalation, throw_signal, thrown_code
from server.engine.mappings import put_out
from server.engine.specs.activities import ActivitySpec
from server.engine.specs.flow_node import FlowNodeSpec
from server.engine.stops import ErrorThrown
from server.engine.timers import wait_again

if TYPE_CHECKING:
    from server.engine.tokens import Token


class PassingEvent(FlowNodeSpec):
    """A start event, or a throw event that throws nothing."""

    def _on_complete_hook(self, my_task: Token) -> None:
        put_out(my_task)


class CatchEvent(ActivitySpec):
    """Waits for a timer, a message or a signal."""

    def _update_hook(self, my_task: Token) -> bool:
        super()._update_hook(my_task)
        await_event(my_task, my_task)
        my_task._set_state(TaskState.WAITING)  # noqa: SLF001 - SpiffWorkflow's own way
        return False


class BoundaryEvent(FlowNodeSpec):
    """Waits beside an activity; `engine.events` puts it there and lets it happen."""

    def _update_hook(self, my_task: Token) -> bool:
        wait_again(my_task)
        return False

    def _on_complete_hook(self, my_task: Token) -> None:
        if event_of(self.node).kind is EventKind.ERROR and not self.node.outputs:
            my_task.internal_data.pop("result", None)  # only outputs take them further (Camunda 8, "error events")
        put_out(my_task)


class EndEvent(FlowNodeSpec):
    """Consumes its token."""

    def _on_complete_hook(self, my_task: Token) -> None:
        put_out(my_task)


class EscalationThrow(PassingEvent):
    """Throws an escalation on its way, or at its end (BPMN 2.0.2 §10.5.6)."""

    def _run_hook(self, my_task: Token) -> bool | None:
        throw_escalation(my_task, thrown_code(my_task))
        return None if my_task.is_gone else True


class SignalThrow(ActivitySpec):
    """Throws a signal to everybody who waits for it, and goes on."""

    def _run_hook(self, my_task: Token) -> bool:
        throw_signal(my_task)
        return True


class TerminateEnd(FlowNodeSpec):
    """Ends its process or sub-process with all its tokens (BPMN 2.0.2 §13.5.6)."""

    def _run_hook(self, my_task: Token) -> bool:
        for token in my_task.workflow.live_tokens():
            if token is not my_task and not token.is_gone:
                my_task.execution.cancel(token)
        return True


class ErrorEnd(FlowNodeSpec):
    """Throws a BPMN error to the nearest boundary event that catches it (BPMN 2.0.2 §10.5.6)."""

    def _run_hook(self, my_task: Token) -> bool:
        raise ErrorThrown(thrown_code(my_task))
