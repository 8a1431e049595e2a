"""Exclusive and parallel gateways."""

from __future__ import annotations

from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

from server.engine.events import arm_events_behind
from server.engine.specs.flow_node import FlowNodeSpec
from server.engine.stops import TokenStopped
from server.model import IncidentType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from server.catalog.model import SequenceFlow
    from server.engine.tokens import Token


class ExclusiveGateway(FlowNodeSpec):
    """Takes the first flow whose condition holds, else the default flow (BPMN 2.0.2 §13.4.2)."""

    def _run_hook(self, my_task: Token) -> bool:
        my_task.internal_data["chosen"] = self._choose(my_task).id if self.node.outgoing else None
        return True

    def _choose(self, token: Token) -> SequenceFlow:
        evaluate = token.execution.evaluator(token)
        default = None
        for flow in self.node.outgoing:
            if flow.id == self.node.default_flow:
                default = flow
            elif flow.condition is None or evaluate.condition(flow.condition):
                return flow
        if default is None:
            raise _nothing_holds(self.node.outgoing)
        return default

    def taken_flows(self, token: Token) -> Iterable[SequenceFlow]:
        """Return the chosen flow."""
        chosen = token.internal_data.get("chosen")
        return (flow for flow in self.node.outgoing if flow.id == chosen)


class InclusiveGateway(FlowNodeSpec):
    """Takes every flow whose condition holds, else the default flow (BPMN 2.0.2 §13.4.3).

    With several incoming flows it waits while a token of the same scope can still reach it; `Execution` looks after
    every move whether that is so (`joins.find_ready_join`).
    """

    def _update_hook(self, my_task: Token) -> bool:
        if len(self.node.incoming) > 1 and not my_task.internal_data.get("joined"):
            my_task._set_state(TaskState.WAITING)  # noqa: SLF001 - SpiffWorkflow's own way
            return False
        return super()._update_hook(my_task)

    def _run_hook(self, my_task: Token) -> bool:
        my_task.internal_data["chosen"] = [flow.id for flow in self._choose(my_task)]
        return True

    def _choose(self, token: Token) -> list[SequenceFlow]:
        evaluate = token.execution.evaluator(token)
        given = [flow for flow in self.node.outgoing if flow.id != self.node.default_flow]
        chosen = [flow for flow in given if flow.condition is None or evaluate.condition(flow.condition)]
        if not chosen and self.node.outgoing:
            chosen = [flow for flow in self.node.outgoing if flow.id == self.node.default_flow]
            if not chosen:
                raise _nothing_holds(given)
        return chosen

    def taken_flows(self, token: Token) -> Iterable[SequenceFlow]:
        """Return the chosen flows."""
        chosen = token.internal_data.get("chosen", ())
        return (flow for flow in self.node.outgoing if flow.id in chosen)


class EventBasedGateway(FlowNodeSpec):
    """Waits for the events behind it; the first to happen takes its way (BPMN 2.0.2 §13.4.4)."""

    def _update_hook(self, my_task: Token) -> bool:
        super()._update_hook(my_task)
        arm_events_behind(my_task)
        my_task._set_state(TaskState.WAITING)  # noqa: SLF001 - SpiffWorkflow's own way
        return False


class ParallelGateway(FlowNodeSpec):
    """Waits for a token on each incoming flow, takes one of each, leaves by all flows (BPMN 2.0.2 §13.4.1).

    Tokens that are too many stay and wait for the next round: counting tokens by the flow they came along is what
    makes joins inside loops exact, whatever the order of arrival. One that an operator activates goes on at once.
    """

    def _update_hook(self, my_task: Token) -> bool:
        if my_task.internal_data.get("joined"):
            return super()._update_hook(my_task)
        my_task._set_state(TaskState.WAITING)  # noqa: SLF001 - SpiffWorkflow's own way
        arrived: dict[str, Token] = {}
        for token in my_task.workflow.live_tokens():
            if token.task_spec is self and token.has_state(TaskState.WAITING):
                arrived.setdefault(token.internal_data.get("flow", ""), token)
        if len(arrived) < len(self.node.incoming):
            return False
        for token in arrived.values():
            if token is not my_task:
                my_task.workflow.remove(token)
        return super()._update_hook(my_task)


def _nothing_holds(flows: Iterable[SequenceFlow]) -> TokenStopped:
    conditions = "; ".join(flow.condition.text for flow in flows if flow.condition is not None)
    message = "no condition holds and there is no default flow; change a variable, then resolve"
    return TokenStopped(IncidentType.CONDITION_ERROR, message, conditions)
