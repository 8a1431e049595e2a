"""How each BPMN element behaves, as SpiffWorkflow task specs: one module a family."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.catalog.model import DecisionWork, EventKind, JobWork, event_of
from server.engine.specs.activities import (
    DecisionTask,
    JobTask,
    PassingTask,
    ReceiveTask,
    ScriptTask,
    UserTask,
)
from server.engine.specs.containers import CallActivity, EmbeddedSubProcess
from server.engine.specs.events import BoundaryEvent, CatchEvent, EndEvent, ErrorEnd, PassingEvent, TerminateEnd
from server.engine.specs.gateways import EventBasedGateway, ExclusiveGateway, InclusiveGateway, ParallelGateway
from server.engine.specs.multi_instance import MultiInstanceBody

if TYPE_CHECKING:
    from server.catalog.model import FlowNode
    from server.engine.specs.flow_node import FlowNodeSpec

_BY_TYPE: dict[str, type[FlowNodeSpec]] = {
    "startEvent": PassingEvent,
    "intermediateThrowEvent": PassingEvent,
    "intermediateCatchEvent": CatchEvent,
    "boundaryEvent": BoundaryEvent,
    "task": PassingTask,
    "manualTask": PassingTask,
    "userTask": UserTask,
    "receiveTask": ReceiveTask,
    "scriptTask": ScriptTask,
    "callActivity": CallActivity,
    "subProcess": EmbeddedSubProcess,
    "exclusiveGateway": ExclusiveGateway,
    "parallelGateway": ParallelGateway,
    "inclusiveGateway": InclusiveGateway,
    "eventBasedGateway": EventBasedGateway,
}
_ENDS: dict[EventKind, type[FlowNodeSpec]] = {EventKind.ERROR: ErrorEnd, EventKind.TERMINATE: TerminateEnd}


def spec_class(node: FlowNode) -> type[FlowNodeSpec]:
    """Return the class that executes this element."""
    if node.multi_instance is not None:
        return MultiInstanceBody
    if node.event is not None and node.event.kind is EventKind.LINK:
        return PassingEvent
    if isinstance(node.work, JobWork):
        return JobTask
    if isinstance(node.work, DecisionWork):
        return DecisionTask
    if node.type == "endEvent":
        return _ENDS.get(event_of(node).kind, EndEvent)
    return _BY_TYPE[node.type]
