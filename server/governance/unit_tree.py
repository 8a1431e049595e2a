"""The units as a tree: which there are of a kind, what lies above and below one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from server.model import Unit


class UnitTree:
    """Units by id, in the order in which they were given. Immutable, shared by threads."""

    __slots__ = ("_units",)

    def __init__(self, units: Iterable[Unit]) -> None:
        self._units: Mapping[str, Unit] = {unit.unit_id: unit for unit in units}

    def find(self, unit_id: str) -> Unit | None:
        """Return a unit, or None where there is none with this id."""
        return self._units.get(unit_id)

    def list_units(self, kinds: Collection[str], within: str | None = None) -> tuple[Unit, ...]:
        """Return the units of these kinds, only those that belong to the unit `within` where one is given."""
        return tuple(
            unit
            for unit in self._units.values()
            if unit.kind in kinds
            and (within is None or any(one.unit_id == within for one in self.climb(unit.parent_id)))
        )

    def climb(self, unit_id: str | None) -> Iterator[Unit]:
        """Yield a unit and those above it, nearest first; nothing for an unknown one."""
        seen: set[str] = set()
        unit = None if unit_id is None else self._units.get(unit_id)
        while unit is not None and unit.unit_id not in seen:
            seen.add(unit.unit_id)
            yield unit
            unit = None if unit.parent_id is None else self._units.get(unit.parent_id)

    def find_above(self, unit_id: str, kind: str) -> Unit | None:
        """Return the nearest unit of a kind, beginning with the unit itself; None where there is none."""
        return next((unit for unit in self.climb(unit_id) if unit.kind == kind), None)
