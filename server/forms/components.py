"""The parsed form: components as form-js nests them, and the fields of each scope as the data nests them.

A scope is the form itself or one row of a dynamic list. Groups do not make a scope: their fields belong to the scope
around them, with the group's path in front of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from server.forms.choices import OptionSource
    from server.forms.expressions import Expression, Test
    from server.forms.field_types import FieldType
    from server.forms.rules import Rules


@dataclass(frozen=True, slots=True, eq=False)
class Component:
    """One component of a form.

    `path` is where its value lies within its scope. `hide` and `readonly` are its own tests and those of the groups
    around it; `locked` says that it can never be changed (`readonly: true`, or inside a disabled group). `fields` are
    the fields and lists of the scope that a list opens, groups flattened.
    """

    id: str
    type: FieldType
    spec: Mapping[str, object]
    path: tuple[str, ...]
    hide: tuple[Test, ...]
    readonly: tuple[Test, ...]
    locked: bool
    disabled: bool
    rules: Rules | None
    options: OptionSource | None
    expression: Expression | None
    children: tuple[Component, ...]
    fields: tuple[Component, ...]

    @property
    def label(self) -> str:
        """The text beside the field, as written."""
        label = self.spec.get("label")
        if not label and self.type.name == "datetime":
            label = self.spec.get("dateLabel") or self.spec.get("timeLabel")
        return label if isinstance(label, str) else ""

    @property
    def is_fixed(self) -> bool:
        """Whether a client can never give it a value."""
        return self.locked or self.disabled or self.expression is not None

    @property
    def may_be_locked(self) -> bool:
        """Whether there is a state of the form in which a client cannot change it."""
        return self.is_fixed or bool(self.readonly)

    @property
    def is_computed_choice(self) -> bool:
        """Whether its options are computed."""
        return self.options is not None and self.options.expression is not None

    @property
    def starts_unfitted(self) -> bool:
        """Whether it starts with a value that form-js fits to the field only once it is shown and can be changed."""
        return bool(self.readonly) or self.is_computed_choice or bool(self.type.choice and "defaultValue" in self.spec)

    @property
    def is_plain(self) -> bool:
        """Whether it is always shown and can always be changed."""
        return not (self.hide or self.may_be_locked)


def flatten_components(components: tuple[Component, ...]) -> tuple[Component, ...]:
    """Return the fields and lists of one scope: those of its groups as well, those of its rows not."""
    return tuple(_flatten(components))


def _flatten(components: tuple[Component, ...]) -> Iterator[Component]:
    for component in components:
        if component.type.keyed or component.type.repeats:
            yield component
        elif component.type.container:
            yield from _flatten(component.children)


def walk_components(components: tuple[Component, ...]) -> Iterator[Component]:
    """Yield all components, outer ones first."""
    for component in components:
        yield component
        yield from walk_components(component.children)
