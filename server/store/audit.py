"""The audit log: who did what to which record; lines are only ever added."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert

from server.model import AuditEntry
from server.store.connected import Connected, Writing
from server.store.filters import instant_field, key_field, text_field
from server.store.search import Searchable
from server.store.tables.records import audit_entry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Row

    from server.model import Page, Query

_c = audit_entry.c
_ADD = insert(audit_entry)


def _to_record(row: Row[Any]) -> AuditEntry:
    return AuditEntry(
        at=row.at,
        actor=row.actor,
        operation=row.operation,
        entity_type=row.entity_type,
        entity_key=row.entity_key,
        root_key=row.root_key,
        payload_hash=row.payload_hash,
        result=row.result,
        acting_for=row.acting_for,
    )


_SEARCHABLE = Searchable(
    "audit entries",
    audit_entry,
    {
        "key": key_field(_c.key),
        "at": instant_field(_c.at),
        "actor": text_field(_c.actor),
        "operation": text_field(_c.operation),
        "entity_type": text_field(_c.entity_type),
        "entity_key": text_field(_c.entity_key),
        "root_key": key_field(_c.root_key),
        "payload_hash": text_field(_c.payload_hash),
        "result": text_field(_c.result),
        "acting_for": text_field(_c.acting_for),
    },
    _to_record,
)


class AuditReads(Connected):
    """Reads the audit log."""

    def search_audit(self, query: Query) -> Page[AuditEntry]:
        """Search by any of the record's fields; sorted by `key` unless told otherwise."""
        return _SEARCHABLE.search(self._connection, query)


class AuditWrites(Writing):
    """Adds to the audit log."""

    def add_audit(self, entries: Iterable[AuditEntry]) -> None:
        """Add lines, in this order."""
        self._write_each(
            _ADD,
            [
                {
                    "key": next(self.keys),
                    "at": one.at,
                    "actor": one.actor,
                    "operation": one.operation,
                    "entity_type": one.entity_type,
                    "entity_key": one.entity_key,
                    "root_key": one.root_key,
                    "payload_hash": one.payload_hash,
                    "result": one.result,
                    "acting_for": one.acting_for,
                }
                for one in entries
            ],
        )
