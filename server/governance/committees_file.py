"""`committees.yaml`: how the committees of an organisation meet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from server.governance.meetings import COMMITTEE
from server.governance.organisation_file import Entry, read_entries
from server.model import Period

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from server.model import Finding, Unit

REQUIRED = frozenset({"id", "committee", "kind", "period", "chair", "secretary", "members"})
OPTIONAL = frozenset({"deputies", "place", "online", "quorum_rule", "quorum_num", "quorum_den", "anchor_on"})
MEMBER = frozenset({"kind", "unit", "person"})
KINDS = ("quarterly", "weekly", "fortnightly", "grid_branch", "coordination", "adhoc")
SEATS = ("first_secretary", "secretary", "unit_rep", "police", "property", "org", "resident_rep")
QUORUM_RULES = ("half", "two_thirds", "custom")


@dataclass(frozen=True, slots=True)
class PlannedMeeting:
    """How a committee meets, as a file says it."""

    committee: str
    kind: str
    period: Period
    content: dict[str, Any]
    anchor_on: str | None = None
    active: bool = True


def parse_plans(
    text: str | None, units: Mapping[str, Unit], people: Container[str], findings: list[Finding]
) -> tuple[PlannedMeeting, ...]:
    """Read the plans; without a file there are none. Mistakes become findings."""
    if text is None:
        return ()
    entries = read_entries("committees", text, REQUIRED, OPTIONAL, findings)
    return tuple(_plan(entry, units, people, findings) for entry in entries)


def check_plan(plan: PlannedMeeting, units: Mapping[str, Unit], people: Container[str]) -> list[tuple[str, str]]:
    """Return what is wrong with a plan, each as the name of an entry and a sentence."""
    problems = []
    unit = units.get(plan.committee)
    if unit is None or unit.kind != COMMITTEE:
        problems.append(("committee", f"expected a unit of kind {COMMITTEE}, found {plan.committee!r}"))
    for name, value, known in (("kind", plan.kind, KINDS), ("quorum_rule", plan.content["quorum_rule"], QUORUM_RULES)):
        if value not in known:
            problems.append((name, f"expected one of {', '.join(known)}, found {value!r}"))
    num, den = plan.content.get("quorum_num"), plan.content.get("quorum_den")
    if plan.content["quorum_rule"] == "custom" and not (
        isinstance(num, int) and isinstance(den, int) and 0 < num <= den
    ):
        problems.append(("quorum_num", f"expected quorum_num of quorum_den, such as 3 and 5, found {num!r}, {den!r}"))
    named = [("chair", plan.content["chair"]), ("secretary", plan.content["secretary"])]
    seated = {member["person"] for member in plan.content["members"]}
    if plan.content["chair"] not in seated:
        problems.append(("chair", f"expected one of the members as chair, found {plan.content['chair']!r}"))
    named += [("deputies", one) for one in plan.content["deputies"]]
    for member in plan.content["members"]:
        named += [("members", member["person"])] + [("members", one) for one in [member.get("substitute")] if one]
        if member["unit"] not in units:
            problems.append(("members", f"expected a unit, found {member['unit']!r}"))
        if member["kind"] not in SEATS:
            problems.append(("members", f"expected one of {', '.join(SEATS)}, found {member['kind']!r}"))
    if not plan.content["members"]:
        problems.append(("members", "expected at least one member, found none"))
    return problems + [(name, f"expected a person, found {one!r}") for name, one in named if one not in people]


def number_seats(members: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give every member a seat: the one it has, else its place in the list."""
    return [{"substitute": None, **one, "seat": one.get("seat") or str(at)} for at, one in enumerate(members, start=1)]


def _plan(entry: Entry, units: Mapping[str, Unit], people: Container[str], findings: list[Finding]) -> PlannedMeeting:
    values = entry.values
    members = values["members"] if isinstance(values["members"], list) else []
    usable = [one for one in members if isinstance(one, dict) and set(one) >= MEMBER]
    if len(usable) < len(members) or not isinstance(values["members"], list):
        findings.append(entry.finding("expected a list of members, each with kind, unit and person", "members"))
    content = {
        "chair": entry.text("chair", findings),
        "deputies": list(entry.texts("deputies", findings)) if "deputies" in values else [],
        "secretary": entry.text("secretary", findings),
        "place": values.get("place"),
        "online": bool(values.get("online", False)),
        "quorum_rule": values.get("quorum_rule", "half"),
        "quorum_num": values.get("quorum_num"),
        "quorum_den": values.get("quorum_den"),
        "members": number_seats(usable),
    }
    period = entry.text("period", findings)
    if period not in set(Period):
        findings.append(entry.finding(f"expected one of {', '.join(Period)}, found {period!r}", "period"))
        period = Period.NONE
    anchor = values.get("anchor_on")
    plan = PlannedMeeting(
        entry.text("committee", findings),
        entry.text("kind", findings),
        Period(period),
        content,
        None if anchor is None else str(anchor),
    )
    findings.extend(entry.finding(message, name) for name, message in check_plan(plan, units, people))
    return plan
