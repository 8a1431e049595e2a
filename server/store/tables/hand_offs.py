"""How work went from hand to hand, and who got a copy."""

from __future__ import annotations

from sqlalchemy import Index, Table

from server.store.columns import instant, json, key, primary_key, text
from server.store.database import db

hand_off = Table(
    "hand_off",
    db.metadata,
    primary_key(),
    text("kind"),
    key("root_key"),
    key("process_instance_key"),
    key("user_task_key", nullable=True),
    text("actor"),
    instant("at"),
    text("reason"),
    json("recipients"),
    text("acting_for", nullable=True),
    text("element_id", nullable=True),
    Index(None, "root_key", "key"),
    Index(None, "user_task_key", "key"),
)

# `copy` is a word of SQL.
copied = Table(
    "copied",
    db.metadata,
    primary_key(),
    key("root_key"),
    key("process_instance_key"),
    key("user_task_key", nullable=True),
    text("recipient"),
    text("sender"),
    text("reason"),
    instant("at"),
    instant("read_at", nullable=True),
    Index(None, "recipient", "key"),
    Index(None, "sender", "key"),
    Index(None, "root_key"),
)
