"""The organisation's units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from server.model import Unit
from server.store.counters import CounterReads, CounterWrites
from server.store.tables.identity import unit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Row

_c = unit.c
VERSION = "units"
"""The counter that tells whether units read earlier are still the newest."""


def _to_record(row: Row[Any]) -> Unit:
    return Unit(unit_id=row.unit_id, name=row.name, kind=row.kind, parent_id=row.parent_id)


class UnitReads(CounterReads):
    """Reads units."""

    def unit(self, unit_id: str) -> Unit | None:
        """Find by id."""
        row = self._row(select(unit).where(_c.unit_id == unit_id))
        return None if row is None else _to_record(row)

    def units_version(self) -> int:
        """Return how often the units were changed; 0 while there are none."""
        return self._counter_value(VERSION)

    def units(self) -> tuple[Unit, ...]:
        """Return all of them, by id."""
        return tuple(_to_record(row) for row in self._rows(select(unit).order_by(_c.unit_id)))


class UnitWrites(CounterWrites):
    """Writes units."""

    def put_units(self, records: Iterable[Unit]) -> None:
        """Add units, or replace those with the same id; others stay."""
        upsert = (sqlite_insert if self.dialect == "sqlite" else postgresql_insert)(unit)
        excluded = upsert.excluded
        self._write_each(
            upsert.on_conflict_do_update(
                index_elements=[_c.unit_id],
                set_={"name": excluded.name, "kind": excluded.kind, "parent_id": excluded.parent_id},
            ),
            [
                {"unit_id": one.unit_id, "name": one.name, "kind": one.kind, "parent_id": one.parent_id}
                for one in records
            ],
        )
        self.next_number(VERSION)
