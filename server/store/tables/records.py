"""What governance keeps: lists, counters, and the blocks that keys come from."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Table
from sqlalchemy import text as sql

from server.store.columns import Key, instant, json, key, primary_key, text
from server.store.database import db

list_row = Table(
    "list_row",
    db.metadata,
    primary_key(),
    text("list_name"),
    text("case_no", nullable=True),
    key("process_instance_key"),
    key("root_key"),
    text("element_id"),
    text("title"),
    text("owner", nullable=True),
    text("measure", nullable=True),
    instant("due_at", nullable=True),
    text("status"),
    instant("created_at"),
    instant("updated_at"),
    json("data"),
    key("prev_row_key", nullable=True),
    Column("version", Integer, nullable=False, server_default=sql("1")),
    text("changed_by", nullable=True),
    Index(None, "prev_row_key"),
    Index(None, "list_name", "key"),
    Index(None, "list_name", "status"),
    Index(None, "list_name", "owner"),
    Index(None, "list_name", "due_at"),
    Index(None, "list_name", "created_at"),
    Index(None, "case_no"),
    Index(None, "process_instance_key"),
    Index(None, "root_key"),
)

# What a row was before: written when it changes, never changed or deleted.
list_row_version = Table(
    "list_row_version",
    db.metadata,
    Column("row_key", Key(), primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    text("title"),
    text("owner", nullable=True),
    text("measure", nullable=True),
    instant("due_at", nullable=True),
    text("status"),
    instant("updated_at"),
    json("data"),
    text("changed_by", nullable=True),
)

counter = Table(
    "counter",
    db.metadata,
    text("name", primary=True),
    Column("value", BigInteger, nullable=False),
)

key_block = Table(
    "key_block",
    db.metadata,
    text("name", primary=True),
    key("next_key"),
)
