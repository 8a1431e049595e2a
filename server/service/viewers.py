"""How the store sees an actor when it looks for what is theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.access import find_led_units, is_within_limits
from server.store import Viewer

if TYPE_CHECKING:
    from server.access import Action, Actor

NOBODY = Viewer("")
"""Whose rows are looked for when nothing may be found."""


def viewer_of(actor: Actor, seeing: Action) -> Viewer:
    """Return the name, groups and led units by which rows are found; nobody's where the token does not let it see."""
    if not is_within_limits(actor, seeing):
        return NOBODY
    groups = actor.groups.union(*(one.groups for one in actor.stands_in_for))
    absent = tuple(one.name for one in actor.stands_in_for if one.wholly)
    return Viewer(actor.name, tuple(sorted(groups)), tuple(sorted(find_led_units(actor.groups))), absent)
