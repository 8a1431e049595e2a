"""The files of a form, by the names that they were sent with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from server.api.authentication import current_context
from server.service.attachments import name_attachments
from server.service.file_references import read_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from server.access import Actor
    from server.service.rendered_forms import RenderedComponent

PICKER = "filepicker"


@dataclass(frozen=True, slots=True)
class FormFile:
    """A file in a field: what the form sends for it, and its name, empty where the reader may not know of it."""

    reference: str
    name: str


def name_files(components: Iterable[RenderedComponent], reader: Actor) -> tuple[RenderedComponent, ...]:
    """Return components whose file fields hold `files`, a tuple of `FormFile`, among their attributes."""
    all_of_them = tuple(components)
    keys = {key for one in _find_pickers(all_of_them) for value in _list_values(one) if (key := read_key(value))}
    names = name_attachments(current_context(), reader, keys)
    return tuple(_name(one, names) for one in all_of_them)


def _name(one: RenderedComponent, names: Mapping[int, str]) -> RenderedComponent:
    if one.type == PICKER:
        files = tuple(FormFile(_write(value), names.get(read_key(value) or 0, "")) for value in _list_values(one))
        return replace(one, attributes={**one.attributes, "files": files})
    children = tuple(_name(child, names) for child in one.children)
    return replace(one, children=children, rows=tuple(tuple(_name(cell, names) for cell in row) for row in one.rows))


def _find_pickers(components: Iterable[RenderedComponent]) -> Iterator[RenderedComponent]:
    for one in components:
        if one.type == PICKER:
            yield one
        yield from _find_pickers(one.children)
        for row in one.rows:
            yield from _find_pickers(row)


def _list_values(one: RenderedComponent) -> list[object]:
    if isinstance(one.value, list):
        return list(one.value)
    return [one.value] if one.value else []


def _write(value: object) -> str:
    """Return the reference as the form sends it again."""
    return str(value.get("documentId") if isinstance(value, dict) else value)
