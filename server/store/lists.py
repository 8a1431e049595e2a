"""Rows of the governance lists, and the numbers of cases."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, func, insert, select, update

from server.errors import NotFound
from server.model import ListRow
from server.store.connected import Connected, Values
from server.store.counters import CounterWrites
from server.store.filters import instant_field, key_field, text_field
from server.store.search import Searchable
from server.store.tables.records import list_row, list_row_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import Row

    from server.model import Page, Query

_c = list_row.c
_v = list_row_version.c
_CHANGING = (_v.title, _v.owner, _v.measure, _v.due_at, _v.status, _v.updated_at, _v.data, _v.changed_by)
"""What changes from version to version of a row."""


def _to_record(row: Row[Any]) -> ListRow:
    return ListRow(
        key=row.key,
        list_name=row.list_name,
        case_no=row.case_no,
        process_instance_key=row.process_instance_key,
        root_key=row.root_key,
        element_id=row.element_id,
        title=row.title,
        owner=row.owner,
        measure=row.measure,
        due_at=row.due_at,
        status=row.status,
        created_at=row.created_at,
        updated_at=row.updated_at,
        data=row.data,
        prev_row_key=row.prev_row_key,
        version=row.version,
        changed_by=row.changed_by,
    )


def _to_earlier(row: Row[Any], now: ListRow) -> ListRow:
    changed = {column.name: getattr(row, column.name) for column in _CHANGING}
    return replace(now, version=row.version, **changed)


def _values(record: ListRow) -> Values:
    return {
        "list_name": record.list_name,
        "case_no": record.case_no,
        "process_instance_key": record.process_instance_key,
        "root_key": record.root_key,
        "element_id": record.element_id,
        "title": record.title,
        "owner": record.owner,
        "measure": record.measure,
        "due_at": record.due_at,
        "status": record.status,
        "created_at": record.created_at,
        "updated_at": record.updated_at,
        "data": record.data,
        "prev_row_key": record.prev_row_key,
        "version": record.version,
        "changed_by": record.changed_by,
    }


_SEARCHABLE = Searchable(
    "list rows",
    list_row,
    {
        "key": key_field(_c.key),
        "list_name": text_field(_c.list_name),
        "case_no": text_field(_c.case_no),
        "process_instance_key": key_field(_c.process_instance_key),
        "root_key": key_field(_c.root_key),
        "element_id": text_field(_c.element_id),
        "title": text_field(_c.title),
        "owner": text_field(_c.owner),
        "measure": text_field(_c.measure),
        "due_at": instant_field(_c.due_at),
        "status": text_field(_c.status),
        "created_at": instant_field(_c.created_at),
        "updated_at": instant_field(_c.updated_at),
        "prev_row_key": key_field(_c.prev_row_key),
    },
    _to_record,
)


class ListReads(Connected):
    """Reads the lists."""

    def list_row(self, key: int) -> ListRow | None:
        """Find by key."""
        row = self._row(select(list_row).where(_c.key == key))
        return None if row is None else _to_record(row)

    def list_row_versions(self, key: int) -> tuple[ListRow, ...]:
        """Return a row as it was at first, then as it was changed, up to what it is now; none for an unknown one."""
        now = self.list_row(key)
        if now is None:
            return ()
        earlier = self._rows(select(list_row_version).where(_v.row_key == key).order_by(_v.version))
        return (*(_to_earlier(row, now) for row in earlier), now)

    def search_list_rows(self, list_name: str | None, query: Query) -> Page[ListRow]:
        """Search one list, or with None all of them, by any of the record's fields but the data."""
        restrictions = [] if list_name is None else [_c.list_name == list_name]
        return _SEARCHABLE.search(self._connection, query, restrictions)

    def rows_added(self, list_name: str, since: datetime, until: datetime) -> tuple[ListRow, ...]:
        """Return the rows of a list that were added in a period, as they are now, in the order of time."""
        added = (_c.list_name == list_name, _c.created_at >= since, _c.created_at < until)
        rows = self._rows(select(list_row).where(*added).order_by(_c.created_at, _c.key))
        return tuple(_to_record(row) for row in rows)

    def rows_of_owner(self, list_name: str, owner: str, since: datetime, limit: int) -> tuple[ListRow, ...]:
        """Return the rows of a list that an owner got since a moment, newest first."""
        mine = select(list_row).where(_c.list_name == list_name, _c.owner == owner, _c.created_at >= since)
        return tuple(_to_record(row) for row in self._rows(mine.order_by(_c.key.desc()).limit(limit)))

    def count_open_rows(self, list_name: str, owners: Iterable[str], now: datetime) -> Mapping[str, tuple[int, int]]:
        """Return for owners with open rows of a list how many they are, and how many of them are past their date."""
        late = func.sum(case((_c.due_at < now, 1), else_=0)).label("late")
        counted = (
            select(_c.owner, func.count().label("number"), late)
            .where(_c.list_name == list_name, _c.owner.in_([*owners]), _c.status == "open")
            .group_by(_c.owner)
        )
        return {row.owner: (row.number, row.late) for row in self._rows(counted)}


class ListWrites(CounterWrites):
    """Writes the lists."""

    def add_list_row(self, record: ListRow) -> None:
        """Add a row."""
        self._write(insert(list_row), _values(record) | {"key": record.key})

    def update_list_row(self, record: ListRow) -> None:
        """Replace the row with this key, and keep what it was as a version; raises NotFound."""
        was = select(_c.key, _c.version, *(_c[column.name] for column in _CHANGING)).where(_c.key == record.key)
        names = ["row_key", "version", *(column.name for column in _CHANGING)]
        self._write(insert(list_row_version).from_select(names, was))
        if not self._write(update(list_row).where(_c.key == record.key).values(_values(record))):
            raise NotFound(f"There is no list row {record.key}.")
