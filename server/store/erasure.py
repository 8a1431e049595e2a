"""Taking a person's name out of every table, whatever it is there for; the audit log has a way of its own.

The table below says where names of people stand. `test_api_erasure.py` reads the whole database afterwards, so a new
table with names in it is not forgotten.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, and_, cast, delete, func, or_, select, update

from server.model import UserTaskState
from server.store import json_text
from server.store.connected import Writing
from server.store.tables.attachments import attachment
from server.store.tables.clocks import clock
from server.store.tables.comments import comment, comment_mention
from server.store.tables.decisions import decision_instance
from server.store.tables.definitions import deployment
from server.store.tables.drafts import draft
from server.store.tables.hand_offs import copied, hand_off
from server.store.tables.idempotency import idempotent_request
from server.store.tables.identity import (
    external_identity,
    known_place,
    membership,
    password_reset,
    session,
    substitution,
    token,
    unit,
    user_account,
)
from server.store.tables.instances import history, process_instance, variable
from server.store.tables.meetings import meeting_item_event
from server.store.tables.notifications import delivery, notification, notification_event, notification_preference
from server.store.tables.records import list_row, list_row_version
from server.store.tables.retention import retention_rule, retention_run
from server.store.tables.signals import signal_broadcast
from server.store.tables.vault import vault_reveal
from server.store.tables.work import message, user_task, user_task_candidate
from server.store.user_tasks import READER, USER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy import Column, ColumnElement, Table

NAMES: tuple[Column[Any], ...] = (
    comment.c.author,
    comment_mention.c.name,
    copied.c.recipient,
    copied.c.sender,
    decision_instance.c.actor,
    deployment.c.actor,
    hand_off.c.actor,
    hand_off.c.acting_for,
    history.c.actor,
    list_row.c.changed_by,
    list_row_version.c.changed_by,
    meeting_item_event.c.actor,
    message.c.actor,
    notification_event.c.actor,
    process_instance.c.started_by,
    retention_rule.c.changed_by,
    retention_run.c.actor,
    signal_broadcast.c.actor,
    user_task.c.assignee,
    user_task.c.completed_by,
    user_task.c.owner,
    vault_reveal.c.actor,
    vault_reveal.c.decided_by,
)
"""Columns that hold a name and nothing else."""
OWNERS: tuple[Column[Any], ...] = (clock.c.owner, list_row.c.owner, list_row_version.c.owner)
"""Columns that hold a unit or a person."""
LISTED: tuple[Column[Any], ...] = (
    comment.c.mentions,
    hand_off.c.recipients,
    history.c.details,
    notification_event.c.people,
    user_task.c.candidate_users,
    user_task.c.co_signers,
    user_task.c.copied_to,
)
"""Columns of JSON in which names stand as texts of their own."""
WRITTEN: tuple[Column[Any], ...] = (
    comment.c.text,
    copied.c.reason,
    hand_off.c.reason,
    meeting_item_event.c.note,
    comment.c.earlier,
    user_task.c.co_signers,
)
"""Columns of what people write, the last two as JSON: names stand among other words."""
OWN: tuple[Column[Any], ...] = (
    notification.c.user_name,
    notification_preference.c.user_name,
    draft.c.user_name,
    idempotent_request.c.actor,
    membership.c.user_name,
    token.c.user_name,
    session.c.user_name,
    password_reset.c.user_name,
    external_identity.c.user_name,
    known_place.c.user_name,
    substitution.c.absent,
    substitution.c.substitute,
    user_account.c.name,
)
"""Rows that are the person's own and go with the name; the account comes last, as the others refer to it."""
MAIL = "mail"
USER_PREFIX = "user:"
SHORTEST_WORD = 2
"""A display name of one character stands in too many other words."""


class ErasureWrites(Writing):
    """Takes names out."""

    def erase_person(self, name: str, display_name: str | None, pseudonym: str) -> int:
        """Put a pseudonym in the place of a person's name outside the audit log; returns how many rows changed.

        What is the person's own – account, notices, preferences, drafts – is deleted. In what people have written, the
        display name goes, too. Variables of processes are left alone: nobody knows what a text in them stands for.
        """
        changed = sum(self._write(update(one.table).where(one == name).values({one: pseudonym})) for one in NAMES)
        if self._row(select(unit.c.unit_id).where(unit.c.unit_id == name)) is None:
            changed += sum(self._write(update(one.table).where(one == name).values({one: pseudonym})) for one in OWNERS)
        candidate = user_task_candidate.c
        mine = update(user_task_candidate).where(candidate.name == name, candidate.kind.in_((USER, READER)))
        changed += self._write(mine.values(name=pseudonym))
        sender = attachment.c.sender
        sent = update(attachment).where(sender == USER_PREFIX + name)
        changed += self._write(sent.values(sender=USER_PREFIX + pseudonym))
        changed += self._erase_from_mail(name, pseudonym)
        changed += self._erase_from_texts(name, display_name, pseudonym)
        return changed + sum(self._write(delete(one.table).where(one == name)) for one in OWN)

    def holds_open_task(self, name: str) -> bool:
        """Tell whether a person is to do an open task, or has delegated one."""
        c = user_task.c
        held = select(c.key).where(c.state == UserTaskState.CREATED.value, or_(c.assignee == name, c.owner == name))
        return self._row(held.limit(1)) is not None

    def count_variables_with(self, name: str) -> int:
        """Return how many variables of process instances, and lines of their history, hold this text."""
        held = variable.c.value.contains(json_text.dump(name), autoescape=True)
        told = cast(history.c.variables, Text).contains(json_text.dump(name), autoescape=True)
        lines = select(func.count()).select_from(history).where(told).scalar_subquery()
        counted = select(select(func.count()).select_from(variable).where(held).scalar_subquery() + lines)
        row = self._row(counted)
        return 0 if row is None else int(row[0])

    def _erase_from_texts(self, name: str, display_name: str | None, pseudonym: str) -> int:
        def whole(content: object) -> object:
            return _walk(content, lambda text: pseudonym if text == name else text)

        def within(content: object) -> object:
            return _walk(content, lambda text: alone.sub(pseudonym, text))

        words = [name, *([display_name] if display_name and len(display_name) >= SHORTEST_WORD else [])]
        alone = _alone(words)
        listed = sum(self._rewrite(one, [json_text.dump(name)], whole) for one in LISTED)
        return listed + sum(self._rewrite(one, words, within) for one in WRITTEN)

    def _erase_from_mail(self, name: str, pseudonym: str) -> int:
        """Mails keep that they were sent; to whom, and by what key they are told apart, is rewritten."""
        mine = and_(delivery.c.channel == MAIL, delivery.c.recipient == name)
        rows = self._rows(select(delivery.c.key, delivery.c.dedupe_key).where(mine))
        for row in rows:
            told_apart = row.dedupe_key.removesuffix(name) + pseudonym
            changed = {"recipient": pseudonym, "dedupe_key": told_apart}
            self._write(update(delivery).where(delivery.c.key == row.key).values(**changed))
        return len(rows)

    def _rewrite(self, column: Column[Any], words: Iterable[str], rename: Callable[[object], object]) -> int:
        """Rewrite the rows whose column has one of these texts in it."""
        table: Table = column.table
        found: ColumnElement[bool] = or_(*(cast(column, Text).contains(one, autoescape=True) for one in words))
        keys = list(table.primary_key)
        changed = 0
        for row in self._rows(select(*keys, column.label("content")).where(found)):
            content = rename(row.content)
            if content != row.content:
                same = and_(*(key == getattr(row, key.name) for key in keys))
                changed += self._write(update(table).where(same).values({column: content}))
        return changed


def _alone(words: Iterable[str]) -> re.Pattern[str]:
    """Return what finds names that stand alone – also between Chinese characters, but not within a longer word."""
    return re.compile("|".join(rf"(?<![A-Za-z0-9_.\-]){re.escape(one)}(?![A-Za-z0-9_\-])" for one in words))


def _walk(value: object, change: Callable[[str], str]) -> object:
    """Return a JSON value with its texts changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_walk(one, change) for one in value]
    if isinstance(value, dict):
        return {name: _walk(one, change) for name, one in value.items()}
    return value
