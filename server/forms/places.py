"""Two fields in one place: keys and paths that form-js refuses to bind twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server.forms.components import Component


@dataclass(frozen=True, slots=True)
class Claim:
    """A component that cannot have its place."""

    element_id: str
    message: str


def find_claims(components: tuple[Component, ...]) -> tuple[Claim, ...]:
    """Return the components whose key or path is taken: by a field, a list, or something inside the same name."""
    return tuple(_find_in_scope(components))


def _find_in_scope(components: tuple[Component, ...]) -> Iterator[Claim]:
    leaves: dict[tuple[str, ...], Component] = {}
    inner: dict[tuple[str, ...], Component] = {}
    for component in _walk_scope(components):
        path = component.path
        if not (component.type.keyed or component.type.repeats):
            continue
        above = next((leaves[path[:size]] for size in range(1, len(path) + 1) if path[:size] in leaves), None)
        other = above or inner.get(path)
        if other is not None:
            name = ".".join(path)
            yield Claim(component.id, f'The place "{name}" is taken by the component "{other.id}": choose another key.')
            continue
        leaves[path] = component
        for size in range(1, len(path)):
            inner.setdefault(path[:size], component)
        if component.type.repeats:
            yield from _find_in_scope(component.children)


def _walk_scope(components: tuple[Component, ...]) -> Iterator[Component]:
    for component in components:
        yield component
        if component.type.container and not component.type.repeats:
            yield from _walk_scope(component.children)
