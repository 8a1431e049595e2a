"""What would change if an organisation became the one of the files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from server.governance.organisation import Organisation, Person
    from server.model import Unit


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: `sign` is + (comes), - (goes), ~ (changes) or ? (only here; stays as it is)."""

    sign: str
    kind: str
    name: str
    detail: str


def compare_organisation(
    units: Mapping[str, Unit], people: Mapping[str, Person], wanted: Organisation
) -> tuple[Change, ...]:
    """Return the differences from what is there, units first, each kind by name.

    Units and people that only the database has stay: records name them, and people leave by a decision of their own.
    """
    return (*_compare_units(units, wanted.units), *_compare_people(people, wanted.people))


def _compare_units(present: Mapping[str, Unit], wanted: Mapping[str, Unit]) -> Iterator[Change]:
    for name in sorted(present.keys() | wanted.keys()):
        if name not in wanted:
            yield Change("?", "unit", name, f"{present[name].name}: not in the files")
        elif name not in present:
            yield Change("+", "unit", name, f"{wanted[name].name}, {wanted[name].kind}")
        elif present[name] != wanted[name]:
            yield Change("~", "unit", name, _describe_unit(present[name], wanted[name]))


def _describe_unit(before: Unit, after: Unit) -> str:
    parts = {
        "name": (before.name, after.name),
        "kind": (before.kind, after.kind),
        "parent": (before.parent_id or "none", after.parent_id or "none"),
    }
    return ", ".join(f"{part} {old} → {new}" for part, (old, new) in parts.items() if old != new)


def _compare_people(present: Mapping[str, Person], wanted: Mapping[str, Person]) -> Iterator[Change]:
    for name in sorted(present.keys() | wanted.keys()):
        if name not in wanted:
            yield Change("?", "person", name, f"{present[name].name}: not in the files")
        elif name not in present:
            yield Change("+", "person", name, wanted[name].name)
            yield from _compare_roles(name, (), wanted[name].groups)
        else:
            if present[name].name != wanted[name].name:
                yield Change("~", "person", name, f"name {present[name].name} → {wanted[name].name}")
            yield from _compare_roles(name, present[name].groups, wanted[name].groups)


def _compare_roles(name: str, before: Iterable[str], after: Iterable[str]) -> Iterator[Change]:
    old, new = set(before), set(after)
    yield from (Change("+", "role", name, group) for group in sorted(new - old))
    yield from (Change("-", "role", name, group) for group in sorted(old - new))
