"""Comments on user tasks and process instances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, insert, or_, select, update

from server.model import Comment, CommentVersion
from server.store.columns import from_milliseconds, to_milliseconds
from server.store.connected import Connected, Values, Writing
from server.store.filters import RelatedField, instant_field, key_field, text_field
from server.store.process_instances import visible_roots
from server.store.search import Searchable
from server.store.tables.comments import comment, comment_mention
from server.store.user_tasks import Viewer, visible_tasks

if TYPE_CHECKING:
    from sqlalchemy import Row

    from server.model import Page, Query

_c = comment.c
_mention = comment_mention.c


def _to_record(row: Row[Any]) -> Comment:
    return Comment(
        key=row.key,
        root_key=row.root_key,
        process_instance_key=row.process_instance_key,
        user_task_key=row.user_task_key,
        author=row.author,
        text=row.text,
        mentions=tuple(row.mentions),
        created_at=row.created_at,
        edited_at=row.edited_at,
        deleted_at=row.deleted_at,
        earlier=tuple(CommentVersion(one["text"], from_milliseconds(one["until"])) for one in row.earlier),
    )


def _values(record: Comment) -> Values:
    return {
        "root_key": record.root_key,
        "process_instance_key": record.process_instance_key,
        "user_task_key": record.user_task_key,
        "author": record.author,
        "text": record.text,
        "mentions": record.mentions,
        "created_at": record.created_at,
        "edited_at": record.edited_at,
        "deleted_at": record.deleted_at,
        "earlier": [{"text": one.text, "until": to_milliseconds(one.until)} for one in record.earlier],
    }


_SEARCHABLE = Searchable(
    "comments",
    comment,
    {
        "key": key_field(_c.key),
        "root_key": key_field(_c.root_key),
        "process_instance_key": key_field(_c.process_instance_key),
        "user_task_key": key_field(_c.user_task_key),
        "author": text_field(_c.author),
        "text": text_field(_c.text),
        "created_at": instant_field(_c.created_at),
        "mention": RelatedField(_c.key, _mention.comment_key, text_field(_mention.name)),
    },
    _to_record,
)


class CommentReads(Connected):
    """Reads comments."""

    def comment(self, key: int) -> Comment | None:
        """Find by key."""
        row = self._row(select(comment).where(_c.key == key))
        return None if row is None else _to_record(row)

    def search_comments(self, query: Query, viewer: Viewer | None = None) -> Page[Comment]:
        """Search by any of the record's fields and `mention`.

        With a viewer only those are found and counted that are on tasks of theirs, or on instances that concern them.
        """
        if viewer is None:
            return _SEARCHABLE.search(self._connection, query)
        of_instance = and_(_c.user_task_key.is_(None), _c.root_key.in_(visible_roots(viewer)))
        return _SEARCHABLE.search(
            self._connection, query, [or_(of_instance, _c.user_task_key.in_(visible_tasks(viewer)))]
        )


class CommentWrites(Writing):
    """Writes comments."""

    def add_comment(self, record: Comment) -> None:
        """Add a comment with its mentions."""
        self._write(insert(comment), _values(record) | {"key": record.key})
        self._add_mentions(record)

    def update_comment(self, record: Comment) -> None:
        """Replace the comment with this key."""
        self._write(update(comment).where(_c.key == record.key).values(_values(record)))
        self._write(delete(comment_mention).where(_mention.comment_key == record.key))
        self._add_mentions(record)

    def _add_mentions(self, record: Comment) -> None:
        rows = [{"comment_key": record.key, "name": name} for name in record.mentions]
        self._write_each(insert(comment_mention), rows)
