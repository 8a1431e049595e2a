"""Counters: numbers without gaps, and how often something was changed."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from server.store.connected import Connected, Writing
from server.store.tables.records import counter


class CounterReads(Connected):
    """Reads counters."""

    def counter_value(self, name: str) -> int:
        """Return where a counter stands; 0 before its first number."""
        row = self._row(select(counter.c.value).where(counter.c.name == name))
        return 0 if row is None else row.value


class CounterWrites(Writing):
    """Counts."""

    def next_number(self, name: str) -> int:
        """Return the next number of a counter: 1, 2, 3 … without gaps.

        Whoever counts holds the counter until the end of the transaction; after a rollback the number is given again.
        """
        insert_first = (sqlite_insert if self.dialect == "sqlite" else postgresql_insert)(counter)
        statement = insert_first.values(name=name, value=1).on_conflict_do_update(
            index_elements=[counter.c.name], set_={"value": counter.c.value + 1}
        )
        number: int = self._connection.execute(statement.returning(counter.c.value)).scalar_one()
        return number
