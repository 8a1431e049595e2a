"""Clocks of process instances."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update

from server.errors import NotFound
from server.model import Audience, Budget, Clock, ClockRecord, Pause, TimeUnit
from server.store.connected import Connected, Values, Writing
from server.store.filters import instant_field, key_field, text_field, word_field
from server.store.search import Searchable
from server.store.tables.clocks import clock

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Row

    from server.model import Page, Query

_c = clock.c


def _to_record(row: Row[Any]) -> ClockRecord:
    return ClockRecord(
        key=row.key,
        name=row.name,
        root_key=row.root_key,
        process_instance_key=row.process_instance_key,
        case_no=row.case_no,
        owner=row.owner,
        clock=Clock(
            started_at=row.started_at,
            budget=Budget(row.amount, TimeUnit(row.unit)),
            due_at=row.due_at,
            provisional=row.provisional,
            pausable=row.pausable,
            audience=Audience(row.audience),
            pauses=tuple(_to_pause(pause) for pause in row.pauses),
            extensions=tuple(Budget(amount, TimeUnit(row.unit)) for amount in row.extensions),
            reminders=tuple(row.reminders),
            most_extensions=row.most_extensions,
            promised_at=row.promised_at,
            ended_at=row.ended_at,
            cancelled=row.cancelled,
        ),
    )


def _to_pause(entry: Mapping[str, Any]) -> Pause:
    ended = entry["ended_at"]
    return Pause(
        entry["reason"],
        datetime.fromisoformat(entry["started_at"]),
        datetime.fromisoformat(entry["until"]),
        None if ended is None else datetime.fromisoformat(ended),
    )


def _pause_values(pause: Pause) -> Values:
    return {
        "reason": pause.reason,
        "started_at": pause.started_at.isoformat(),
        "until": pause.until.isoformat(),
        "ended_at": None if pause.ended_at is None else pause.ended_at.isoformat(),
    }


def _values(record: ClockRecord) -> Values:
    one = record.clock
    last = one.pauses[-1] if one.pauses else None
    return {
        "name": record.name,
        "root_key": record.root_key,
        "process_instance_key": record.process_instance_key,
        "case_no": record.case_no,
        "owner": record.owner,
        "started_at": one.started_at,
        "amount": one.budget.amount,
        "unit": one.budget.unit,
        "due_at": one.due_at,
        "provisional": one.provisional,
        "pausable": one.pausable,
        "audience": one.audience,
        "pauses": [_pause_values(pause) for pause in one.pauses],
        "paused_until": last.until if last is not None and last.ended_at is None else None,
        "extensions": [extension.amount for extension in one.extensions],
        "reminders": list(one.reminders),
        "most_extensions": one.most_extensions,
        "promised_at": one.promised_at,
        "ended_at": one.ended_at,
        "cancelled": one.cancelled,
        "stale": False,
    }


_SEARCHABLE = Searchable(
    "clocks",
    clock,
    {
        "key": key_field(_c.key),
        "name": text_field(_c.name),
        "root_key": key_field(_c.root_key),
        "process_instance_key": key_field(_c.process_instance_key),
        "case_no": text_field(_c.case_no),
        "owner": text_field(_c.owner),
        "unit": word_field(_c.unit, TimeUnit),
        "audience": word_field(_c.audience, Audience),
        "started_at": instant_field(_c.started_at),
        "due_at": instant_field(_c.due_at),
        "paused_until": instant_field(_c.paused_until),
        "ended_at": instant_field(_c.ended_at),
    },
    _to_record,
)


_CANCEL = (
    update(clock)
    .where(_c.process_instance_key == bindparam("instance"), _c.ended_at.is_(None))
    .values(ended_at=bindparam("now"), cancelled=True, stale=False)
)


class ClockReads(Connected):
    """Reads clocks."""

    def clock(self, key: int) -> ClockRecord | None:
        """Find by key."""
        row = self._row(select(clock).where(_c.key == key))
        return None if row is None else _to_record(row)

    def stale_clocks(self, root_key: int) -> tuple[ClockRecord, ...]:
        """Return the running clocks of a root instance whose calendar has changed."""
        rows = self._rows(select(clock).where(_c.stale, _c.root_key == root_key).order_by(_c.key))
        return tuple(_to_record(row) for row in rows)

    def roots_with_stale_clocks(self, limit: int) -> tuple[int, ...]:
        """Return root instances that have clocks to be derived anew; candidates without locks."""
        rows = self._rows(select(_c.root_key).where(_c.stale).distinct().order_by(_c.root_key).limit(limit))
        return tuple(row.root_key for row in rows)

    def clocks_of_units(self, name: str, since: datetime, until: datetime) -> tuple[ClockRecord, ...]:
        """Return the clocks of units by this name that began in a period, in the order of time."""
        mine = (_c.name == name, _c.owner.is_not(None), _c.audience == Audience.UNIT)
        period = (_c.started_at >= since, _c.started_at < until)
        rows = self._rows(select(clock).where(*mine, *period).order_by(_c.started_at, _c.key))
        return tuple(_to_record(row) for row in rows)

    def search_clocks(self, query: Query) -> Page[ClockRecord]:
        """Search by any of the record's fields."""
        return _SEARCHABLE.search(self._connection, query)


class ClockWrites(Writing):
    """Writes clocks."""

    def add_clock(self, record: ClockRecord) -> None:
        """Add a clock."""
        self._write(insert(clock), _values(record) | {"key": record.key})

    def update_clock(self, record: ClockRecord) -> None:
        """Replace the clock with this key, which is no longer stale; raises NotFound."""
        if not self._write(update(clock).where(_c.key == record.key).values(_values(record))):
            raise NotFound(f"There is no clock {record.key}.")

    def cancel_clocks(self, instance_keys: Iterable[int], now: datetime) -> None:
        """Stop what still runs in ended process instances."""
        self._write_each(_CANCEL, [{"instance": key, "now": now} for key in instance_keys])

    def mark_clocks_stale(self) -> int:
        """Mark every running clock that counts by the calendar; returns how many."""
        counted = [TimeUnit.DAY, TimeUnit.WORKDAY, TimeUnit.WORKHOUR]
        marked = update(clock).where(_c.ended_at.is_(None), _c.unit.in_(counted))
        return self._write(marked.values(stale=True))
