"""What elements are called, for pages that show where something happened; without a check of access."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.service.definitions import DefinitionReader

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.service.context import Context


@dataclass(frozen=True, slots=True)
class ElementLabel:
    """An element of a diagram: its id, its name (the id where it has none) and BPMN's name of its type."""

    id: str
    name: str
    type: str


def label_elements(context: Context, definition_key: int) -> Mapping[str, ElementLabel]:
    """Return the elements of a deployed diagram by id, in the order of the file; raises `NotFound`."""
    with context.store.reading() as reading:
        executable = DefinitionReader(context.definitions, reading).process(definition_key)
    return {node.id: ElementLabel(node.id, node.name or node.id, node.type) for node in executable.nodes.values()}
