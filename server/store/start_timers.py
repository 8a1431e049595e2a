"""Timer start events of the newest versions, by the moment they start the next instance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, insert, select, update

from server.model import StartTimer
from server.store.connected import Connected, Writing
from server.store.tables.definitions import start_timer

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import ColumnElement, Row

_c = start_timer.c


def _to_record(row: Row[Any]) -> StartTimer:
    return StartTimer(
        process_id=row.process_id,
        element_id=row.element_id,
        definition_key=row.definition_key,
        due_at=row.due_at,
        cycle=row.cycle,
        repetitions=row.repetitions,
    )


def _is(process_id: str, element_id: str) -> ColumnElement[bool]:
    return (_c.process_id == process_id) & (_c.element_id == element_id)


class StartTimerReads(Connected):
    """Reads timer start events."""

    def due_start_timers(self, now: datetime, limit: int) -> tuple[StartTimer, ...]:
        """Return timer start events that are due, longest overdue first; candidates without locks."""
        statement = select(start_timer).where(_c.due_at <= now).order_by(_c.due_at, _c.process_id, _c.element_id)
        return tuple(_to_record(row) for row in self._rows(statement.limit(limit)))

    def next_start_at(self) -> datetime | None:
        """Return when the next timer start event is, or was, due."""
        row = self._row(select(func.min(_c.due_at).label("due_at")))
        return None if row is None else row.due_at


class StartTimerWrites(Writing):
    """Writes timer start events."""

    def lock_due_start_timer(self, process_id: str, element_id: str, now: datetime) -> StartTimer | None:
        """Lock a timer start event; None when it is not due (any more) or somebody else has it."""
        statement = select(start_timer).where(_is(process_id, element_id), _c.due_at <= now)
        row = self._row(statement.with_for_update(skip_locked=True))
        return None if row is None else _to_record(row)

    def move_start_timer(self, timer: StartTimer) -> None:
        """Let a locked timer start event wait for its next time."""
        moved = update(start_timer).where(_is(timer.process_id, timer.element_id))
        self._write(
            moved.values(due_at=bindparam("next"), repetitions=bindparam("left")),
            {"next": timer.due_at, "left": timer.repetitions},
        )

    def remove_start_timer(self, process_id: str, element_id: str) -> None:
        """Take away a locked timer start event that has no time left."""
        self._write(delete(start_timer).where(_is(process_id, element_id)))

    def replace_start_timers(self, process_id: str, timers: Iterable[StartTimer]) -> None:
        """Let these timer start events, those of the newest version, take the place of the older version's."""
        self._write(delete(start_timer).where(_c.process_id == process_id))
        self._write_each(
            insert(start_timer),
            [
                {
                    "process_id": process_id,
                    "element_id": one.element_id,
                    "definition_key": one.definition_key,
                    "due_at": one.due_at,
                    "cycle": one.cycle,
                    "repetitions": one.repetitions,
                }
                for one in timers
            ],
        )
