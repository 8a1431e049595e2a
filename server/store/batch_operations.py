"""Batch operations: what was asked, by whom, and what came of each item."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, func, insert, not_, select, update

from server.model import BatchItem, BatchItemState, BatchOperation, BatchState, BatchType
from server.store.columns import literally
from server.store.connected import Connected, Writing
from server.store.filters import instant_field, key_field, text_field, word_field
from server.store.search import Searchable
from server.store.tables.batches import batch_operation, batch_operation_item

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import ColumnElement, Row

    from server.model import Page, Query

_b = batch_operation.c
_i = batch_operation_item.c
_IS_ACTIVE = _b.state == literally(BatchState.ACTIVE)
_IS_OPEN = _i.state == literally(BatchItemState.ACTIVE)


def _to_batch(row: Row[Any]) -> BatchOperation:
    return BatchOperation(
        key=row.key,
        type=BatchType(row.type),
        state=BatchState(row.state),
        actor=row.actor,
        actor_kind=row.actor_kind,
        start_date=row.start_date,
        end_date=row.end_date,
        plan=row.plan,
    )


def _to_item(row: Row[Any]) -> BatchItem:
    return BatchItem(
        key=row.key,
        batch_key=row.batch_key,
        type=BatchType(row.type),
        item_key=row.item_key,
        process_instance_key=row.process_instance_key,
        root_key=row.root_key,
        state=BatchItemState(row.state),
        processed_date=row.processed_date,
        error_message=row.error_message,
    )


_BATCHES = Searchable(
    "batch operations",
    batch_operation,
    {
        "key": key_field(_b.key),
        "type": word_field(_b.type, BatchType),
        "state": word_field(_b.state, BatchState),
        "actor": text_field(_b.actor),
        "actor_kind": text_field(_b.actor_kind),
        "start_date": instant_field(_b.start_date),
        "end_date": instant_field(_b.end_date),
    },
    _to_batch,
)
_ITEMS = Searchable(
    "items of batch operations",
    batch_operation_item,
    {
        "key": key_field(_i.key),
        "batch_key": key_field(_i.batch_key),
        "type": word_field(_i.type, BatchType),
        "item_key": key_field(_i.item_key),
        "process_instance_key": key_field(_i.process_instance_key),
        "state": word_field(_i.state, BatchItemState),
        "processed_date": instant_field(_i.processed_date),
    },
    _to_item,
)


class BatchOperationReads(Connected):
    """Reads batch operations."""

    def batch_operation(self, key: int) -> BatchOperation | None:
        """Find by key, with its counts."""
        row = self._row(select(batch_operation).where(_b.key == key))
        return None if row is None else self._counted([_to_batch(row)])[0]

    def running_batch_operation(self, key: int) -> BatchOperation | None:
        """Find by key, without counts, if it is running."""
        row = self._row(select(batch_operation).where(_b.key == key, _IS_ACTIVE))
        return None if row is None else _to_batch(row)

    def search_batch_operations(self, query: Query, creator: str | None = None) -> Page[BatchOperation]:
        """Search by any of the record's fields but the counts; with `creator` only what that actor has begun."""
        page = _BATCHES.search(self._connection, query, [] if creator is None else [_b.actor == creator])
        return page.holding(tuple(self._counted(page.items)))

    def search_batch_items(self, query: Query, creator: str | None = None) -> Page[BatchItem]:
        """Search items by any of the record's fields but `root_key` and `error_message`, likewise."""
        restrictions: list[ColumnElement[bool]] = []
        if creator is not None:
            restrictions.append(_i.batch_key.in_(select(_b.key).where(_b.actor == creator)))
        return _ITEMS.search(self._connection, query, restrictions)

    def open_batch_items(self, limit: int) -> tuple[BatchItem, ...]:
        """Return items that wait in running batch operations, the oldest first; takes no locks."""
        found = select(batch_operation_item).join(batch_operation, _b.key == _i.batch_key).where(_IS_OPEN, _IS_ACTIVE)
        return tuple(_to_item(row) for row in self._rows(found.order_by(_i.key).limit(limit)))

    def finished_batch_operations(self, limit: int) -> tuple[int, ...]:
        """Return the keys of running batch operations that have no item left; takes no locks."""
        left = exists().where(_i.batch_key == _b.key, _IS_OPEN)
        return tuple(row.key for row in self._rows(select(_b.key).where(_IS_ACTIVE, not_(left)).limit(limit)))

    def _counted(self, batches: Iterable[BatchOperation]) -> list[BatchOperation]:
        found = list(batches)
        counted = select(_i.batch_key, _i.state, func.count().label("number")).group_by(_i.batch_key, _i.state)
        rows = self._rows(counted.where(_i.batch_key.in_([one.key for one in found]))) if found else ()
        counts: dict[int, dict[str, int]] = {}
        for row in rows:
            counts.setdefault(row.batch_key, {})[row.state] = row.number
        return [
            replace(
                one,
                total=sum(of_it.values()),
                completed=of_it.get(BatchItemState.COMPLETED.value, 0),
                failed=of_it.get(BatchItemState.FAILED.value, 0),
            )
            for one in found
            for of_it in (counts.get(one.key, {}),)
        ]


class BatchOperationWrites(Writing):
    """Writes batch operations."""

    def add_batch_operation(self, record: BatchOperation, items: Iterable[BatchItem]) -> None:
        """Add a batch operation with its items."""
        names = ("key", "actor", "actor_kind", "start_date", "end_date", "plan")
        values = {name: getattr(record, name) for name in names}
        words = {"type": record.type.value, "state": record.state.value}
        self._write(insert(batch_operation), values | words)
        columns = ("key", "batch_key", "item_key", "process_instance_key", "root_key", "processed_date")
        rows = [
            {name: getattr(item, name) for name in columns}
            | {"type": item.type.value, "state": item.state.value, "error_message": item.error_message}
            for item in items
        ]
        self._write_each(insert(batch_operation_item), rows)

    def end_batch_item(self, key: int, state: BatchItemState, now: datetime, error_message: str | None = None) -> bool:
        """Note what came of an item; False when that is known already, or nothing is to be done any more."""
        values = {"state": state.value, "processed_date": now, "error_message": error_message}
        running = _i.batch_key.in_(select(_b.key).where(_IS_ACTIVE))
        return bool(self._write(update(batch_operation_item).where(_i.key == key, _IS_OPEN, running).values(values)))

    def change_batch_state(
        self, key: int, before: tuple[BatchState, ...], after: BatchState, end_date: datetime | None = None
    ) -> bool:
        """Move a batch operation from one of some states to another; False when it is in none of them."""
        was = [state.value for state in before]
        changed = update(batch_operation).where(_b.key == key, _b.state.in_(was))
        return bool(self._write(changed.values(state=after.value, end_date=end_date)))

    def cancel_batch_items(self, key: int, now: datetime) -> None:
        """Give up every item of a batch operation that still waits."""
        values = {"state": BatchItemState.CANCELED.value, "processed_date": now}
        self._write(update(batch_operation_item).where(_i.batch_key == key, _IS_OPEN).values(values))

    def finish_batch_operation(self, key: int, now: datetime) -> bool:
        """Complete a running batch operation that has no item left; False when it is not so any more."""
        left = exists().where(_i.batch_key == key, _IS_OPEN)
        values = {"state": BatchState.COMPLETED.value, "end_date": now}
        return bool(self._write(update(batch_operation).where(_b.key == key, _IS_ACTIVE, not_(left)).values(values)))
