"""Clocks of process instances."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, Table, false
from sqlalchemy import text as sql

from server.store.columns import instant, json, key, primary_key, text
from server.store.database import db

_running = sql("ended_at IS NULL")

# `stale` marks running clocks whose calendar has changed since they were derived; the worker derives them anew.
clock = Table(
    "clock",
    db.metadata,
    primary_key(),
    text("name"),
    key("root_key"),
    key("process_instance_key"),
    text("case_no", nullable=True),
    text("owner", nullable=True),
    instant("started_at"),
    Column("amount", Integer, nullable=False),
    text("unit"),
    instant("due_at"),
    Column("provisional", Boolean, nullable=False),
    Column("pausable", Boolean, nullable=False),
    text("audience"),
    json("pauses"),
    instant("paused_until", nullable=True),
    json("extensions"),
    json("reminders"),
    Column("most_extensions", Integer, nullable=False),
    instant("promised_at", nullable=True),
    instant("ended_at", nullable=True),
    Column("cancelled", Boolean, nullable=False),
    Column("stale", Boolean, nullable=False, server_default=false()),
    Index(None, "root_key"),
    Index(None, "process_instance_key"),
    Index(None, "case_no"),
    Index(None, "owner", "due_at"),
    Index(None, "name", "started_at"),
    Index("ix_clock_running_due", "due_at", "key", sqlite_where=_running, postgresql_where=_running),
    Index("ix_clock_stale", "root_key", sqlite_where=sql("stale"), postgresql_where=sql("stale")),
)
