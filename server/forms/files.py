"""File fields: where references to uploaded files stand in the data, and which types a field takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.forms.expressions import Expression, is_expression, parse_expression
from server.forms.json_values import MISSING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server.forms.components import Component

Pointer = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class FileField:
    """A file picker; `path` leads to it in the submitted data, with `*` for every row of a list.

    `accept` is a list as in HTML (`.pdf,image/*`), empty when everything is taken; or it is computed.
    """

    path: tuple[str, ...]
    accept: str
    accept_expression: Expression | None = None


def find_file_fields(fields: tuple[Component, ...]) -> tuple[FileField, ...]:
    """Return the file pickers among the fields of a scope, those in rows included."""
    return tuple(_walk(fields, ()))


def _walk(fields: tuple[Component, ...], around: tuple[str, ...]) -> Iterator[FileField]:
    for field in fields:
        if field.type.repeats:
            yield from _walk(field.fields, (*around, *field.path, "*"))
        elif field.type.name == "filepicker":
            accept = field.spec.get("accept")
            text = accept if isinstance(accept, str) else ""
            if is_expression(text):
                yield FileField((*around, *field.path), "", parse_expression(text))
            else:
                yield FileField((*around, *field.path), text)


def find_values(data: object, path: tuple[str, ...], before: Pointer = ()) -> Iterator[tuple[Pointer, object]]:
    """Yield place and value of everything in the data that a path with `*` leads to."""
    if not path:
        yield before, data
    elif path[0] == "*":
        for index, row in enumerate(data if isinstance(data, list) else ()):
            yield from find_values(row, path[1:], (*before, index))
    elif isinstance(data, dict) and data.get(path[0], MISSING) is not MISSING:
        yield from find_values(data[path[0]], path[1:], (*before, path[0]))
