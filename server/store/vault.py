"""The identity vault's rows. There is no search: an entry is found by its key or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, union_all, update

from server.model import Sealed, VaultEntry, VaultReveal
from server.store.connected import Connected, Writing
from server.store.tables.identity import unit
from server.store.tables.vault import vault_entry, vault_reveal
from server.store.tables.work import user_task, user_task_candidate
from server.store.user_tasks import UNIT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Row

_c = vault_entry.c
_UNIT = (unit.c.unit_id, unit.c.kind, unit.c.parent_id)


def _to_record(row: Row[Any]) -> VaultEntry:
    sealed = Sealed(row.key_id, bytes(row.wrapped_key), bytes(row.content))
    return VaultEntry(row.key, row.kind, row.root_key, row.created_at, sealed)


def _to_reveal(row: Row[Any]) -> VaultReveal:
    sealed = Sealed(row.key_id, bytes(row.wrapped_key), bytes(row.content))
    return VaultReveal(row.key, row.entry_key, row.actor, row.at, row.result, sealed)


class VaultReads(Connected):
    """Reads sealed entries and the reasons of those who asked for them, and whom an instance concerns."""

    def vault_reveals(self, entry_key: int) -> tuple[VaultReveal, ...]:
        """Return who asked for an entry, oldest first."""
        statement = select(vault_reveal).where(vault_reveal.c.entry_key == entry_key).order_by(vault_reveal.c.key)
        return tuple(_to_reveal(row) for row in self._rows(statement))

    def vault_reveals_under_other_keys(self, key_id: str, after: int, limit: int) -> tuple[VaultReveal, ...]:
        """Return reasons with a key above `after` that another master key wraps, by key."""
        found = (vault_reveal.c.key_id != key_id, vault_reveal.c.key > after)
        statement = select(vault_reveal).where(*found).order_by(vault_reveal.c.key).limit(limit)
        return tuple(_to_reveal(row) for row in self._rows(statement))

    def vault_entry(self, key: int) -> VaultEntry | None:
        """Find by key."""
        row = self._row(select(vault_entry).where(_c.key == key))
        return None if row is None else _to_record(row)

    def vault_entries_under_other_keys(self, key_id: str, after: int, limit: int) -> tuple[VaultEntry, ...]:
        """Return entries with a key above `after` that another master key wraps, by key."""
        statement = select(vault_entry).where(_c.key_id != key_id, _c.key > after).order_by(_c.key).limit(limit)
        return tuple(_to_record(row) for row in self._rows(statement))

    def vault_key_ids(self) -> dict[str, int]:
        """Return how many entries and reasons each master key wraps."""
        used = union_all(select(_c.key_id), select(vault_reveal.c.key_id)).subquery()
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
                    "key_id": one.sealed.key_id,
                    "wrapped_key": one.sealed.wrapped_key,
                    "content": one.sealed.content,
                }
                for one in entries
            ],
        )

    def add_vault_reveal(self, record: VaultReveal) -> None:
        """Add why somebody asked for an entry."""
        values = {
            "key": record.key,
            "entry_key": record.entry_key,
            "actor": record.actor,
            "at": record.at,
            "result": record.result,
            "key_id": record.sealed.key_id,
            "wrapped_key": record.sealed.wrapped_key,
            "content": record.sealed.content,
        }
        self._write(insert(vault_reveal).values(**values))

    def rewrap_vault_reveal(self, key: int, sealed: Sealed) -> None:
        """Put a reason's key under another master key."""
        changed = {"key_id": sealed.key_id, "wrapped_key": sealed.wrapped_key}
        self._write(update(vault_reveal).where(vault_reveal.c.key == key).values(**changed))

    def rewrap_vault_entry(self, key: int, sealed: Sealed) -> None:
        """Put an entry's key under another master key; what it seals is not touched."""
        changed = {"key_id": sealed.key_id, "wrapped_key": sealed.wrapped_key}
        self._write(update(vault_entry).where(_c.key == key).values(**changed))
