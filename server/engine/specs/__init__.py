"""How each BPMN element behaves, as SpiffWorkflow task specs: one module a family."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.catalog.model import DecisionWork, EventKind, JobWork
from server.engine.specs.activities import (
    DecisionTask,
    JobTask,
    PassingTask,
    ReceiveTask,
    ScriptTask,
    UserTask,
)
from server.engine.specs.ad_hoc import AdHocSubProcess, InnerInstance
from server.engine.specs.containers import CallActivity, EmbeddedSubProcess, EventSubProcess
from server.engine.specs.events import (
    BoundaryEvent,
    CatchEvent,
    EndEvent,
    ErrorEnd,
    EscalationThrow,
    PassingEvent,
    SignalThrow,
    TerminateEnd,
)
from server.engine.specs.gateways import EventBasedGateway, ExclusiveGateway, InclusiveGateway, ParallelGateway
from server.engine.specs.multi_instance import MultiInstanceBody

if TYPE_CHECKING:
    from server.catalog.model import FlowNode
    from server.engine.specs.flow_node import FlowNodeSpec

_BY_TYPE: dict[str, type[FlowNodeSpec]] = {
    "startEvent": PassingEvent,
    "endEvent": EndEvent,
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
    "eventSubProcess": EventSubProcess,
    "adHocSubProcess": AdHocSubProcess,
    "adHocSubProcessInnerInstance": InnerInstance,
    "exclusiveGateway": ExclusiveGateway,
    "parallelGateway": ParallelGateway,
    "inclusiveGateway": InclusiveGateway,
    "eventBasedGateway": EventBasedGateway,
}
_BY_EVENT: dict[tuple[str, EventKind], type[FlowNodeSpec]] = {
    ("endEvent", EventKind.ERROR): ErrorEnd,
    ("endEvent", EventKind.TERMINATE): TerminateEnd,
    ("endEvent", EventKind.SIGNAL): SignalThrow,
    ("endEvent", EventKind.ESCALATION): EscalationThrow,
    ("intermediateThrowEvent", EventKind.SIGNAL): SignalThrow,
    ("intermediateThrowEvent", EventKind.ESCALATION): EscalationThrow,
    ("intermediateCatchEvent", EventKind.LINK): PassingEvent,
}


def spec_class(node: FlowNode) -> type[FlowNodeSpec]:
    """Return the class that executes this element."""
    if node.multi_instance is not None:
        return MultiInstanceBody
    if isinstance(node.work, JobWork):
        return JobTask
    if isinstance(node.work, DecisionWork):
        return DecisionTask
    kind = EventKind.NONE if node.event is None else node.event.kind
    return _BY_EVENT.get((node.type, kind)) or _BY_TYPE[node.type]
