"""Uploaded files: what is known of them; the files themselves lie in the data directory."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, UniqueConstraint
from sqlalchemy import text as sql

from server.store.columns import instant, key, primary_key, text
from server.store.database import db

_unused = sql("root_key IS NULL")

attachment = Table(
    "attachment",
    db.metadata,
    primary_key(),
    text("sender"),
    text("name"),
    text("media_type"),
    Column("size", Integer, nullable=False),
    text("sha256"),
    text("file_name"),
    instant("uploaded_at"),
    key("process_instance_key", nullable=True),
    key("root_key", nullable=True),
    UniqueConstraint("file_name"),
    Index(None, "sender", "uploaded_at"),
    Index(None, "root_key"),
    Index("ix_attachment_unused", "uploaded_at", sqlite_where=_unused, postgresql_where=_unused),
)
