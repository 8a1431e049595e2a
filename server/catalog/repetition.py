"""The multi-instance marker of an activity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.catalog.contents import check_language
from server.catalog.extensions import read_extensions
from server.catalog.markup import local_name
from server.catalog.model import MultiInstance, Value
from server.feel.syntax import Name, Path

if TYPE_CHECKING:
    from lxml.etree import _Element

    from server.catalog.extensions import Extensions

MARKER = "multiInstanceLoopCharacteristics"


def read_multi_instance(element: _Element, extensions: Extensions) -> MultiInstance | None:
    """Read the marker of an activity, or None where it has none."""
    marker = next((child for child in element if local_name(child) == MARKER), None)
    if marker is None:
        return None
    path = f"{extensions.path}/{MARKER}"
    entries = read_extensions(marker, extensions.element_id, MARKER, path, extensions.findings)
    if "loopCharacteristics" not in entries.elements:
        entries.find("expected zeebe:loopCharacteristics with an input collection, found none")
        return None
    output_element = entries.attribute("loopCharacteristics", "outputElement")
    return MultiInstance(
        input_collection=entries.required("loopCharacteristics", "inputCollection"),
        input_element=entries.variable("loopCharacteristics", "inputElement"),
        output_collection=entries.variable("loopCharacteristics", "outputCollection"),
        output_element=output_element,
        output_variable=variable_of(output_element),
        completion_condition=_condition(marker, entries),
        is_sequential=entries.flag(marker, "isSequential", default=False),
    )


def variable_of(value: Value | None) -> str | None:
    """Return the variable of an expression that is a variable or a path into one."""
    node = None if value is None or value.expression is None else value.expression.tree
    while isinstance(node, Path):
        node = node.source
    return node.name if isinstance(node, Name) else None


def _condition(marker: _Element, entries: Extensions) -> Value | None:
    """Read the completion condition; BPMN's other children of the marker are not executed."""
    condition = None
    for child in marker:
        name = local_name(child)
        if name == "completionCondition":
            check_language(child, "language", entries)
            condition = entries.value(child.text, name)
            if condition is not None and condition.expression is None:
                entries.find(f"expected a FEEL expression with a leading =, found {condition.text!r}", name)
        elif name not in {"extensionElements", "documentation"}:
            entries.find(f"{name} is not executed; write the items as zeebe:loopCharacteristics", name)
    return condition
