"""Locks of records that people edit, where no root instance's lock covers them."""

from __future__ import annotations

from hashlib import blake2b

from sqlalchemy import func, select

from server.store.connected import Writing


class EditLocks(Writing):
    """Lets one transaction at a time look at a record and change it."""

    def lock_record(self, noun: str, key: str) -> None:
        """Hold the lock of a record until the end of the transaction; SQLite has one writer anyway."""
        if self.dialect == "postgresql":
            digest = blake2b(f"edit {noun} {key}".encode(), digest_size=8).digest()
            number = int.from_bytes(digest, "big", signed=True)
            self._connection.execute(select(func.pg_advisory_xact_lock(number)))
