"""What there is to tell: new and urgent tasks, closed cases, and events that were written down.

The rows are taken with `SKIP LOCKED` and marked in the same transaction that writes the notices, so however many
couriers look, each of them is told once; nobody waits for a lock while holding one of these.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, and_, bindparam, delete, insert, not_, select, type_coerce, update
from sqlalchemy import func as sql

from server.model import EventKind, NotificationEvent, UserTaskState
from server.store import json_text
from server.store.columns import literally, to_milliseconds
from server.store.connected import Connected, Writing
from server.store.tables.definitions import process_definition
from server.store.tables.identity import membership, substitution, user_account
from server.store.tables.instances import process_instance, variable
from server.store.tables.notifications import notification_event
from server.store.tables.work import user_task

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from sqlalchemy import ColumnElement, Row

LONGEST_WARNING = timedelta(hours=24)
WARNING_PART = 5
"""A task is due soon in the last fifth of its time, but not earlier than a day before."""
STAGES = {EventKind.TASK_CREATED: 1, EventKind.TASK_DUE_SOON: 2, EventKind.TASK_OVERDUE: 3}
CASE_NO = "case_no"

_task = user_task.c
_instance = process_instance.c
_event = notification_event.c
_open = _task.state == literally(UserTaskState.CREATED)
_CLOSED = and_(_instance.parent_key.is_(None), _instance.end_date.is_not(None), not_(_instance.announced))
_ADD_EVENT = insert(notification_event)


def _milliseconds(column: ColumnElement[Any]) -> ColumnElement[int]:
    return type_coerce(column, BigInteger)


def _to_warn(kind: EventKind, now: datetime) -> ColumnElement[bool]:
    """Return which tasks of the index `ix_user_task_to_warn` are to be told of now."""
    present, longest = to_milliseconds(now), LONGEST_WARNING // timedelta(milliseconds=1)
    due, created = _milliseconds(_task.due_date), _milliseconds(_task.creation_date)
    told = and_(_open, _task.announced < literally(STAGES[EventKind.TASK_OVERDUE]), _task.due_date.is_not(None))
    if kind is EventKind.TASK_OVERDUE:
        return and_(told, _task.due_date <= now, _task.announced > literally(0))
    soon = and_(due - longest <= present, due - (due - created) / WARNING_PART <= present)
    return and_(
        told, _task.due_date <= now + LONGEST_WARNING, _task.due_date > now, _task.announced == literally(1), soon
    )


def _of_task(row: Row[Any], kind: EventKind, now: datetime) -> NotificationEvent:
    held = row.assignee is not None
    return NotificationEvent(
        key=row.key,
        kind=kind,
        at=now,
        process_instance_key=row.process_instance_key,
        root_key=row.root_key,
        process_definition_key=row.process_definition_key,
        user_task_key=row.key,
        people=(row.assignee,) if held else tuple(row.candidate_users),
        groups=() if held else tuple(row.candidate_groups),
        task_name=row.name or row.element_id,
    )


class AnnouncementReads(Connected):
    """Reads whom and what an announcement is about."""

    def is_something_to_tell(self, now: datetime) -> bool:
        """Tell whether any task, case or written event waits to be told; takes no lock."""
        found = (
            select(_event.key),
            select(_task.key).where(_open, _task.announced == literally(0)),
            select(_task.key).where(_to_warn(EventKind.TASK_DUE_SOON, now)),
            select(_task.key).where(_to_warn(EventKind.TASK_OVERDUE, now)),
            select(_instance.key).where(_CLOSED),
        )
        return any(self._row(one.limit(1)) is not None for one in found)

    def names_of_processes(self, keys: Collection[int]) -> dict[int, tuple[str, str | None]]:
        """Return id and name of process definitions, by key."""
        c = process_definition.c
        rows = self._rows(select(c.key, c.process_id, c.name).where(c.key.in_(keys)))
        return {row.key: (row.process_id, row.name) for row in rows}

    def case_numbers(self, instance_keys: Collection[int]) -> dict[int, object]:
        """Return what the variable `case_no` of process instances holds."""
        c = variable.c
        rows = self._rows(select(c.scope_key, c.value).where(c.scope_key.in_(instance_keys), c.name == CASE_NO))
        return {row.scope_key: json_text.load(row.value) for row in rows}

    def people_in(self, groups: Collection[str]) -> dict[str, tuple[str, ...]]:
        """Return who is in these groups and not disabled."""
        c = membership.c
        joined = select(c.group_name, c.user_name).join(user_account, user_account.c.name == c.user_name)
        found: dict[str, list[str]] = {}
        if groups:
            wanted = joined.where(c.group_name.in_(groups), not_(user_account.c.disabled))
            for row in self._rows(wanted.order_by(c.group_name, c.user_name)):
                found.setdefault(row.group_name, []).append(row.user_name)
        return {group: tuple(names) for group, names in found.items()}

    def active_people(self, names: Collection[str]) -> set[str]:
        """Return which of these people there are, not disabled."""
        if not names:
            return set()
        c = user_account.c
        return {row.name for row in self._rows(select(c.name).where(c.name.in_(names), not_(c.disabled)))}

    def administrators(self) -> tuple[str, ...]:
        """Return the administrators who are not disabled."""
        c = user_account.c
        return tuple(row.name for row in self._rows(select(c.name).where(c.admin, not_(c.disabled)).order_by(c.name)))

    def present_substitutes(self, now: datetime) -> tuple[tuple[str, str, tuple[str, ...] | None], ...]:
        """Return (absent, substitute, groups or None for everything) of the absences of this moment."""
        c = substitution.c
        rows = self._rows(select(c.absent, c.substitute, c.groups).where(c.begins_at <= now, c.ends_at > now))
        return tuple((r.absent, r.substitute, None if r.groups is None else tuple(r.groups)) for r in rows)


class AnnouncementWrites(Writing):
    """Takes what there is to tell; each once."""

    def add_notification_events(self, events: Iterable[NotificationEvent]) -> None:
        """Write down what people are to be told of; the courier tells them after the commit."""
        rows = [
            {
                "key": one.key,
                "kind": one.kind.value,
                "at": one.at,
                "process_instance_key": one.process_instance_key,
                "root_key": one.root_key,
                "process_definition_key": one.process_definition_key,
                "user_task_key": one.user_task_key,
                "task_name": one.task_name,
                "people": one.people,
                "groups": one.groups,
                "actor": one.actor,
                "subject": one.subject,
            }
            for one in events
        ]
        self._write_each(_ADD_EVENT, rows)

    def take_tasks(self, kind: EventKind, now: datetime, limit: int) -> tuple[NotificationEvent, ...]:
        """Take open tasks that are new, due soon or overdue, and mark that this is told."""
        if kind is EventKind.TASK_CREATED:
            found = select(user_task).where(_open, _task.announced == literally(0)).order_by(_task.key)
        else:
            found = select(user_task).where(_to_warn(kind, now)).order_by(_task.due_date, _task.key)
        rows = self._rows(found.limit(limit).with_for_update(skip_locked=True))
        marked = [{"told": row.key, "stage": STAGES[kind]} for row in rows]
        self._write_each(
            update(user_task).where(_task.key == bindparam("told")).values(announced=bindparam("stage")), marked
        )
        return tuple(_of_task(row, kind, now) for row in rows)

    def take_closed_cases(self, now: datetime, limit: int) -> tuple[NotificationEvent, ...]:
        """Take root instances that have ended, and mark that this is told to who started and who worked on them."""
        rows = self._rows(
            select(process_instance)
            .where(_CLOSED)
            .order_by(_instance.key)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        keys = [row.key for row in rows]
        if not keys:
            return ()
        self._write(update(process_instance).where(_instance.key.in_(keys)).values(announced=True))
        holders = self._rows(
            select(_task.root_key, sql.max(_task.assignee).label("holder"))
            .where(_task.root_key.in_(keys), _task.assignee.is_not(None))
            .group_by(_task.root_key, _task.assignee)
        )
        worked = {key: tuple(sorted(one.holder for one in holders if one.root_key == key)) for key in keys}
        return tuple(
            NotificationEvent(
                key=row.key,
                kind=EventKind.CASE_CLOSED,
                at=now,
                process_instance_key=row.key,
                root_key=row.root_key,
                process_definition_key=row.process_definition_key,
                people=tuple(dict.fromkeys([*([row.started_by] if row.started_by else []), *worked[row.key]])),
            )
            for row in rows
        )

    def take_notification_events(self, limit: int) -> tuple[NotificationEvent, ...]:
        """Take events that were written down; they are deleted with the notices that come of them."""
        rows = self._rows(
            select(notification_event).order_by(_event.key).limit(limit).with_for_update(skip_locked=True)
        )
        if rows:
            self._write(delete(notification_event).where(_event.key.in_([row.key for row in rows])))
        return tuple(
            NotificationEvent(
                key=row.key,
                kind=EventKind(row.kind),
                at=row.at,
                process_instance_key=row.process_instance_key,
                root_key=row.root_key,
                process_definition_key=row.process_definition_key,
                user_task_key=row.user_task_key,
                people=tuple(row.people),
                groups=tuple(row.groups),
                actor=row.actor,
                subject=row.subject,
                task_name=row.task_name,
            )
            for row in rows
        )
