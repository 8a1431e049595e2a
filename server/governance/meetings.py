"""Committees and their meetings (联席会议): which committee a unit belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.model import Unit

COMMITTEE = "committee"
"""The kind of unit that meets."""


def find_committee(units: Mapping[str, Unit], unit_id: str) -> str | None:
    """Return the committee at a unit, or at the nearest unit above it; a committee itself is its own.

    Of several at one unit the first by id. None when there is no such unit, or nobody above it has a committee.
    """
    unit = units.get(unit_id)
    if unit is not None and unit.kind == COMMITTEE:
        return unit_id
    while unit is not None:
        own = sorted(one.unit_id for one in units.values() if one.kind == COMMITTEE and one.parent_id == unit.unit_id)
        if own:
            return own[0]
        unit = units.get(unit.parent_id) if unit.parent_id else None
    return None
