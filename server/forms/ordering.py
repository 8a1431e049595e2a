"""The order of computed fields: one that reads another comes after it.

form-js evaluates them in the order in which the browser happens to render; here their order in the schema is free.
"""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from server.forms.components import walk_components

if TYPE_CHECKING:
    from server.forms.components import Component


def order_computed(components: tuple[Component, ...]) -> tuple[Component, ...]:
    """Return the computed fields in the order of their dependencies; in the schema's order where they form a cycle."""
    computed = [component for component in walk_components(components) if component.expression is not None]
    try:
        return tuple(TopologicalSorter(_find_readings(computed)).static_order())
    except CycleError:
        return tuple(computed)


def find_cycle(components: tuple[Component, ...]) -> tuple[Component, ...]:
    """Return computed fields that read each other in a circle; nothing when there is none."""
    computed = [component for component in walk_components(components) if component.expression is not None]
    try:
        TopologicalSorter(_find_readings(computed)).prepare()
    except CycleError as error:
        return tuple(error.args[1])
    return ()


def _find_readings(computed: list[Component]) -> dict[Component, list[Component]]:
    return {
        reader: [
            other
            for other in computed
            if reader.expression is not None and other is not reader and other.path[0] in reader.expression.names
        ]
        for reader in computed
    }
