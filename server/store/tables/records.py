"""What governance keeps: lists, counters, and the blocks that keys come from."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Table

from server.store.columns import instant, json, key, primary_key, text
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
    Index(None, "list_name", "key"),
    Index(None, "list_name", "status"),
    Index(None, "list_name", "owner"),
    Index(None, "list_name", "due_at"),
    Index(None, "case_no"),
    Index(None, "process_instance_key"),
    Index(None, "root_key"),
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
