"""Finds what was submitted although the form declares no such field."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server.forms.limits import MAX_ROWS
from server.forms.messages import describe_value, format_message, shorten_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from server.forms.components import Component
    from server.forms.filling import Pointer


@dataclass(slots=True)
class Declared:
    """The names that one object may have: those of fields, of groups (`inner`) and of lists (`rows`)."""

    values: set[str] = field(default_factory=set)
    inner: dict[str, Declared] = field(default_factory=dict)
    rows: dict[str, Declared] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """All names, sorted."""
        return sorted({*self.values, *self.inner, *self.rows})


def declare_fields(fields: tuple[Component, ...]) -> Declared:
    """Return what the fields of one scope declare."""
    declared = Declared()
    for component in fields:
        place = declared
        for name in component.path[:-1]:
            place = place.inner.setdefault(name, Declared())
        if component.type.repeats:
            place.rows[component.path[-1]] = declare_fields(component.fields)
        else:
            place.values.add(component.path[-1])
    return declared


def find_undeclared(
    submitted: Mapping[str, object], declared: Declared, locale: str, limit: int
) -> list[tuple[Pointer, str]]:
    """Return a problem for each undeclared name, at most `limit`."""
    found: list[tuple[Pointer, str]] = []
    for problem in _walk(submitted, declared, (), locale):
        found.append(problem)
        if len(found) >= limit:
            break
    return found


def _walk(
    submitted: Mapping[str, object], declared: Declared, pointer: Pointer, locale: str
) -> Iterator[tuple[Pointer, str]]:
    for name, value in submitted.items():
        if name in declared.values:
            continue
        inner, rows = declared.inner.get(name), declared.rows.get(name)
        if inner is not None:
            if isinstance(value, dict):
                yield from _walk(value, inner, (*pointer, name), locale)
            elif value is not None:
                yield (*pointer, name), format_message(locale, "group", found=describe_value(locale, value))
        elif rows is not None:
            for index, row in enumerate(value[:MAX_ROWS] if isinstance(value, list) else []):
                if isinstance(row, dict):
                    yield from _walk(row, rows, (*pointer, name, index), locale)
        else:
            yield (*pointer, shorten_text(name, 200)), _explain(name, declared, locale)


def _explain(name: str, declared: Declared, locale: str) -> str:
    names = declared.names
    if not names:
        return format_message(locale, "unknown_none")
    listed = shorten_text(", ".join(names), 300)
    near = difflib.get_close_matches(name, names, n=1) if len(name) <= 100 else []
    if near:
        return format_message(locale, "unknown_near", near=near[0], keys=listed)
    return format_message(locale, "unknown", keys=listed)
