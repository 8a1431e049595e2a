"""How units take part in bodies beside the tree: pairing with communities (包联), and the district's leading group.

`pairing.yaml` has an entry per community, with exactly one lead unit; `leading_group.yaml` an entry per member unit.
Source: domain.md, S3-06 and S0-01.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.governance.organisation_file import read_entries
from server.governance.unit_tree import UnitTree
from server.model import Affiliation, AffiliationKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from server.governance.organisation_file import Entry
    from server.model import Finding, Unit

LEAD, MEMBER = "lead", "member"
MEMBER_TYPES: Mapping[str, str] = {
    "party": "区委职能部门",
    "government": "政府职能部门",
    "mass": "工青妇群团",
    "territory": "镇街属地",
    "park": "园区",
}
"""The five types of units in the leading group."""
PERIOD = frozenset({"from", "to"})
PAIRED_KINDS = frozenset({"department", "enterprise"})


def read_affiliations(
    texts: Mapping[str, str], units: Mapping[str, Unit], findings: list[Finding]
) -> dict[AffiliationKind, tuple[Affiliation, ...]]:
    """Read what the files say; a kind without a file is left out."""
    readers = {AffiliationKind.PAIRING: _read_pairing, AffiliationKind.LEADING_GROUP: _read_leading_group}
    return {
        kind: tuple(read(texts[f"{kind}.yaml"], units, findings))
        for kind, read in readers.items()
        if f"{kind}.yaml" in texts
    }


def _read_pairing(text: str, units: Mapping[str, Unit], findings: list[Finding]) -> Iterator[Affiliation]:
    for entry in read_entries("pairing", text, frozenset({"id", "lead", "members"}), PERIOD, findings):
        _check_unit(entry, "id", entry.id, {"community"}, units, findings)
        first, last = entry.period("from", "to", findings)
        paired = {entry.text("lead", findings): LEAD}
        for unit_id in entry.texts("members", findings):
            if unit_id in paired:
                findings.append(entry.finding(f"expected every unit once, found {unit_id!r} again", "members"))
            paired.setdefault(unit_id, MEMBER)
        for unit_id, role in paired.items():
            _check_unit(entry, "lead" if role == LEAD else "members", unit_id, PAIRED_KINDS, units, findings)
            yield Affiliation(AffiliationKind.PAIRING, entry.id, unit_id, role, first, last)


def _read_leading_group(text: str, units: Mapping[str, Unit], findings: list[Finding]) -> Iterator[Affiliation]:
    for entry in read_entries("leading_group", text, frozenset({"id", "type"}), PERIOD, findings):
        member_type = entry.text("type", findings)
        if member_type not in MEMBER_TYPES:
            expected = f"expected a type of member unit ({', '.join(MEMBER_TYPES)})"
            findings.append(entry.finding(f"{expected}, found {member_type!r}", "type"))
        first, last = entry.period("from", "to", findings)
        if entry.id in units:
            district = _find_district(units, entry.id)
            yield Affiliation(AffiliationKind.LEADING_GROUP, district, entry.id, member_type, first, last)
        else:
            findings.append(entry.finding(f"expected a unit of units.yaml, found {entry.id!r}", "id"))


def _find_district(units: Mapping[str, Unit], unit_id: str) -> str:
    """Return the district of a unit, or the unit at its top where there is none."""
    above = tuple(UnitTree(units.values()).climb(unit_id))
    return next((unit for unit in above if unit.kind == "district"), above[-1]).unit_id


def _check_unit(
    entry: Entry,
    key: str,
    unit_id: str,
    kinds: frozenset[str] | set[str],
    units: Mapping[str, Unit],
    findings: list[Finding],
) -> None:
    if unit_id and (unit_id not in units or units[unit_id].kind not in kinds):
        expected = f"expected a {' or '.join(sorted(kinds))} of units.yaml"
        findings.append(entry.finding(f"{expected}, found {unit_id!r}", key))
