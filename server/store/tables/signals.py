"""Signals: who waits for them, and the thrown ones on their way to each receiver."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table
from sqlalchemy import text as sql

from server.store.columns import (
    Instant,
    instant,
    json,
    key,
    place_columns,
    primary_key,
    sealed_columns,
    suspended,
    text,
)
from server.store.database import db

signal_subscription = Table(
    "signal_subscription",
    db.metadata,
    primary_key(),
    *place_columns(),
    text("signal_name"),
    instant("creation_date", nullable=True),
    suspended(),
    Index(None, "signal_name"),
    Index(None, "process_instance_key"),
    Index(None, "root_key"),
)

start_signal = Table(
    "start_signal",
    db.metadata,
    text("process_id", primary=True),
    text("element_id", primary=True),
    key("definition_key"),
    text("signal_name"),
    Index(None, "signal_name"),
)

# Sealed is what comes from outside; what a process throws has references in the place of private values.
signal_broadcast = Table(
    "signal_broadcast",
    db.metadata,
    primary_key(),
    text("name"),
    json("variables"),
    text("actor", nullable=True),
    Column("further", Integer, nullable=False, server_default=sql("10000")),  # by each receiver
    *sealed_columns(),
)

# A row for each receiver that has not stepped yet; its root instance is null for a start event.
signal_delivery = Table(
    "signal_delivery",
    db.metadata,
    primary_key("signal_key"),
    primary_key("receiver_key"),
    text("element_id", primary=True),
    key("root_key", nullable=True),
    suspended(),
    Column("attempts", Integer, nullable=False, server_default=sql("0")),
    Column("retry_at", Instant(), nullable=True, server_default=sql("0")),  # null: given up
    text("problem", nullable=True),
    Index(None, "root_key"),
    Index(
        "ix_signal_delivery_running",
        "signal_key",
        "receiver_key",
        "element_id",
        sqlite_where=sql("suspended = 0"),
        postgresql_where=sql("NOT suspended"),
    ),
)
