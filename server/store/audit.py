"""The audit log: who did what to which record. Lines are only ever added; sealing them writes their batch's number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, literal, or_, select, update

from server.model import AuditBatch, AuditEntry, AuditName
from server.store.connected import Connected, Writing
from server.store.filters import instant_field, key_field, number_field, text_field
from server.store.search import Searchable
from server.store.tables.audit import audit_batch, audit_entry, audit_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from sqlalchemy import Row

    from server.model import Page, Query

_c = audit_entry.c
_ADD = insert(audit_entry)
_SEAL = update(audit_entry).where(_c.key == bindparam("sealed_key")).values(batch=bindparam("number"))
_SEALING_LOCK = 0x6D75737465722061
"""An advisory lock of PostgreSQL: one server seals at a time."""


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
        payload_salt=row.payload_salt,
        key=row.key,
        batch=row.batch,
    )


def _to_batch(row: Row[Any]) -> AuditBatch:
    return AuditBatch(row.number, row.sealed_at, row.previous_hash, bytes(row.lines), row.hash)


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
        "batch": number_field(_c.batch),
    },
    _to_record,
)


class AuditReads(Connected):
    """Reads the audit log."""

    def search_audit(self, query: Query) -> Page[AuditEntry]:
        """Search by any of the record's fields; sorted by `key` unless told otherwise."""
        return _SEARCHABLE.search(self._connection, query)

    def audit_line(self, key: int) -> AuditEntry | None:
        """Find by key."""
        row = self._row(select(audit_entry).where(_c.key == key))
        return None if row is None else _to_record(row)

    def is_in_audit(self, name: str, personal: Collection[str]) -> bool:
        """Tell whether a line names a person: as who acted or was absent, or as the key of a `personal` entity type."""
        acted = select(literal(1)).where(_c.actor == name)
        touched = select(literal(1)).where(_c.entity_type.in_(list(personal)), _c.entity_key == name)
        replaced = select(literal(1)).where(_c.acting_for == name)
        return self._row(acted.union_all(touched, replaced).limit(1)) is not None

    def erased_audit_names(self) -> frozenset[str]:
        """Return the pseudonyms whose erasure the log tells."""
        told = select(_c.entity_key).where(_c.entity_type == "PERSON", _c.operation == "ERASE")
        return frozenset(row.entity_key for row in self._rows(told))

    def unsealed_audit(self, limit: int) -> tuple[AuditEntry, ...]:
        """Return lines that no batch has sealed yet, by key."""
        statement = select(audit_entry).where(_c.batch.is_(None)).order_by(_c.key).limit(limit)
        return tuple(_to_record(row) for row in self._rows(statement))

    def audit_tail(self) -> tuple[int, datetime | None]:
        """Return how many lines are not sealed yet, and when the oldest of them was written."""
        row = self._row(select(func.count().label("lines"), func.min(_c.at).label("oldest")).where(_c.batch.is_(None)))
        return (0, None) if row is None else (row.lines, row.oldest)

    def audit_of_batch(self, number: int) -> tuple[AuditEntry, ...]:
        """Return the lines that say they belong to a batch, by key."""
        statement = select(audit_entry).where(_c.batch == number).order_by(_c.key)
        return tuple(_to_record(row) for row in self._rows(statement))

    def last_audit_batch(self) -> AuditBatch | None:
        """Return the newest batch."""
        row = self._row(select(audit_batch).order_by(audit_batch.c.number.desc()).limit(1))
        return None if row is None else _to_batch(row)

    def audit_batches(self, after: int, limit: int) -> tuple[AuditBatch, ...]:
        """Return batches with a number above `after`, by number."""
        statement = select(audit_batch).where(audit_batch.c.number > after).order_by(audit_batch.c.number).limit(limit)
        return tuple(_to_batch(row) for row in self._rows(statement))

    def lines_of_unknown_batches(self) -> int:
        """Return how many lines name a batch that is not there."""
        known = select(audit_batch.c.number)
        row = self._row(select(func.count().label("lines")).where(_c.batch.is_not(None), _c.batch.not_in(known)))
        return 0 if row is None else row.lines

    def audit_names(self, names: Collection[str]) -> dict[str, AuditName]:
        """Return what stands for these names in sealed lines, as far as they have been in one."""
        statement = select(audit_name).where(audit_name.c.name.in_(list(names)))
        return {row.name: AuditName(row.reference, row.name, row.salt) for row in self._rows(statement)}

    def all_audit_names(self) -> tuple[AuditName, ...]:
        """Return everything that stands for a name."""
        rows = self._rows(select(audit_name).order_by(audit_name.c.reference))
        return tuple(AuditName(row.reference, row.name, row.salt) for row in rows)


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
                    "payload_salt": one.payload_salt,
                }
                for one in entries
            ],
        )

    def lock_sealing(self) -> None:
        """Hold the lock of whoever seals until the end of the transaction; SQLite has one writer anyway."""
        if self.dialect == "postgresql":
            self._connection.execute(select(func.pg_advisory_xact_lock(_SEALING_LOCK)))

    def add_audit_names(self, names: Iterable[AuditName]) -> None:
        """Add what stands for names."""
        rows = [{"reference": one.reference, "name": one.name, "salt": one.salt} for one in names]
        self._write_each(insert(audit_name), rows)

    def add_audit_batch(self, batch: AuditBatch, keys: Iterable[int]) -> None:
        """Add a batch and write its number into its lines."""
        values = {
            "number": batch.number,
            "sealed_at": batch.sealed_at,
            "previous_hash": batch.previous_hash,
            "lines": batch.lines,
            "hash": batch.hash,
        }
        self._write(insert(audit_batch).values(**values))
        self._write_each(_SEAL, [{"sealed_key": key, "number": batch.number} for key in keys])

    def erase_audit_name(self, name: AuditName, pseudonym: str, personal: Collection[str]) -> int:
        """Put a pseudonym in the place of a name everywhere in the log and forget the salt of both; returns the lines.

        `personal` are the entity types whose key is a name. Salts of payloads go, too.
        """
        forgotten = {"name": pseudonym, "salt": None}
        self._write(update(audit_name).where(audit_name.c.reference == name.reference).values(**forgotten))
        touched = _c.entity_type.in_(list(personal)) & (_c.entity_key == name.name)
        concerned = or_(_c.actor == name.name, _c.acting_for == name.name, touched)
        lines = self._write(update(audit_entry).where(concerned).values(payload_salt=None))
        for column in (_c.actor, _c.acting_for):
            self._write(update(audit_entry).where(column == name.name).values({column: pseudonym}))
        self._write(update(audit_entry).where(touched).values(entity_key=pseudonym))
        return lines
