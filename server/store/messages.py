"""The buffer of published messages, who received them already, and the locks that publish and subscribe share."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, delete, exists, func, insert, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from server.errors import AlreadyExists
from server.model import Message, MessageStart
from server.store.columns import PlainText
from server.store.connected import Connected, Writing
from server.store.envelopes import sealed_values, to_sealed
from server.store.tables.instances import process_instance
from server.store.tables.work import message, message_correlation, message_start, message_subscription

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import ColumnElement, Row

    from server.model import Sealed

_c = message.c
_waiting = message_subscription.c


def _received(process_id: ColumnElement[str] | str) -> ColumnElement[bool]:
    by_it = (message_correlation.c.message_key == _c.key, message_correlation.c.process_id == process_id)
    return exists().where(*by_it)


def _blocked() -> ColumnElement[bool]:
    """Whether an instance that began with a message of the same key has not ended."""
    instance = process_instance.c
    return (_c.correlation_key != "") & exists().where(
        instance.start_correlation_key == _c.correlation_key,
        instance.process_id == message_start.c.process_id,
        instance.end_date.is_(None),
    )


def _to_record(row: Row[Any]) -> Message:
    return Message(
        key=row.key,
        name=row.name,
        correlation_key=row.correlation_key,
        message_id=row.message_id,
        variables=row.variables,
        published_at=row.published_at,
        expires_at=row.expires_at,
        actor=row.actor,
        sealed=to_sealed(row),
    )


class MessageReads(Connected):
    """Reads the message buffer."""

    def message(self, key: int) -> Message | None:
        """Find by key."""
        row = self._row(select(message).where(_c.key == key))
        return None if row is None else _to_record(row)

    def message_with_id(self, name: str, correlation_key: str, message_id: str, now: datetime) -> Message | None:
        """Find the valid buffered message with this id."""
        found = (_c.name == name, _c.correlation_key == correlation_key, _c.message_id == message_id)
        row = self._row(select(message).where(*found, _c.expires_at > now))
        return None if row is None else _to_record(row)

    def next_message(self, name: str, correlation_key: str, process_id: str, now: datetime) -> Message | None:
        """Return the first published valid message of this name and key that the process has not received."""
        found = (_c.name == name, _c.correlation_key == correlation_key, _c.expires_at > now)
        statement = select(message).where(*found, ~_received(process_id)).order_by(_c.published_at, _c.key)
        row = self._row(statement.limit(1))
        return None if row is None else _to_record(row)

    def next_message_start(self, process_id: str, correlation_key: str, now: datetime) -> Message | None:
        """Return the first published valid message of this key that has still to start the process."""
        statement = select(message).join(message_start, message_start.c.message_key == _c.key)
        found = (message_start.c.process_id == process_id, _c.correlation_key == correlation_key, _c.expires_at > now)
        row = self._row(statement.where(*found).order_by(_c.published_at, _c.key).limit(1))
        return None if row is None else _to_record(row)

    def message_starts(self, now: datetime, limit: int) -> tuple[MessageStart, ...]:
        """Return which processes buffered messages can start now, longest waiting first; candidates without locks."""
        first = func.min(_c.published_at)
        statement = (
            select(message_start.c.process_id, _c.correlation_key)
            .join(message, message_start.c.message_key == _c.key)
            .where(_c.expires_at > now, ~_blocked())
            .group_by(message_start.c.process_id, _c.correlation_key)
            .order_by(first, message_start.c.process_id, _c.correlation_key)
        )
        return tuple(MessageStart(row.process_id, row.correlation_key) for row in self._rows(statement.limit(limit)))

    def messages_under_other_keys(self, key_id: str, after: int, limit: int) -> tuple[Message, ...]:
        """Return buffered messages with a key above `after` that another master key wraps, or none, by key."""
        other = or_(_c.key_id.is_(None), _c.key_id != key_id)
        rows = self._rows(select(message).where(other, _c.key > after).order_by(_c.key).limit(limit))
        return tuple(_to_record(row) for row in rows)

    def undelivered_messages(self, now: datetime, limit: int) -> tuple[tuple[int, int], ...]:
        """Return keys of buffered messages with the key of a subscription each that could take them.

        There are some when a diagram has published, or a server stopped between accepting a message and delivering it.
        """
        same = (_waiting.message_name == _c.name) & (_waiting.correlation_key == _c.correlation_key)
        statement = select(_c.key, _waiting.key.label("subscription_key")).join(message_subscription, same)
        open_ = (_c.expires_at > now, ~_waiting.suspended, ~_received(_waiting.process_id))
        rows = self._rows(statement.where(*open_).order_by(_c.published_at, _c.key, _waiting.key).limit(limit))
        return tuple((row.key, row.subscription_key) for row in rows)


class MessageWrites(Writing):
    """Writes the message buffer."""

    def add_message(self, record: Message, starting: Iterable[str] = ()) -> None:
        """Buffer a message that has still to start these processes.

        Raises AlreadyExists while one with the same name, correlation key and id is buffered and has not expired.
        """
        same = (
            _c.name == record.name,
            _c.correlation_key == record.correlation_key,
            _c.message_id == record.message_id,
        )
        if record.message_id is not None:
            self._write(delete(message).where(*same, _c.expires_at <= record.published_at))
        insertion = sqlite_insert if self.dialect == "sqlite" else postgresql_insert
        values = {
            "key": record.key,
            "name": record.name,
            "correlation_key": record.correlation_key,
            "message_id": record.message_id,
            "variables": record.variables,
            "published_at": record.published_at,
            "expires_at": record.expires_at,
            "actor": record.actor,
            **sealed_values(record.sealed),
        }
        unique = [_c.name, _c.correlation_key, _c.message_id]
        statement = insertion(message).values(values).on_conflict_do_nothing(index_elements=unique)
        if self._row(statement.returning(_c.key)) is None:
            raise AlreadyExists(f"A message {record.name!r} with id {record.message_id!r} is buffered already.")
        self.add_message_starts(record.key, starting)

    def add_message_starts(self, key: int, processes: Iterable[str]) -> None:
        """Note that a buffered message has still to start these processes."""
        self._write_each(insert(message_start), [{"message_key": key, "process_id": one} for one in processes])

    def remove_message_start(self, key: int, process_id: str) -> None:
        """Note that a message starts this process no more."""
        started = (message_start.c.message_key == key, message_start.c.process_id == process_id)
        self._write(delete(message_start).where(*started))

    def take_message(self, key: int, process_id: str) -> bool:
        """Take a buffered message for a process; tells whether it was there and the process had not received it yet.

        Whoever else takes it for the same process at this moment waits until this transaction is over.
        """
        insertion = sqlite_insert if self.dialect == "sqlite" else postgresql_insert
        there = (
            select(_c.key, literal(process_id, PlainText()))
            .where(_c.key == key)
            .with_for_update(read=True, key_share=True)
        )
        taken = insertion(message_correlation).from_select(["message_key", "process_id"], there)
        if self._row(taken.on_conflict_do_nothing().returning(message_correlation.c.message_key)) is None:
            return False
        self.remove_message_start(key, process_id)
        return True

    def replace_message_content(self, key: int, sealed: Sealed) -> None:
        """Let a buffered message bring something else: private values leave the buffer with the first delivery."""
        self._write(update(message).where(_c.key == key).values(variables={}, **sealed_values(sealed)))

    def remove_expired_messages(self, now: datetime, limit: int) -> int:
        """Take up to `limit` expired messages out of the buffer and return how many these were."""
        expired: Select[tuple[int]] = select(_c.key).where(_c.expires_at <= now).order_by(_c.expires_at).limit(limit)
        return self._write(delete(message).where(_c.key.in_(expired.with_for_update(skip_locked=True))))

    def lock_message(self, name: str, correlation_key: str) -> None:
        """Hold the lock of a name and correlation key until the end of the transaction.

        Take it after the root instance's lock, and several in sorted order: then a message and its subscription cannot
        miss each other. SQLite has only one writer, so there every transaction holds all of these locks.
        """
        self._hold(f"{len(name)}:{name}{correlation_key}")

    def lock_message_start(self, process_id: str, correlation_key: str) -> None:
        """Hold the lock under which instances of a process begin with messages of one key; take it before any other."""
        self._hold(f"start {len(process_id)}:{process_id}{correlation_key}")

    def _hold(self, locked: str) -> None:
        # Two texts with one number only wait for each other without need.
        if self.dialect == "postgresql":
            digest = blake2b(locked.encode(), digest_size=8).digest()
            number = int.from_bytes(digest, "big", signed=True)
            self._connection.execute(select(func.pg_advisory_xact_lock(number)))
