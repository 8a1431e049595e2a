"""What people are to be told, what they were told, and what is on its way out of the house."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, UniqueConstraint
from sqlalchemy import text as sql

from server.store.columns import PlainText, blob, instant, json, key, primary_key, text
from server.store.database import db
from server.store.tables.identity import user_account

# What happened and was not told yet; new tasks and closed cases are marked in rows of their own instead.
notification_event = Table(
    "notification_event",
    db.metadata,
    primary_key(),
    text("kind"),
    instant("at"),
    key("process_instance_key"),
    key("root_key"),
    key("process_definition_key"),
    key("user_task_key", nullable=True),
    text("task_name", nullable=True),
    json("people"),
    json("groups"),
    text("actor", nullable=True),
    text("subject", nullable=True),
)

# `shown` in the application; `digest`: waits for the next mail that gathers several.
notification = Table(
    "notification",
    db.metadata,
    primary_key(),
    text("event"),
    Column("user_name", PlainText(), ForeignKey(user_account.c.name), nullable=False),
    text("kind"),
    instant("created_at"),
    key("process_instance_key"),
    key("root_key"),
    text("process_id"),
    text("process_name", nullable=True),
    key("user_task_key", nullable=True),
    text("task_name", nullable=True),
    text("case_no", nullable=True),
    text("subject", nullable=True),
    Column("shown", Boolean, nullable=False),
    Column("digest", Boolean, nullable=False),
    instant("read_at", nullable=True),
    UniqueConstraint("event", "user_name"),
    Index(None, "user_name", "key"),
    Index(None, "created_at"),
    Index(
        "ix_notification_unread",
        "user_name",
        "key",
        sqlite_where=sql("read_at IS NULL AND shown = 1"),
        postgresql_where=sql("read_at IS NULL AND shown"),
    ),
    Index(
        "ix_notification_gathered",
        "user_name",
        "key",
        sqlite_where=sql("digest = 1"),
        postgresql_where=sql("digest"),
    ),
)

# `due_at`: the next try, or the end of the sender's lease; null when it has ended. `settle_at`: when the job that waits
# for it is told how it ended.
delivery = Table(
    "delivery",
    db.metadata,
    primary_key(),
    text("channel"),
    text("recipient"),
    json("content"),
    text("dedupe_key"),
    text("state"),
    Column("attempts", Integer, nullable=False),
    instant("created_at"),
    instant("due_at", nullable=True),
    instant("ended_at", nullable=True),
    text("lease_owner", nullable=True),
    text("problem", nullable=True),
    key("job_key", nullable=True),
    key("process_instance_key", nullable=True),
    instant("settle_at", nullable=True),
    UniqueConstraint("dedupe_key"),
    Index("ix_delivery_due", "due_at", "key", sqlite_where=sql("due_at IS NOT NULL"),
          postgresql_where=sql("due_at IS NOT NULL")),
    Index("ix_delivery_unsettled", "settle_at", "key", sqlite_where=sql("settle_at IS NOT NULL"),
          postgresql_where=sql("settle_at IS NOT NULL")),
    Index(None, "created_at", "key"),
    Index(None, "state", "key"),
    Index(None, "recipient", "key"),
)  # fmt: skip

notification_preference = Table(
    "notification_preference",
    db.metadata,
    Column("user_name", PlainText(), ForeignKey(user_account.c.name), primary_key=True),
    text("email", nullable=True),
    text("language"),
    text("digest"),
    Column("quiet_from", Integer, nullable=True),
    Column("quiet_until", Integer, nullable=True),
    json("ways"),
    Index(None, "digest"),
)

# The secret is sealed under the vault's key.
webhook = Table(
    "webhook",
    db.metadata,
    text("name", primary=True),
    text("url"),
    json("events"),
    instant("created_at"),
    text("key_id"),
    blob("wrapped_key"),
    blob("content"),
)
