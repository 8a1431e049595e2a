"""Ad-hoc sub-processes: what begins in them, and when they are done (BPMN 2.0.2 §13.3.5, Camunda 8's zeebe:adHoc)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.catalog.contents import check_language
from server.catalog.markup import local_name
from server.catalog.model import AdHoc, EventKind, Value
from server.catalog.repetition import variable_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from lxml.etree import _Element

    from server.catalog.extensions import Extensions
    from server.catalog.model import SubProcess

    Find = Callable[[str, str, str], None]

AD_HOC = "adHocSubProcess"


def read_ad_hoc(element: _Element, extensions: Extensions) -> AdHoc | None:
    """Read what a sub-process says as an ad-hoc one, or None where it is none."""
    if local_name(element) != AD_HOC:
        return None
    if element.get("ordering", "Parallel") != "Parallel":
        extensions.find("an ad-hoc sub-process in sequence is not executed: set ordering to Parallel", "ordering")
    has_settings = "adHoc" in extensions.elements
    output_element = _expression(extensions, "outputElement") if has_settings else None
    return AdHoc(
        active_elements=_expression(extensions, "activeElementsCollection") if has_settings else None,
        completion_condition=_condition(element, extensions),
        cancel_remaining=extensions.flag(element, "cancelRemainingInstances", default=True),
        output_collection=extensions.variable("adHoc", "outputCollection") if has_settings else None,
        output_element=output_element,
        output_variable=variable_of(output_element),
    )


def _expression(extensions: Extensions, name: str) -> Value | None:
    value = extensions.attribute("adHoc", name)
    if value is not None and value.expression is None:
        extensions.find(f"expected a FEEL expression with a leading = as {name}, found {value.text!r}", "adHoc")
    return value


def _condition(element: _Element, extensions: Extensions) -> Value | None:
    condition = None
    for child in element:
        if local_name(child) == "completionCondition":
            check_language(child, "language", extensions)
            condition = extensions.value(child.text, "completionCondition")
            if condition is not None and condition.expression is None:
                message = f"expected a FEEL expression with a leading =, found {condition.text!r}"
                extensions.find(message, "completionCondition")
    return condition


def check_ad_hoc(body: SubProcess, path: str, find: Find) -> None:
    """Report what may not stand in an ad-hoc sub-process."""
    if not body.activatable():
        find(body.id, "expected an element without incoming flow in an ad-hoc sub-process, found none", path)
    for node in body.nodes.values():
        where = f"{path}/{node.id}"
        if node.type in {"startEvent", "endEvent"}:
            find(
                node.id,
                "an ad-hoc sub-process has no start or end events: any element may begin",
                where,
            )
        elif node.type == "eventSubProcess":
            find(node.id, "an event sub-process in an ad-hoc sub-process is not executed: put it around it", where)
        elif node.event is not None and node.event.kind is EventKind.LINK:
            find(node.id, "link events in an ad-hoc sub-process are not executed: draw the flow", where)
