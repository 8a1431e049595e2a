"""What every element does: it is entered, works, puts out its result and sends tokens along its flows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from SpiffWorkflow.bpmn.specs.mixins import BpmnSpecMixin

if TYPE_CHECKING:
    from collections.abc import Iterable

    from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec

    from server.catalog.model import FlowNode, SequenceFlow
    from server.engine.tokens import Token


class FlowNodeSpec(BpmnSpecMixin):  # type: ignore[misc] # SpiffWorkflow is untyped
    """Base of all elements. SpiffWorkflow calls the hooks; the token tells which instance it is for."""

    def __init__(self, wf_spec: BpmnProcessSpec, bpmn_id: str, *, node: FlowNode, **attributes: object) -> None:
        super().__init__(wf_spec, bpmn_id, inputs=[], outputs=[], bpmn_name=node.name, **attributes)
        self.node = node

    def test(self) -> None:
        """Accept: the catalog has judged the structure."""

    def _predict(self, my_task: Token, *_: object, **__: object) -> None:
        """Predict nothing: a token exists only where it is."""

    def _update_hook(self, my_task: Token) -> bool:
        """Enter the element; True makes the token ready to run."""
        my_task.execution.enter(my_task)
        return True

    def _on_ready_hook(self, my_task: Token) -> None:
        """Prepare the work; SpiffWorkflow calls this when the token becomes ready."""

    def _run_hook(self, my_task: Token) -> bool | None:
        """Work; True completes the element, None leaves it waiting."""
        return True

    def _on_complete(self, my_task: Token) -> None:
        """Put out the result and go on."""
        self._on_complete_hook(my_task)
        my_task.execution.leave(my_task, self.taken_flows(my_task))

    def _on_complete_hook(self, my_task: Token) -> None:
        """Write the result of the element into its scope."""

    def taken_flows(self, token: Token) -> Iterable[SequenceFlow]:
        """Return the flows that tokens take: all of them (BPMN 2.0.2 §13.2.1, uncontrolled flow)."""
        return self.node.outgoing

    def _on_error(self, my_task: Token) -> None:
        """Nothing: the step opens the incident."""
