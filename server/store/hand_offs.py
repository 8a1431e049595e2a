"""How work went from hand to hand, and who got a copy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, or_, select, update

from server.model import Copy, HandOff, HandOffKind, HistoryEvent
from server.store.columns import literally
from server.store.connected import Connected, Writing
from server.store.filters import instant_field, key_field, text_field
from server.store.search import Searchable
from server.store.tables.audit import audit_entry
from server.store.tables.hand_offs import copied, hand_off
from server.store.tables.instances import history
from server.store.user_tasks import Viewer, visible_tasks

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Row

    from server.model import Page, Query

_c = hand_off.c
_copied = copied.c
_history = history.c
USER_TASK = "userTask"


def _to_record(row: Row[Any]) -> HandOff:
    return HandOff(
        key=row.key,
        kind=HandOffKind(row.kind),
        root_key=row.root_key,
        process_instance_key=row.process_instance_key,
        user_task_key=row.user_task_key,
        actor=row.actor,
        at=row.at,
        reason=row.reason,
        recipients=tuple(row.recipients),
        acting_for=row.acting_for,
        element_id=row.element_id,
    )


def _to_copy(row: Row[Any]) -> Copy:
    return Copy(
        key=row.key,
        root_key=row.root_key,
        process_instance_key=row.process_instance_key,
        user_task_key=row.user_task_key,
        recipient=row.recipient,
        sender=row.sender,
        reason=row.reason,
        at=row.at,
        read_at=row.read_at,
    )


_COPIES = Searchable(
    "copies",
    copied,
    {
        "key": key_field(_copied.key),
        "process_instance_key": key_field(_copied.process_instance_key),
        "user_task_key": key_field(_copied.user_task_key),
        "recipient": text_field(_copied.recipient),
        "sender": text_field(_copied.sender),
        "at": instant_field(_copied.at),
        "read_at": instant_field(_copied.read_at),
    },
    _to_copy,
)


class HandOffReads(Connected):
    """Reads hand-offs and copies."""

    def hand_offs_of_user_task(self, user_task_key: int) -> tuple[HandOff, ...]:
        """Return what was done with a task, in order."""
        rows = self._rows(select(hand_off).where(_c.user_task_key == user_task_key).order_by(_c.key))
        return tuple(_to_record(row) for row in rows)

    def hand_offs_of_root(self, root_key: int, viewer: Viewer | None) -> tuple[HandOff, ...]:
        """Return what was done in a root instance, in order; with a viewer, only with tasks of theirs or with it."""
        found = select(hand_off).where(_c.root_key == root_key).order_by(_c.key)
        if viewer is not None:
            found = found.where(or_(_c.user_task_key.is_(None), _c.user_task_key.in_(visible_tasks(viewer))))
        return tuple(_to_record(row) for row in self._rows(found))

    def last_reminder(self, root_key: int, user_task_key: int | None) -> datetime | None:
        """Return when somebody was last reminded of a task, or with None of everything in an instance."""
        same = _c.user_task_key.is_(None) if user_task_key is None else _c.user_task_key == user_task_key
        found = select(func.max(_c.at).label("last")).where(_c.root_key == root_key, same)
        row = self._row(found.where(_c.kind == HandOffKind.REMINDER.value))
        last: datetime | None = None if row is None else row.last
        return last

    def user_task_completions(self, process_instance_key: int) -> tuple[tuple[str, int, str | None], ...]:
        """Return element id, element instance key and who completed it of every completed user task, in order."""
        rows = self._rows(
            select(_history.element_id, _history.element_instance_key, _history.actor)
            .where(
                _history.process_instance_key == process_instance_key,
                _history.event == literally(HistoryEvent.COMPLETED),
                _history.element_type == USER_TASK,
            )
            .order_by(_history.key)
        )
        return tuple((row.element_id, row.element_instance_key, row.actor) for row in rows)

    def has_completed_user_task(self, root_key: int) -> bool:
        """Tell whether a user task of a root instance, or of one that it called, is completed."""
        found = select(_history.key).where(
            _history.root_key == root_key,
            _history.event == literally(HistoryEvent.COMPLETED),
            _history.element_type == USER_TASK,
        )
        return self._row(found.limit(1)) is not None

    def is_noted(self, entity_type: str, entity_key: int) -> bool:
        """Tell whether the audit log has a line about a record."""
        lines = select(audit_entry.c.key).where(
            audit_entry.c.entity_type == entity_type, audit_entry.c.entity_key == str(entity_key)
        )
        return self._row(lines.limit(1)) is not None

    def search_copies(self, query: Query, person: str | None = None) -> Page[Copy]:
        """Search copies by any of the record's fields; with a person, what they got or sent only."""
        own = [] if person is None else [or_(_copied.recipient == person, _copied.sender == person)]
        return _COPIES.search(self._connection, query, own)

    def copy(self, key: int) -> Copy | None:
        """Find by key."""
        row = self._row(select(copied).where(_copied.key == key))
        return None if row is None else _to_copy(row)

    def is_copied_to(self, root_key: int, people: Iterable[str]) -> bool:
        """Tell whether one of these people got a copy of a root instance."""
        found = select(_copied.key).where(_copied.root_key == root_key, _copied.recipient.in_(tuple(people)))
        return self._row(found.where(_copied.user_task_key.is_(None)).limit(1)) is not None


class HandOffWrites(Writing):
    """Writes hand-offs and copies."""

    def add_hand_off(self, record: HandOff) -> None:
        """Add a line."""
        self._write(
            insert(hand_off),
            {
                "key": record.key,
                "kind": record.kind.value,
                "root_key": record.root_key,
                "process_instance_key": record.process_instance_key,
                "user_task_key": record.user_task_key,
                "actor": record.actor,
                "at": record.at,
                "reason": record.reason,
                "recipients": record.recipients,
                "acting_for": record.acting_for,
                "element_id": record.element_id,
            },
        )

    def add_copies(self, copies: Iterable[Copy]) -> None:
        """Add copies."""
        self._write_each(
            insert(copied),
            [
                {
                    "key": one.key,
                    "root_key": one.root_key,
                    "process_instance_key": one.process_instance_key,
                    "user_task_key": one.user_task_key,
                    "recipient": one.recipient,
                    "sender": one.sender,
                    "reason": one.reason,
                    "at": one.at,
                    "read_at": one.read_at,
                }
                for one in copies
            ],
        )

    def mark_copy_read(self, key: int, at: datetime) -> None:
        """Note when a copy was first read."""
        self._write(update(copied).where(_copied.key == key, _copied.read_at.is_(None)).values(read_at=at))
