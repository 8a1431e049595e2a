"""Who acts, and what they were given: what access is judged by. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LEADING = frozenset({"lead", "head"})
"""Last words of roles that lead their unit: `street_lead` a street, `dept_head` a department."""


@dataclass(frozen=True, slots=True)
class Scopes:
    """What a client may do, or a person's token is limited to; `*` stands for every process or job type.

    start: start these processes; jobs: work on jobs of these types; tasks: see, hand out and complete the user tasks
    of these processes (for a token the person's own, of whatever process); operate: mend instances of these processes
    (clients only); read: see everything that is not about persons; deploy: deploy resources.
    """

    start: frozenset[str] = frozenset()
    jobs: frozenset[str] = frozenset()
    read: bool = False
    deploy: bool = False
    tasks: frozenset[str] = frozenset()
    operate: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class StandIn:
    """Somebody who is absent now, and what the actor looks after for them: the tasks of these groups of theirs.

    `wholly`: what is theirs in person, too.
    """

    name: str
    groups: frozenset[str]
    wholly: bool


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person, a client of the API, the server itself, or a resident whom nobody knows.

    `groups` are names such as `desk@jinxiu`. `limits` are those of the token that a
    person signed in with; None: everything that the person may do.
    """

    name: str
    kind: Literal["user", "client", "system", "anonymous"] = "user"
    admin: bool = False
    groups: frozenset[str] = frozenset()
    scopes: Scopes = Scopes()
    limits: Scopes | None = None
    stands_in_for: tuple[StandIn, ...] = ()


ANYBODY = Actor("anonymous", admin=True)
"""Everybody, where the server was started so that nobody signs in."""
SYSTEM = Actor("system", kind="system")
"""The server itself: timers, start-up, the worker."""


def find_led_units(groups: Iterable[str]) -> frozenset[str]:
    """Return the units that a holder of these groups leads: those of a role such as `street_lead` or `dept_head`."""
    pairs = (group.partition("@") for group in groups)
    return frozenset(unit for role, _, unit in pairs if unit and role.rpartition("_")[2] in LEADING)


def find_units(groups: Iterable[str]) -> frozenset[str]:
    """Return the units of groups such as `desk@jinxiu`."""
    return frozenset(unit for _, _, unit in (group.partition("@") for group in groups) if unit)


def find_units_over(actor: Actor, parents: Mapping[str, str | None]) -> frozenset[str]:
    """Return the units at which the actor, or somebody whom they stand in for, has a role, and all above these."""
    found: set[str] = set()
    for unit in find_units(actor.groups.union(*(one.groups for one in actor.stands_in_for))):
        above: str | None = unit
        while above is not None and above not in found:
            found.add(above)
            above = parents.get(above)
    return frozenset(found)


def is_of_unit(actor: Actor, unit: str | None, parents: Mapping[str, str | None]) -> bool:
    """Tell whether the actor has a role at a unit or below it, or stands in for somebody who has.

    Administrators are no exception: nobody comes to know who reported the unit that they belong to. `parents` maps
    units to the unit above.
    """
    return unit is not None and unit in find_units_over(actor, parents)


def find_own_names(actor: Actor) -> frozenset[str]:
    """Return the names that count as the actor's: their own, and those of people for whom they do everything."""
    return frozenset({actor.name, *(one.name for one in actor.stands_in_for if one.wholly)})
