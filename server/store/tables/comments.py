"""What people write to each other."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table

from server.store.columns import instant, json, key, primary_key, text
from server.store.database import db

comment = Table(
    "comment",
    db.metadata,
    primary_key(),
    key("root_key"),
    key("process_instance_key"),
    key("user_task_key", nullable=True),
    text("author"),
    text("text"),
    instant("created_at"),
    instant("edited_at", nullable=True),
    instant("deleted_at", nullable=True),
    json("mentions"),
    json("earlier"),
    Index(None, "root_key", "key"),
    Index(None, "user_task_key", "key"),
    Index(None, "author", "key"),
)

comment_mention = Table(
    "comment_mention",
    db.metadata,
    Column("comment_key", comment.c.key.type, ForeignKey(comment.c.key, ondelete="CASCADE"), primary_key=True),
    text("name", primary=True),
    Index(None, "name", "comment_key"),
)
