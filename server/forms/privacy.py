"""Fields marked `privacy: identity` or `privacy: contact`: their values go to the identity vault.

Only a reference enters the process; who keeps and reveals the values is not decided here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from server.forms.json_values import read_mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server.forms.components import Component

PRIVACY_KINDS: Final = ("identity", "contact")
"""Values of the property `privacy` of a field."""


@dataclass(frozen=True, slots=True)
class PrivateField:
    """A field of the form; `path` leads to it in the submitted data, with `*` for every row of a list."""

    path: tuple[str, ...]
    kind: str


def find_private_fields(fields: tuple[Component, ...]) -> tuple[PrivateField, ...]:
    """Return the private fields among the fields of a scope, those in rows included."""
    return tuple(_walk(fields, ()))


def _walk(fields: tuple[Component, ...], around: tuple[str, ...]) -> Iterator[PrivateField]:
    for field in fields:
        if field.type.repeats:
            yield from _walk(field.fields, (*around, *field.path, "*"))
            continue
        kind = read_mapping(field.spec.get("properties")).get("privacy")
        if isinstance(kind, str) and kind in PRIVACY_KINDS:
            yield PrivateField((*around, *field.path), kind)
