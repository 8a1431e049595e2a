"""The organisation's units."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from server.model import Affiliation, AffiliationKind, Unit
from server.store.counters import CounterReads, CounterWrites
from server.store.tables.identity import affiliation, unit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Row

_c = unit.c
VERSION = "units"
"""The counter that tells whether units read earlier are still the newest."""


_a = affiliation.c


def _to_record(row: Row[Any]) -> Unit:
    return Unit(
        unit_id=row.unit_id,
        name=row.name,
        kind=row.kind,
        parent_id=row.parent_id,
        valid_from=_read_day(row.valid_from),
        valid_to=_read_day(row.valid_to),
        succeeded_by=row.succeeded_by,
    )


def _to_affiliation(row: Row[Any]) -> Affiliation:
    first, last = _read_day(row.valid_from), _read_day(row.valid_to)
    return Affiliation(AffiliationKind(row.kind), row.body, row.unit_id, row.role, first, last)


def _read_day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _write_days(thing: Unit | Affiliation) -> dict[str, str | None]:
    return {
        "valid_from": None if thing.valid_from is None else thing.valid_from.isoformat(),
        "valid_to": None if thing.valid_to is None else thing.valid_to.isoformat(),
    }


class UnitReads(CounterReads):
    """Reads units."""

    def unit(self, unit_id: str) -> Unit | None:
        """Find by id."""
        row = self._row(select(unit).where(_c.unit_id == unit_id))
        return None if row is None else _to_record(row)

    def units_version(self) -> int:
        """Return how often units and affiliations were changed; 0 while there are none."""
        return self.counter_value(VERSION)

    def units(self) -> tuple[Unit, ...]:
        """Return all of them, by id."""
        return tuple(_to_record(row) for row in self._rows(select(unit).order_by(_c.unit_id)))

    def affiliations(self) -> tuple[Affiliation, ...]:
        """Return all of them, by kind and body; the leads of a pairing come first."""
        rows = self._rows(select(affiliation).order_by(_a.kind, _a.body, _a.role, _a.unit_id))
        return tuple(_to_affiliation(row) for row in rows)


class UnitWrites(CounterWrites):
    """Writes units."""

    def put_units(self, records: Iterable[Unit]) -> None:
        """Add units, or replace those with the same id; others stay."""
        upsert = (sqlite_insert if self.dialect == "sqlite" else postgresql_insert)(unit)
        changing = ("name", "kind", "parent_id", "valid_from", "valid_to", "succeeded_by")
        self._write_each(
            upsert.on_conflict_do_update(
                index_elements=[_c.unit_id], set_={name: upsert.excluded[name] for name in changing}
            ),
            [
                {
                    "unit_id": one.unit_id,
                    "name": one.name,
                    "kind": one.kind,
                    "parent_id": one.parent_id,
                    "succeeded_by": one.succeeded_by,
                    **_write_days(one),
                }
                for one in records
            ],
        )
        self.next_number(VERSION)

    def replace_affiliations(self, kind: AffiliationKind, records: Iterable[Affiliation]) -> None:
        """Put these affiliations in the place of all of their kind."""
        self._write(delete(affiliation).where(_a.kind == kind))
        rows = [{"body": one.body, "unit_id": one.unit_id, "role": one.role, **_write_days(one)} for one in records]
        self._write_each(insert(affiliation), [{"kind": kind.value, **row} for row in rows])
        self.next_number(VERSION)
