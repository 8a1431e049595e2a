"""Which zeebe: elements may stand at which BPMN elements, and with which attributes.

What stands elsewhere would not be executed there, so it is a finding. The names are those of the public
zeebe-bpmn schema that Camunda Modeler writes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.catalog.markup import MODELER, ZEEBE, local_name, namespace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml.etree import _Element

    from server.catalog.extensions import Extensions

MESSAGE_THROWS = frozenset({"message endEvent", "message intermediateThrowEvent"})
SIGNAL_THROWS = frozenset({"signal endEvent", "signal intermediateThrowEvent"})
JOBS = MESSAGE_THROWS | {"serviceTask", "sendTask", "scriptTask", "businessRuleTask"}
ACTIVITIES = JOBS | {"task", "manualTask", "userTask", "receiveTask", "callActivity", "subProcess", "adHocSubProcess"}
USER_TASK = frozenset({"userTask"})
INPUTS = ACTIVITIES | SIGNAL_THROWS | {"intermediateCatchEvent"}
OUTPUTS = INPUTS | {"startEvent", "endEvent", "intermediateThrowEvent", "boundaryEvent"}

PLACES: Mapping[str, frozenset[str]] = {
    "userTask": USER_TASK,
    "formDefinition": USER_TASK | {"startEvent"},
    "assignmentDefinition": USER_TASK,
    "taskSchedule": USER_TASK,
    "priorityDefinition": USER_TASK,
    "taskDefinition": JOBS,
    "taskHeaders": JOBS | USER_TASK,
    "script": frozenset({"scriptTask"}),
    "calledDecision": frozenset({"businessRuleTask"}),
    "calledElement": frozenset({"callActivity"}),
    "ioMapping": OUTPUTS,
    "subscription": frozenset({"message"}),
    "versionTag": frozenset({"process"}),
    "adHoc": frozenset({"adHocSubProcess"}),
    "loopCharacteristics": frozenset({"multiInstanceLoopCharacteristics"}),
}
"""zeebe:properties is missing on purpose: it may stand anywhere and is not executed."""

ATTRIBUTES: Mapping[str, frozenset[str]] = {
    "userTask": frozenset(),
    "formDefinition": frozenset({"formId", "formKey", "externalReference", "bindingType", "versionTag"}),
    "assignmentDefinition": frozenset({"assignee", "candidateGroups", "candidateUsers"}),
    "taskSchedule": frozenset({"dueDate", "followUpDate"}),
    "priorityDefinition": frozenset({"priority"}),
    "taskDefinition": frozenset({"type", "retries"}),
    "taskHeaders": frozenset(),
    "header": frozenset({"key", "value"}),
    "script": frozenset({"expression", "resultVariable"}),
    "calledDecision": frozenset({"decisionId", "resultVariable", "bindingType", "versionTag"}),
    "calledElement": frozenset(
        {"processId", "bindingType", "versionTag", "propagateAllChildVariables", "propagateAllParentVariables"}
    ),
    "ioMapping": frozenset(),
    "input": frozenset({"source", "target"}),
    "output": frozenset({"source", "target"}),
    "subscription": frozenset({"correlationKey"}),
    "versionTag": frozenset({"value"}),
    "loopCharacteristics": frozenset({"inputCollection", "inputElement", "outputCollection", "outputElement"}),
    "adHoc": frozenset({"activeElementsCollection", "outputCollection", "outputElement"}),
    "properties": frozenset(),
    "property": frozenset({"name", "value"}),
}
INSIDE: Mapping[str, frozenset[str]] = {
    "ioMapping": frozenset({"input", "output"}),
    "taskHeaders": frozenset({"header"}),
    "properties": frozenset({"property"}),
}
FOREIGN = ("spiffworkflow", "camunda.org/schema/", "activiti", "flowable", "drools", "jbpm")


def is_foreign(space: str | None) -> bool:
    """Whether a namespace belongs to another engine, whose extensions would change the execution there."""
    return space is not None and space not in {ZEEBE, MODELER} and any(mark in space for mark in FOREIGN)


def check_placement(extensions: Extensions, place: str) -> None:
    """Report zeebe: elements that are not executed at `place`, which is a BPMN element's name.

    End and throw events of messages, which are jobs, and of signals, which have inputs, are called `message endEvent`,
    `signal intermediateThrowEvent` and so on.
    """
    for name, entry in extensions.elements.items():
        if name in PLACES and place not in PLACES[name]:
            extensions.find(f"zeebe:{name} is not executed at a {place}", name)
        _check_entry(extensions, entry, name)
    if place not in INPUTS and any(local_name(entry) == "input" for entry in extensions.elements.get("ioMapping", ())):
        extensions.find(f"a {place} has no inputs", "ioMapping")


def _check_entry(extensions: Extensions, entry: _Element, name: str) -> None:
    for attribute in map(str, entry.attrib):
        if not attribute.startswith("{") and attribute != "id" and attribute not in ATTRIBUTES[name]:
            extensions.find(f"the attribute {attribute} of zeebe:{name} is not executed by this server", name)
    for inner in entry:
        inner_name = local_name(inner)
        if namespace(inner) == ZEEBE and inner_name in INSIDE.get(name, ()):
            _check_entry(extensions, inner, inner_name)
        else:
            extensions.find(f"{inner_name} is not executed inside zeebe:{name}", name)
