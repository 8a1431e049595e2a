"""The BPMN children and attributes of a flow node: what would change its execution and is not executed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.catalog.elements import DOCUMENTATION, EVENTS, FLOW_NODES, MARKERS, REFUSED
from server.catalog.markup import BPMN, local_name, namespace

if TYPE_CHECKING:
    from lxml.etree import _Element

    from server.catalog.extensions import Extensions

LINKS = frozenset({"incoming", "outgoing"})
CONTAINING = frozenset({"subProcess", "adHocSubProcess"})
REPEATABLE = frozenset(
    {
        "task",
        "manualTask",
        "userTask",
        "serviceTask",
        "sendTask",
        "receiveTask",
        "scriptTask",
        "businessRuleTask",
        "callActivity",
        "subProcess",
        "adHocSubProcess",
    }
)
"""Activities that may carry a multi-instance marker."""


def check_contents(element: _Element, extensions: Extensions) -> None:
    """Report children and attributes of a flow node that are not executed."""
    if local_name(element) not in CONTAINING:  # what stands inside a sub-process is read as its body
        for child in element:
            _check_child(element, child, extensions)
    if extensions.flag(element, "isForCompensation", default=False):
        extensions.find("compensation is not executed: draw the undoing as a path of its own")
    for attribute in ("startQuantity", "completionQuantity"):
        if element.get(attribute, "1") != "1":
            extensions.find(f"{attribute} other than 1 is not executed")
    if extensions.flag(element, "instantiate", default=False):
        extensions.find("a receive task that starts the process is not executed: use a message start event")
    if extensions.flag(element, "parallelMultiple", default=False):
        extensions.find("an event that waits for several things is not executed")
    check_language(element, "scriptFormat", extensions)


def _check_child(element: _Element, child: _Element, extensions: Extensions) -> None:
    name = local_name(child)
    if namespace(child) != BPMN:
        extensions.find(f"{name} is no BPMN element (its namespace is {namespace(child) or 'missing'})", name)
    elif name == "script":
        extensions.find("scripts of other languages are not executed; write zeebe:script with FEEL", name)
    elif local_name(element) in EVENTS and name.endswith("EventDefinition"):
        return  # read with the event
    elif name in MARKERS and local_name(element) in REPEATABLE:
        return  # read by `multi_instance`
    elif name in REFUSED:
        extensions.find(f"{name} is not executed: {REFUSED[name].remark}", name)
    elif name not in DOCUMENTATION and name not in LINKS:
        known = name in FLOW_NODES or name == "sequenceFlow"
        reason = "cannot stand inside it" if known else "is not known to this server"
        extensions.find(f"{name} {reason}", name)


def check_language(element: _Element, attribute: str, extensions: Extensions) -> None:
    """Report an expression or script language other than FEEL."""
    language = element.get(attribute)
    if language is not None and language.lower().rstrip("/").split("/")[-1] != "feel":
        extensions.find(f"expected FEEL as {attribute}, found {language}", local_name(element))
