"""The table of BPMN elements: what is executed, what is documentation, and what is refused with which words.

`docs/elements.md` is generated from this table, the reader judges by it: one truth.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from server.catalog.model import EventKind


class Verdict(StrEnum):
    """What becomes of an element."""

    EXECUTED = "executed"
    DOCUMENTATION = "documentation"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ElementRule:
    """One row: BPMN's name of the element, the verdict, and a remark or the reason for a refusal."""

    name: str
    verdict: Verdict
    remark: str


def _rules(verdict: Verdict, rows: dict[str, str]) -> dict[str, ElementRule]:
    return {name: ElementRule(name, verdict, remark) for name, remark in rows.items()}


FLOW_NODES = _rules(
    Verdict.EXECUTED,
    {
        "startEvent": "none, message, signal, timer (from deployment on); exactly one none start in a sub-process",
        "endEvent": "none, terminate, error, signal, escalation; a message end event is a job",
        "intermediateCatchEvent": "timer (date, duration), message, signal and link",
        "intermediateThrowEvent": "none, link, signal and escalation; a message throw event is a job",
        "boundaryEvent": "timer, message, signal and escalation (interrupting or not), error (interrupting)",
        "task": "passes at once",
        "manualTask": "passes at once: work outside the system that nobody reports",
        "userTask": "waits for a person (zeebe:userTask)",
        "serviceTask": "a job: an action of the server or an outside worker",
        "sendTask": "a job, as in Camunda 8",
        "receiveTask": "waits for a message",
        "scriptTask": "a FEEL expression (zeebe:script), or a job when it has a zeebe:taskDefinition",
        "businessRuleTask": "a DMN decision (zeebe:calledDecision), or a job when it has a zeebe:taskDefinition",
        "callActivity": "another process, found when the token arrives",
        "subProcess": "embedded; as an event sub-process it waits for a timer, message, signal, error or escalation",
        "adHocSubProcess": "its elements begin when an expression (zeebe:adHoc) or an operator says so, in any order; "
        "done when its completion condition holds, or, without one, when no element is left",
        "exclusiveGateway": "the first flow whose condition holds, else the default flow, else an incident",
        "parallelGateway": "waits for one token on every incoming flow, leaves by all outgoing flows",
        "inclusiveGateway": "waits while a token can still arrive, leaves by every flow whose condition holds",
        "eventBasedGateway": "waits for timers, messages, signals; the first one takes its way, the others are off",
    },
)

MARKERS = _rules(
    Verdict.EXECUTED,
    {"multiInstanceLoopCharacteristics": "once for each item of a collection, all at a time or one after the other"},
)

REFUSED = _rules(
    Verdict.REFUSED,
    {
        "complexGateway": "use exclusive or parallel gateways",
        "transaction": "use an embedded sub-process with an error boundary event",
        "callChoreography": "choreographies are not executed",
        "subChoreography": "choreographies are not executed",
        "choreographyTask": "choreographies are not executed",
        "standardLoopCharacteristics": "draw the loop with a gateway",
        "compensateEventDefinition": "draw the undoing as a path of its own",
        "conditionalEventDefinition": "use a message that is published when the condition holds",
        "cancelEventDefinition": "transactions are not executed",
        "eventDefinitionRef": "write the event definition inside the event",
        "implicitThrowEvent": "use an intermediate throw event",
    },
)

DOCUMENTATION = _rules(
    Verdict.DOCUMENTATION,
    {
        "documentation": "shown to readers",
        "extensionElements": "zeebe elements are read, design-time elements of other tools are skipped",
        "laneSet": "lanes say who works where; assignment is written at each user task",
        "textAnnotation": "shown to readers",
        "association": "shown to readers",
        "group": "shown to readers",
        "category": "shown to readers",
        "dataObject": "shown to readers; process variables carry the data",
        "dataObjectReference": "shown to readers",
        "dataStore": "shown to readers; nothing is read from it or written to it",
        "dataStoreReference": "shown to readers; nothing is read from it or written to it",
        "dataInputAssociation": "shown to readers; use zeebe:ioMapping",
        "dataOutputAssociation": "shown to readers; use zeebe:ioMapping",
        "ioSpecification": "shown to readers; use zeebe:ioMapping",
        "dataInput": "shown to readers; use zeebe:ioMapping",
        "dataOutput": "shown to readers; use zeebe:ioMapping",
        "inputSet": "shown to readers; use zeebe:ioMapping",
        "outputSet": "shown to readers; use zeebe:ioMapping",
        "property": "shown to readers",
        "rendering": "shown to readers; use zeebe:formDefinition",
        "auditing": "every step is recorded anyway",
        "monitoring": "every step is counted anyway",
        "participant": "pools name the process they hold",
        "messageFlow": "shown to readers; messages are published and correlated",
        "collaboration": "holds the pools",
        "resourceRole": "shown to readers; use zeebe:assignmentDefinition",
        "potentialOwner": "shown to readers; use zeebe:assignmentDefinition",
        "performer": "shown to readers; use zeebe:assignmentDefinition",
        "humanPerformer": "shown to readers; use zeebe:assignmentDefinition",
        "categoryValueRef": "shown to readers",
        "supports": "shown to readers",
        "supportedInterfaceRef": "shown to readers; use zeebe:taskDefinition",
        "ioBinding": "shown to readers; use zeebe:ioMapping",
        "correlationSubscription": "shown to readers; use zeebe:subscription at each message",
    },
)

EVENTS = frozenset({"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"})

EVENT_KINDS = {
    "timerEventDefinition": EventKind.TIMER,
    "messageEventDefinition": EventKind.MESSAGE,
    "signalEventDefinition": EventKind.SIGNAL,
    "errorEventDefinition": EventKind.ERROR,
    "terminateEventDefinition": EventKind.TERMINATE,
    "linkEventDefinition": EventKind.LINK,
    "escalationEventDefinition": EventKind.ESCALATION,
}

ELEMENTS = FLOW_NODES | MARKERS | REFUSED | DOCUMENTATION
