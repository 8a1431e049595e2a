"""The buffer of published messages that nobody waited for yet, and the lock that publish and subscribe share."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from sqlalchemy import Select, delete, func, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from server.errors import AlreadyExists
from server.model import Message
from server.store.connected import Connected, Writing
from server.store.tables.work import message

if TYPE_CHECKING:
    from datetime import datetime

    from server.model import Variables

_c = message.c


class MessageReads(Connected):
    """Reads the message buffer."""

    def buffered_messages(self, name: str, correlation_key: str, now: datetime) -> tuple[Message, ...]:
        """Return the messages that wait for this name and correlation key and are still valid, oldest first."""
        statement = select(message).where(_c.name == name, _c.correlation_key == correlation_key, _c.expires_at > now)
        return tuple(
            Message(
                key=row.key,
                name=row.name,
                correlation_key=row.correlation_key,
                message_id=row.message_id,
                variables=row.variables,
                expires_at=row.expires_at,
            )
            for row in self._rows(statement.order_by(_c.key))
        )


class MessageWrites(Writing):
    """Writes the message buffer."""

    def add_message(
        self,
        key: int,
        name: str,
        correlation_key: str,
        message_id: str | None,
        variables: Variables,
        expires_at: datetime,
        now: datetime | None = None,
    ) -> None:
        """Buffer a message; raises AlreadyExists while one with the same name, correlation key and id is buffered.

        With `now`, one that has expired does not count: the new one takes its place.
        """
        insert = sqlite_insert if self.dialect == "sqlite" else postgresql_insert
        values = {"key": key, "variables": variables, "expires_at": expires_at}
        statement = insert(message).values(name=name, correlation_key=correlation_key, message_id=message_id, **values)
        unique = [_c.name, _c.correlation_key, _c.message_id]
        if now is None:
            statement = statement.on_conflict_do_nothing(index_elements=unique)
        else:
            statement = statement.on_conflict_do_update(index_elements=unique, set_=values, where=_c.expires_at <= now)
        if self._row(statement.returning(_c.key)) is None:
            raise AlreadyExists(f"A message {name!r} with id {message_id!r} is buffered already.")

    def remove_message(self, key: int) -> bool:
        """Take a message out of the buffer; tells whether it was still there."""
        return self._write(delete(message).where(_c.key == key)) > 0

    def remove_expired_messages(self, now: datetime, limit: int) -> int:
        """Take up to `limit` expired messages out of the buffer and return how many these were."""
        expired: Select[tuple[int]] = select(_c.key).where(_c.expires_at <= now).order_by(_c.expires_at).limit(limit)
        return self._write(delete(message).where(_c.key.in_(expired.with_for_update(skip_locked=True))))

    def lock_message(self, name: str, correlation_key: str) -> None:
        """Hold the lock of a name and correlation key until the end of the transaction.

        Take it after the root instance's lock, and several in sorted order: then a message and its subscription cannot
        miss each other. SQLite has only one writer, so there every transaction holds all of these locks.
        """
        if self.dialect == "postgresql":
            self._connection.execute(select(func.pg_advisory_xact_lock(_lock_number(name, correlation_key))))


def _lock_number(name: str, correlation_key: str) -> int:
    # Two names with one number only wait for each other without need.
    digest = blake2b(f"{len(name)}:{name}{correlation_key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
