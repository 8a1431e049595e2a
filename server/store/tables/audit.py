"""The audit log: its lines, the batches that seal them, and what stands for a name in them."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table
from sqlalchemy import text as sql

from server.store.columns import blob, instant, key, primary_key, text
from server.store.database import db

_unsealed = sql("batch IS NULL")

audit_entry = Table(
    "audit_entry",
    db.metadata,
    primary_key(),
    instant("at"),
    text("actor"),
    text("operation"),
    text("entity_type"),
    text("entity_key"),
    key("root_key", nullable=True),
    text("payload_hash", nullable=True),
    text("result"),
    text("acting_for", nullable=True),
    text("payload_salt", nullable=True),
    Column("batch", Integer),
    Index(None, "at", "key"),
    Index(None, "entity_type", "entity_key"),
    Index(None, "actor"),
    Index(None, "root_key"),
    Index(None, "batch", "key"),
    Index("ix_audit_entry_unsealed", "key", sqlite_where=_unsealed, postgresql_where=_unsealed),
)

audit_batch = Table(
    "audit_batch",
    db.metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    instant("sealed_at"),
    text("previous_hash"),
    blob("lines"),
    text("hash"),
)

audit_name = Table(
    "audit_name",
    db.metadata,
    text("reference", primary=True),
    text("name"),
    text("salt", nullable=True),
    Index(None, "name", unique=True),
)
