"""Waiting timers, by the moment they are due."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, not_, select

from server.model import Timer
from server.store.connected import Connected, Values
from server.store.filters import FlagField, instant_field, key_field
from server.store.places import place_fields, place_values, to_place
from server.store.search import Searchable
from server.store.tables.work import timer

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Row

    from server.model import Page, Query

_c = timer.c
_OF_ROOT = select(timer).where(_c.root_key == bindparam("root")).order_by(_c.key)


def _to_record(row: Row[Any]) -> Timer:
    return Timer(
        key=row.key,
        place=to_place(row),
        due_at=row.due_at,
        creation_date=row.creation_date,
        suspended=bool(row.suspended),
    )


def timer_values(record: Timer) -> Values:
    """Return the columns of a timer."""
    return place_values(record.place) | {
        "key": record.key,
        "due_at": record.due_at,
        "creation_date": record.creation_date,
    }


_SEARCHABLE = Searchable(
    "timers",
    timer,
    place_fields(timer)
    | {
        "key": key_field(_c.key),
        "due_at": instant_field(_c.due_at),
        "creation_date": instant_field(_c.creation_date),
        "suspended": FlagField(_c.suspended),
    },
    _to_record,
)


class TimerReads(Connected):
    """Reads timers."""

    def timer(self, key: int) -> Timer | None:
        """Find by key."""
        row = self._row(select(timer).where(_c.key == key))
        return None if row is None else _to_record(row)

    def due_timers(self, now: datetime, limit: int) -> tuple[Timer, ...]:
        """Return timers that are due, longest overdue first; those of suspended instances wait.

        They are candidates without locks: lock the root instance, then read the timer again.
        """
        statement = select(timer).where(not_(_c.suspended), _c.due_at <= now).order_by(_c.due_at, _c.key).limit(limit)
        return tuple(_to_record(row) for row in self._rows(statement))

    def timers_of_root(self, root_key: int) -> tuple[Timer, ...]:
        """Return the timers that wait in a root instance, oldest first."""
        return tuple(_to_record(row) for row in self._rows(_OF_ROOT, {"root": root_key}))

    def next_due_at(self) -> datetime | None:
        """Return when the next timer of an instance that is not suspended is, or was, due."""
        row = self._row(select(_c.due_at).where(not_(_c.suspended)).order_by(_c.due_at, _c.key).limit(1))
        return None if row is None else row.due_at

    def search_timers(self, query: Query) -> Page[Timer]:
        """Search by any of the record's fields."""
        return _SEARCHABLE.search(self._connection, query)
