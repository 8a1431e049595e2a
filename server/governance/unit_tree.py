"""The units as a tree: which there are of a kind, what lies above and below one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import date

    from server.model import Affiliation, Unit


class UnitTree:
    """Units by id, in the order in which they were given. Immutable, shared by threads."""

    __slots__ = ("_units",)

    def __init__(self, units: Iterable[Unit]) -> None:
        self._units: Mapping[str, Unit] = {unit.unit_id: unit for unit in units}

    def __iter__(self) -> Iterator[Unit]:
        """Yield all of them."""
        return iter(self._units.values())

    def find(self, unit_id: str) -> Unit | None:
        """Return a unit, or None where there is none with this id."""
        return self._units.get(unit_id)

    def list_units(self, kinds: Collection[str], day: date, within: str | None = None) -> tuple[Unit, ...]:
        """Return the units of these kinds on a day, only those below the unit `within` where one is given."""
        return tuple(
            unit
            for unit in self._units.values()
            if unit.kind in kinds
            and is_there(unit, day)
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

    def find_successor(self, unit_id: str, day: date) -> Unit | None:
        """Return who does the work of a unit on a day: itself, or the last of its successors; None for nobody."""
        seen: set[str] = set()
        unit = self._units.get(unit_id)
        while unit is not None and not is_there(unit, day) and unit.unit_id not in seen:
            seen.add(unit.unit_id)
            unit = None if unit.succeeded_by is None else self._units.get(unit.succeeded_by)
        return unit if unit is not None and is_there(unit, day) else None


def is_there(thing: Unit | Affiliation, day: date) -> bool:
    """Return whether a unit, or its part in a body, exists on a day."""
    return (thing.valid_from is None or thing.valid_from <= day) and (thing.valid_to is None or day <= thing.valid_to)
