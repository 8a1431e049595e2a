"""What would change if an organisation became the one of the files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from server.governance.organisation import Organisation, Person
    from server.model import Affiliation, AffiliationKind, Unit


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: `sign` is + (comes), - (goes), ~ (changes) or ? (only here; stays as it is)."""

    sign: str
    kind: str
    name: str
    detail: str


def compare_organisation(present: Organisation, wanted: Organisation) -> tuple[Change, ...]:
    """Return the differences from what is there, units first, each kind by name.

    Units and people that only the database has stay: records name them, and people leave by a decision of their own.
    Affiliations are all that the files say, of the kinds that have a file.
    """
    return (
        *_compare_units(present.units, wanted.units),
        *_compare_people(present.people, wanted.people),
        *_compare_affiliations(present.affiliations, wanted.affiliations),
    )


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
        "parent": (_show(before.parent_id), _show(after.parent_id)),
        "valid_from": (_show(before.valid_from), _show(after.valid_from)),
        "valid_to": (_show(before.valid_to), _show(after.valid_to)),
        "succeeded_by": (_show(before.succeeded_by), _show(after.succeeded_by)),
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


def _compare_affiliations(
    present: Mapping[AffiliationKind, Sequence[Affiliation]], wanted: Mapping[AffiliationKind, Sequence[Affiliation]]
) -> Iterator[Change]:
    for kind, affiliations in wanted.items():
        old = {f"{one.unit_id}@{one.body}": _describe_affiliation(one) for one in present.get(kind, ())}
        new = {f"{one.unit_id}@{one.body}": _describe_affiliation(one) for one in affiliations}
        for name in sorted(old.keys() | new.keys()):
            if name not in old:
                yield Change("+", kind, name, new[name])
            elif name not in new:
                yield Change("-", kind, name, old[name])
            elif old[name] != new[name]:
                yield Change("~", kind, name, f"{old[name]} → {new[name]}")


def _describe_affiliation(one: Affiliation) -> str:
    return f"{one.role}, {_show(one.valid_from)} – {_show(one.valid_to)}"


def _show(value: object) -> str:
    return "none" if value is None else str(value)
