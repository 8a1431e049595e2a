"""The running instances: the root's state, and the rows beside it that people and searches see.

These rows carry no foreign keys to the root instance: they are only written while its row is locked, and the checks
would cost every step.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, UniqueConstraint, false
from sqlalchemy import text as sql

from server.store.columns import Json, blob, instant, json, key, place_columns, primary_key, suspended, text
from server.store.database import db

root_instance = Table(
    "root_instance",
    db.metadata,
    primary_key("root_key"),
    Column("revision", Integer, nullable=False),
    Column("active", Boolean, nullable=False),
    blob("state"),
    suspended(),
)

_running = sql("state = 'ACTIVE'")
_closed = "parent_key IS NULL AND end_date IS NOT NULL"

process_instance = Table(
    "process_instance",
    db.metadata,
    primary_key(),
    key("root_key"),
    key("process_definition_key"),
    text("process_id"),
    Column("version", Integer, nullable=False),
    text("state"),
    instant("start_date"),
    instant("end_date", nullable=True),
    key("parent_key", nullable=True),
    key("parent_element_instance_key", nullable=True),
    text("business_id", nullable=True),
    json("tags"),
    text("started_by", nullable=True),
    text("start_correlation_key", nullable=True),
    instant("suspended_date", nullable=True),
    Column("announced", Boolean, nullable=False, server_default=false()),  # that the case is closed
    Index(None, "root_key"),
    Index(None, "parent_key"),
    Index(None, "process_definition_key"),
    Index(None, "process_id", "start_date"),
    Index(None, "business_id"),
    Index(None, "started_by", "start_date"),
    Index(None, "start_correlation_key"),
    Index(None, "start_date", "key"),
    Index("ix_process_instance_active", "start_date", "key", sqlite_where=_running, postgresql_where=_running),
    Index(
        "ix_process_instance_closed",
        "key",
        sqlite_where=sql(f"{_closed} AND announced = 0"),
        postgresql_where=sql(f"{_closed} AND NOT announced"),
    ),
)

process_instance_tag = Table(
    "process_instance_tag",
    db.metadata,
    Column("process_instance_key", process_instance.c.key.type, ForeignKey(process_instance.c.key), primary_key=True),
    text("name", primary=True),
    Index(None, "name"),
)

variable = Table(
    "variable",
    db.metadata,
    primary_key(),
    key("scope_key"),
    key("process_instance_key"),
    key("root_key"),
    text("name"),
    text("value"),
    text("value_head"),  # the first characters of `value`: an index entry must stay short
    UniqueConstraint("scope_key", "name"),
    Index(None, "process_instance_key"),
    Index(None, "name", "value_head"),
)

history = Table(
    "history",
    db.metadata,
    primary_key(),
    *place_columns(),
    text("element_type"),
    text("event"),
    instant("at"),
    text("actor", nullable=True),
    json("variables"),
    Column("details", Json(), nullable=False, server_default="{}"),
    key("scope_key", nullable=True),  # of the element around, where one is entered
    Index(None, "process_instance_key", "key"),
    Index(None, "root_key", "key"),
    Index(None, "element_instance_key"),
)
