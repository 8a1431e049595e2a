"""The scope tree: where variables live, as in Zeebe (architecture.md, decision 1)."""

from __future__ import annotations

from collections import ChainMap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(slots=True)
class Scope:
    """The variables of one process instance, sub-process or activity. `parent` is None for a process instance."""

    key: int
    parent: int | None
    instance_key: int
    variables: dict[str, object]
    stored: set[str]
    changed: set[str] = field(default_factory=set)


class ScopeTree:
    """All open scopes of one root instance, by key, and what changed in them since they were loaded."""

    def __init__(self) -> None:
        self.scopes: dict[int, Scope] = {}
        self.closed: list[Scope] = []

    def open(self, key: int, parent: int | None, instance_key: int, variables: Mapping[str, object]) -> Scope:
        """Open a scope with its first variables."""
        scope = Scope(key, parent, instance_key, dict(variables), set(), set(variables))
        self.scopes[key] = scope
        return scope

    def close(self, key: int) -> None:
        """Close a scope, if there is one; its variables are gone for expressions."""
        scope = self.scopes.pop(key, None)
        if scope is not None:
            self.closed.append(scope)

    def chain(self, key: int) -> Iterator[Scope]:
        """Yield the scope and the ones around it, up to its process instance."""
        at: int | None = key
        while at is not None:
            scope = self.scopes[at]
            yield scope
            at = scope.parent

    def view(self, key: int) -> Mapping[str, object]:
        """Return everything an expression sees in this scope; inner variables hide outer ones."""
        return ChainMap(*(scope.variables for scope in self.chain(key)))

    def write(self, key: int, values: Mapping[str, object]) -> None:
        """Write each variable where it exists, looking upward; a new one goes to the process instance.

        Source of the rule: Camunda 8, "variable propagation".
        """
        around = list(self.chain(key))
        for name, value in values.items():
            target = next((scope for scope in around if name in scope.variables), around[-1])
            self._set(target, name, value)

    def write_local(self, key: int, values: Mapping[str, object]) -> None:
        """Write the variables into this very scope."""
        scope = self.scopes[key]
        for name, value in values.items():
            self._set(scope, name, value)

    def _set(self, scope: Scope, name: str, value: object) -> None:
        scope.variables[name] = value
        scope.changed.add(name)
