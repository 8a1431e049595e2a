"""What units are called, for pages; names of units are no secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.service.context import Context


def name_units(context: Context) -> Mapping[str, str]:
    """Return the names of all units by id."""
    with context.store.glancing() as reading:
        return {unit.unit_id: unit.name for unit in reading.units()}
