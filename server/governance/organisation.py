"""The organisation: a tree of units, the people, and the roles they hold at units.

A role held at a unit gives the group `role@unit`, to which processes assign their tasks. The files are
`units.yaml`, `roles.yaml` and `people.yaml`, and two about affiliations; `organisation/README.md` describes them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server.governance.affiliations import read_affiliations
from server.governance.committees_file import PlannedMeeting, parse_plans
from server.governance.organisation_file import Entry, read_entries
from server.model import Finding, Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from server.model import Affiliation, AffiliationKind

PARENT_KINDS: Mapping[str, frozenset[str]] = {
    "city": frozenset(),
    "district": frozenset({"city"}),
    "street": frozenset({"district"}),
    "community": frozenset({"street"}),
    "grid": frozenset({"community"}),
    "department": frozenset({"city", "district", "street"}),
    "enterprise": frozenset({"city", "district", "street"}),
    "committee": frozenset({"city", "district", "street", "community"}),
}
"""The kinds of unit, and the kinds that each may belong to."""
ROOT_KINDS = frozenset({"city", "district"})
"""Kinds of unit that may stand at the top of the tree."""
FILES = ("units", "roles", "people")
KEYS = {
    "units": (frozenset({"id", "name", "kind"}), frozenset({"parent", "valid_from", "valid_to", "succeeded_by"})),
    "roles": (frozenset({"id", "name", "units"}), frozenset[str]()),
    "people": (frozenset({"id", "name"}), frozenset({"roles"})),
}
"""For every file the keys that an entry must have, and those that it may have."""


@dataclass(frozen=True, slots=True)
class Role:
    """What a person can be at a unit; `unit_kinds` are the kinds of unit that have this role."""

    role_id: str
    name: str
    unit_kinds: frozenset[str]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works; `groups` are the roles held at units, written `role@unit`, in the file's order."""

    person_id: str
    name: str
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Organisation:
    """Units, roles and people by id, affiliations by kind; what is in here has been checked."""

    units: Mapping[str, Unit] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)
    affiliations: Mapping[AffiliationKind, tuple[Affiliation, ...]] = field(default_factory=dict)
    plans: tuple[PlannedMeeting, ...] = ()

    def members(self, group: str) -> tuple[Person, ...]:
        """Return the people of a group `role@unit`; nobody where the group is unstaffed or unknown."""
        return tuple(person for person in self.people.values() if group in person.groups)

    def ancestors(self, unit_id: str) -> tuple[Unit, ...]:
        """Return the units above a unit, nearest first.

        :raises KeyError: when there is no such unit
        """
        above: list[Unit] = []
        parent = self.units[unit_id].parent_id
        while parent is not None:
            above.append(self.units[parent])
            parent = self.units[parent].parent_id
        return tuple(above)


def parse_organisation(texts: Mapping[str, str]) -> tuple[Organisation, tuple[Finding, ...]]:
    """Read the files of an organisation.

    `texts` maps `units.yaml`, `roles.yaml` and `people.yaml` to what they say, and `pairing.yaml` and
    `leading_group.yaml` where there are such files. With any finding the returned
    organisation is empty: a half-read one would leave tasks without people.
    """
    findings: list[Finding] = []
    entries = {name: read_entries(name, texts.get(f"{name}.yaml"), *KEYS[name], findings) for name in FILES}
    units = {entry.id: _unit(entry, findings) for entry in entries["units"]}
    _check_tree(units, entries["units"], findings)
    _check_successors(units, entries["units"], findings)
    roles = {entry.id: _role(entry, findings) for entry in entries["roles"]}
    people = {entry.id: _person(entry, roles, units, findings) for entry in entries["people"]}
    affiliations = read_affiliations(texts, units, findings)
    plans = parse_plans(texts.get("committees.yaml"), units, people, findings)
    found = Organisation(units, roles, people, affiliations, plans)
    return (Organisation() if findings else found), tuple(findings)


def _unit(entry: Entry, findings: list[Finding]) -> Unit:
    kind = entry.text("kind", findings)
    if kind and kind not in PARENT_KINDS:
        findings.append(entry.finding(f"expected a kind of unit ({_names(PARENT_KINDS)}), found {kind!r}", "kind"))
    parent = entry.text("parent", findings) if "parent" in entry.values else ""
    first, last = entry.period("valid_from", "valid_to", findings)
    successor = entry.text("succeeded_by", findings) if "succeeded_by" in entry.values else ""
    return Unit(entry.id, entry.text("name", findings), kind, parent or None, first, last, successor or None)


def _check_tree(units: Mapping[str, Unit], entries: Iterable[Entry], findings: list[Finding]) -> None:
    for entry in entries:
        unit = units[entry.id]
        if unit.kind not in PARENT_KINDS:
            continue
        if unit.parent_id is None:
            if unit.kind not in ROOT_KINDS:
                findings.append(entry.finding(f"expected a parent for a {unit.kind}, found none", "parent"))
        elif unit.parent_id not in units:
            findings.append(
                entry.finding(f"expected a unit as parent, found none with id {unit.parent_id!r}", "parent")
            )
        elif units[unit.parent_id].kind not in PARENT_KINDS[unit.kind]:
            found = f"found {unit.parent_id!r}, which is a {units[unit.parent_id].kind}"
            kinds = _names(PARENT_KINDS[unit.kind]) or "nothing"
            findings.append(entry.finding(f"a {unit.kind} belongs to {kinds}, {found}", "parent"))


def _check_successors(units: Mapping[str, Unit], entries: Iterable[Entry], findings: list[Finding]) -> None:
    """Whoever takes work over is there, can do it (its kind has the same roles), and the chain comes to an end."""
    for entry in entries:
        unit = units[entry.id]
        successor = units.get(unit.succeeded_by or "")
        if unit.succeeded_by is None:
            continue
        if unit.valid_to is None:
            findings.append(
                entry.finding("expected the last day of a unit that has a successor, found none", "valid_to")
            )
        if successor is None or successor.kind != unit.kind:
            found = f"found {unit.succeeded_by!r}"
            findings.append(entry.finding(f"expected a {unit.kind} as successor, {found}", "succeeded_by"))
        elif _is_own_successor(units, entry.id):
            findings.append(entry.finding("expected a line of successors that ends, found a circle", "succeeded_by"))


def _is_own_successor(units: Mapping[str, Unit], unit_id: str) -> bool:
    seen: set[str] = set()
    following = units.get(units[unit_id].succeeded_by or "")
    while following is not None and following.unit_id not in seen:
        seen.add(following.unit_id)
        following = units.get(following.succeeded_by or "")
    return unit_id in seen


def _role(entry: Entry, findings: list[Finding]) -> Role:
    kinds = entry.texts("units", findings)
    expected = f"expected kinds of unit ({_names(PARENT_KINDS)})"
    unknown = [kind for kind in kinds if kind not in PARENT_KINDS]
    findings.extend(entry.finding(f"{expected}, found {kind!r}", "units") for kind in unknown)
    return Role(entry.id, entry.text("name", findings), frozenset(kinds))


def _person(entry: Entry, roles: Mapping[str, Role], units: Mapping[str, Unit], findings: list[Finding]) -> Person:
    groups = entry.texts("roles", findings) if "roles" in entry.values else ()
    for group in groups:
        problem = _group_problem(group, roles, units)
        if problem:
            findings.append(entry.finding(problem, "roles"))
    if len(set(groups)) < len(groups):
        findings.append(entry.finding("expected every role once, found one twice", "roles"))
    return Person(entry.id, entry.text("name", findings), groups)


def _group_problem(group: str, roles: Mapping[str, Role], units: Mapping[str, Unit]) -> str | None:
    role_id, at, unit_id = group.partition("@")
    if not at:
        return f"expected role@unit, found {group!r}"
    if role_id not in roles:
        return f"expected a role of roles.yaml, found {role_id!r} in {group!r}"
    if unit_id not in units:
        return f"expected a unit of units.yaml, found {unit_id!r} in {group!r}"
    kinds = roles[role_id].unit_kinds
    if units[unit_id].kind not in kinds:
        return f"the role {role_id} is held at {_names(kinds)}, found {units[unit_id].kind} {unit_id!r}"
    return None


def _names(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
