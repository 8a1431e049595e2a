"""Batch operations and their items."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, UniqueConstraint
from sqlalchemy import text as sql

from server.store.columns import instant, json, key, primary_key, text
from server.store.database import db

_active = sql("state = 'ACTIVE'")

batch_operation = Table(
    "batch_operation",
    db.metadata,
    primary_key(),
    text("type"),
    text("state"),
    text("actor"),
    text("actor_kind"),
    instant("start_date"),
    instant("end_date", nullable=True),
    json("plan"),
    Index("ix_batch_operation_active", "key", sqlite_where=_active, postgresql_where=_active),
    Index(None, "actor"),
)

batch_operation_item = Table(
    "batch_operation_item",
    db.metadata,
    primary_key(),
    Column("batch_key", batch_operation.c.key.type, ForeignKey(batch_operation.c.key), nullable=False),
    text("type"),
    key("item_key"),
    key("process_instance_key"),
    key("root_key"),
    text("state"),
    instant("processed_date", nullable=True),
    text("error_message", nullable=True),
    UniqueConstraint("batch_key", "item_key"),
    Index(None, "batch_key", "state"),
    Index(None, "process_instance_key"),
    Index("ix_batch_operation_item_active", "key", sqlite_where=_active, postgresql_where=_active),
)
