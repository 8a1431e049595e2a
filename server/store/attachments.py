"""Attachments: the rows of uploaded files. Unused ones belong to their sender, used ones to a process instance."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, func, insert, select, update

from server.model import Attachment, Usage
from server.store.connected import Connected, Writing
from server.store.tables.attachments import attachment

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import ColumnElement, Row

_c = attachment.c
_UNUSED = _c.root_key.is_(None)


def _to_record(row: Row[Any]) -> Attachment:
    return Attachment(
        key=row.key,
        sender=row.sender,
        name=row.name,
        media_type=row.media_type,
        size=row.size,
        sha256=row.sha256,
        file_name=row.file_name,
        uploaded_at=row.uploaded_at,
        process_instance_key=row.process_instance_key,
        root_key=row.root_key,
    )


class AttachmentReads(Connected):
    """Reads attachments."""

    def attachment(self, key: int) -> Attachment | None:
        """Find by key."""
        row = self._row(select(attachment).where(_c.key == key))
        return None if row is None else _to_record(row)

    def attachments(self, keys: Collection[int]) -> tuple[Attachment, ...]:
        """Return those of these keys that exist, by key."""
        rows = self._rows(select(attachment).where(_c.key.in_(keys)).order_by(_c.key))
        return tuple(_to_record(row) for row in rows)

    def attachments_of_root(self, root_key: int) -> tuple[Attachment, ...]:
        """Return the files of a root instance, by key."""
        rows = self._rows(select(attachment).where(_c.root_key == root_key).order_by(_c.key))
        return tuple(_to_record(row) for row in rows)

    def attachment_usage(self, sender_prefix: str, since: datetime, *, unused_only: bool = False) -> Usage:
        """Return what senders whose name begins so have uploaded since then, used or not."""
        sent = and_(_c.uploaded_at >= since, *_begins(sender_prefix), *([_UNUSED] if unused_only else []))
        row = self._row(
            select(func.count().label("files"), func.coalesce(func.sum(_c.size), 0).label("size")).where(sent)
        )
        return Usage(0, 0) if row is None else Usage(int(row.files), int(row.size))


def _begins(prefix: str) -> list[ColumnElement[bool]]:
    return [_c.sender >= prefix, _c.sender < prefix + "\U0010ffff"] if prefix else []


class AttachmentWrites(Writing):
    """Writes attachments."""

    def add_attachment(self, record: Attachment) -> None:
        """Add an uploaded file."""
        self._write(insert(attachment).values(**asdict(record)))

    def bind_attachments(
        self, keys: Collection[int], sender: str, process_instance_key: int, root_key: int, since: datetime
    ) -> int:
        """Give unused files of a sender, uploaded since then, to an instance; returns how many there were."""
        mine = and_(_c.key.in_(keys), _c.sender == sender, _UNUSED, _c.uploaded_at > since)
        given = {"process_instance_key": process_instance_key, "root_key": root_key}
        return self._write(update(attachment).where(mine).values(**given))

    def remove_unused_attachments(self, before: datetime, limit: int) -> tuple[str, ...]:
        """Delete rows of files that nobody has used, the oldest first, and return the names of the files on disk."""
        old = select(_c.key).where(_UNUSED, _c.uploaded_at <= before).order_by(_c.uploaded_at).limit(limit)
        removed = delete(attachment).where(_c.key.in_(old.scalar_subquery()), _UNUSED).returning(_c.file_name)
        return tuple(row.file_name for row in self._rows(removed))
