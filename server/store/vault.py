"""The identity vault's rows. There is no search: an entry is found by its key or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, union_all, update

from server.model import Sealed, VaultEntry
from server.store.connected import Connected, Writing
from server.store.tables.identity import unit
from server.store.tables.signals import signal_broadcast
from server.store.tables.vault import vault_entry, vault_reveal
from server.store.tables.work import message, user_task, user_task_candidate
from server.store.user_tasks import UNIT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Row

_c = vault_entry.c
_UNIT = (unit.c.unit_id, unit.c.kind, unit.c.parent_id)


def _to_record(row: Row[Any]) -> VaultEntry:
    sealed = Sealed(row.key_id, bytes(row.wrapped_key), bytes(row.content))
    return VaultEntry(row.key, row.kind, row.root_key, row.created_at, sealed, row.field)


class VaultReads(Connected):
    """Reads sealed entries, and whom an instance concerns."""

    def vault_entry(self, key: int) -> VaultEntry | None:
        """Find by key."""
        row = self._row(select(vault_entry).where(_c.key == key))
        return None if row is None else _to_record(row)

    def vault_entries_of_root(self, root_key: int) -> tuple[VaultEntry, ...]:
        """Return the entries of a root instance, by key."""
        rows = self._rows(select(vault_entry).where(_c.root_key == root_key).order_by(_c.key))
        return tuple(_to_record(row) for row in rows)

    def vault_entries_under_other_keys(self, key_id: str, after: int, limit: int) -> tuple[VaultEntry, ...]:
        """Return entries with a key above `after` that another master key wraps, by key."""
        statement = select(vault_entry).where(_c.key_id != key_id, _c.key > after).order_by(_c.key).limit(limit)
        return tuple(_to_record(row) for row in self._rows(statement))

    def vault_key_ids(self) -> dict[str, int]:
        """Return how much each master key wraps: entries, reasons, and what waits in messages and signals."""
        holders = (vault_entry, vault_reveal, message, signal_broadcast)
        each = (select(one.c.key_id).where(one.c.key_id.is_not(None)) for one in holders)
        used = union_all(*each).subquery()
        counted = select(used.c.key_id, func.count().label("entries")).group_by(used.c.key_id)
        return {row.key_id: row.entries for row in self._rows(counted)}

    def units_of_root(self, root_key: int) -> frozenset[str]:
        """Return the units whose groups have or had a task in a root instance."""
        candidate = user_task_candidate.c
        mine = select(user_task.c.key).where(user_task.c.root_key == root_key)
        found = select(candidate.name).distinct().where(candidate.kind == UNIT, candidate.user_task_key.in_(mine))
        return frozenset(row.name for row in self._rows(found))

    def units_around(self, unit_ids: Iterable[str], kind: str) -> frozenset[str]:
        """Return the units of a kind among these units and everything above them in the tree."""
        around = select(*_UNIT).where(unit.c.unit_id.in_(list(unit_ids))).cte("around", recursive=True)
        around = around.union(select(*_UNIT).join(around, unit.c.unit_id == around.c.parent_id))
        return frozenset(row.unit_id for row in self._rows(select(around.c.unit_id).where(around.c.kind == kind)))


class VaultWrites(Writing):
    """Writes sealed entries."""

    def add_vault_entries(self, entries: Iterable[VaultEntry]) -> None:
        """Add entries."""
        self._write_each(
            insert(vault_entry),
            [
                {
                    "key": one.key,
                    "kind": one.kind,
                    "root_key": one.root_key,
                    "created_at": one.created_at,
                    "field": one.field,
                    "key_id": one.sealed.key_id,
                    "wrapped_key": one.sealed.wrapped_key,
                    "content": one.sealed.content,
                }
                for one in entries
            ],
        )

    def replace_vault_entry(self, key: int, sealed: Sealed) -> None:
        """Put another value in the place of an entry's."""
        changed = {"key_id": sealed.key_id, "wrapped_key": sealed.wrapped_key, "content": sealed.content}
        self._write(update(vault_entry).where(_c.key == key).values(**changed))

    def rewrap_vault_entry(self, key: int, sealed: Sealed) -> None:
        """Put an entry's key under another master key; what it seals is not touched."""
        changed = {"key_id": sealed.key_id, "wrapped_key": sealed.wrapped_key}
        self._write(update(vault_entry).where(_c.key == key).values(**changed))
