"""Notices: what each person was told, shown in the application and gathered for mails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, func, not_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from server.model import EventKind, Notification
from server.store.connected import Connected, Writing
from server.store.tables.notifications import notification

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from sqlalchemy import Row

_c = notification.c
_ADD = {
    "sqlite": sqlite_insert(notification).on_conflict_do_nothing(),
    "postgresql": postgresql_insert(notification).on_conflict_do_nothing(),
}
_COLUMNS = (
    "key", "event", "user_name", "created_at", "process_instance_key", "root_key", "process_id", "process_name",
    "user_task_key", "task_name", "case_no", "subject", "shown", "digest", "read_at",
)  # fmt: skip


def _to_record(row: Row[Any]) -> Notification:
    return Notification(kind=EventKind(row.kind), **{name: getattr(row, name) for name in _COLUMNS})


class NotificationReads(Connected):
    """Reads notices."""

    def notifications(
        self, user_name: str, limit: int, before: int | None = None, *, unread: bool = False
    ) -> tuple[Notification, ...]:
        """Return a person's notices, the newest first; `before` a key: the page that follows the one ending there."""
        found = select(notification).where(_c.user_name == user_name, _c.shown).order_by(_c.key.desc()).limit(limit)
        if unread:
            found = found.where(_c.read_at.is_(None))
        if before is not None:
            found = found.where(_c.key < before)
        return tuple(_to_record(row) for row in self._rows(found))

    def count_notifications(self, user_name: str) -> tuple[int, int]:
        """Return how many notices a person has, and how many of them are unread."""
        mine = select(func.count()).select_from(notification).where(_c.user_name == user_name, _c.shown)
        total: int = self._connection.execute(mine).scalar_one()
        unread: int = self._connection.execute(mine.where(_c.read_at.is_(None))).scalar_one()
        return total, unread

    def people_with_gathered_notices(self, after: str, limit: int) -> tuple[str, ...]:
        """Return who has notices that wait for the next digest, by name."""
        found = select(_c.user_name).where(_c.digest, _c.user_name > after).distinct()
        found = found.order_by(_c.user_name).limit(limit)
        return tuple(row.user_name for row in self._rows(found))

    def gathered_notices(self, user_name: str, limit: int) -> tuple[Notification, ...]:
        """Return the notices that wait for a person's next digest, oldest first."""
        found = select(notification).where(_c.user_name == user_name, _c.digest).order_by(_c.key).limit(limit)
        return tuple(_to_record(row) for row in self._rows(found))


class NotificationWrites(Writing):
    """Writes notices."""

    def add_notifications(self, records: Iterable[Notification]) -> None:
        """Add notices; who was told of an event already is not told again."""
        rows = [{name: getattr(one, name) for name in _COLUMNS} | {"kind": one.kind.value} for one in records]
        self._write_each(_ADD[self.dialect], rows)

    def mark_read(self, user_name: str, now: datetime, keys: Collection[int] | None) -> int:
        """Mark these notices of a person, or all of them, as read; returns how many were not."""
        mine = and_(_c.user_name == user_name, _c.shown, _c.read_at.is_(None))
        if keys is not None:
            mine = and_(mine, _c.key.in_(keys))
        return self._write(update(notification).where(mine).values(read_at=now))

    def take_gathered_notices(self, keys: Collection[int]) -> None:
        """Note that these notices are in a mail now."""
        self._write(update(notification).where(_c.key.in_(keys)).values(digest=False))

    def remove_old_notices(self, before: datetime) -> int:
        """Delete notices from before a time that wait for no mail, and return how many these were."""
        return self._write(delete(notification).where(_c.created_at < before, not_(_c.digest)))
