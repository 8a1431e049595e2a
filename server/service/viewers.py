"""How the store sees an actor when it looks for what is theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.access import find_led_units
from server.store import Viewer

if TYPE_CHECKING:
    from server.access import Actor


def viewer_of(actor: Actor) -> Viewer:
    """Return the name, groups and led units by which rows are found."""
    return Viewer(actor.name, tuple(sorted(actor.groups)), tuple(sorted(find_led_units(actor.groups))))
