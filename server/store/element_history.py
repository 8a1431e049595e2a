"""The taken path of every instance, append-only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select

from server.errors import InvalidArgument
from server.model import HistoryEvent, HistoryRecord
from server.store.columns import literally
from server.store.connected import Connected, Values, Writing
from server.store.filters import instant_field, key_field, text_field, word_field
from server.store.places import place_fields, place_values, to_place
from server.store.search import Searchable
from server.store.tables.instances import history

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Row

    from server.model import Page, Query

_c = history.c
_ADD = insert(history)


def _to_record(row: Row[Any]) -> HistoryRecord:
    return HistoryRecord(
        key=row.key,
        place=to_place(row),
        element_type=row.element_type,
        event=HistoryEvent(row.event),
        at=row.at,
        actor=row.actor,
        variables=row.variables,
        details=row.details,
        scope_key=row.scope_key,
    )


def history_values(record: HistoryRecord) -> Values:
    """Return the columns of a line of history."""
    return place_values(record.place) | {
        "key": record.key,
        "element_type": record.element_type,
        "event": record.event.value,
        "at": record.at,
        "actor": record.actor,
        "variables": record.variables,
        "details": record.details,
        "scope_key": record.scope_key,
    }


_SEARCHABLE = Searchable(
    "history records",
    history,
    place_fields(history)
    | {
        "key": key_field(_c.key),
        "element_type": text_field(_c.element_type),
        "event": word_field(_c.event, HistoryEvent),
        "at": instant_field(_c.at),
        "actor": text_field(_c.actor),
    },
    _to_record,
)


class HistoryReads(Connected):
    """Reads history."""

    def history(
        self, process_instance_key: int | None = None, *, root_key: int | None = None
    ) -> tuple[HistoryRecord, ...]:
        """Return the path of one process instance, or of a root with all instances it called, in order."""
        if (process_instance_key is None) == (root_key is None):
            raise InvalidArgument("Expected either a process instance or a root instance, found both or none.")
        where = _c.root_key == root_key if root_key is not None else _c.process_instance_key == process_instance_key
        return tuple(_to_record(row) for row in self._rows(select(history).where(where).order_by(_c.key)))

    def history_page(self, key: int, *, of_root: bool, limit: int, after: int) -> tuple[HistoryRecord, ...]:
        """Return up to `limit` lines behind a line's key: of a root with all it called, or of one instance."""
        where = _c.root_key == key if of_root else _c.process_instance_key == key
        rows = self._rows(select(history).where(where, _c.key > after).order_by(_c.key).limit(limit))
        return tuple(_to_record(row) for row in rows)

    def search_history(self, query: Query) -> Page[HistoryRecord]:
        """Search by any of the record's fields but the variables."""
        return _SEARCHABLE.search(self._connection, query)

    def completed_elements(self, process_instance_key: int) -> tuple[str, ...]:
        """Return the ids of the elements that a process instance has completed, each once, the first one first."""
        lines = select(_c.element_id).where(
            _c.process_instance_key == process_instance_key, _c.event == literally(HistoryEvent.COMPLETED)
        )
        return tuple(row.element_id for row in self._rows(lines.group_by(_c.element_id).order_by(func.min(_c.key))))


class HistoryWrites(Writing):
    """Adds to the history what is no step: an assignment, a suspension."""

    def add_history(self, lines: Iterable[HistoryRecord]) -> None:
        """Add lines, in this order."""
        self._write_each(_ADD, [history_values(one) for one in lines])
