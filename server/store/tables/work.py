"""What instances wait for: people, workers, moments, messages, and somebody who repairs."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, ForeignKeyConstraint, Index, Integer, Table, UniqueConstraint
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

_open = sql("state = 'CREATED'")
_done = sql("completed_by IS NOT NULL")
_unannounced = sql("state = 'CREATED' AND announced = 0")
_to_warn = sql("state = 'CREATED' AND announced < 3 AND due_date IS NOT NULL")
_open_candidate = sql("task_state = 'CREATED'")
_failed = sql("state = 'FAILED'")
_offered = "state = 'CREATED' AND retries > 0"
# The two databases write a condition on a truth value differently, and SQLite matches an index by the very words.
_sqlite_running = "suspended = 0"
_postgresql_running = "NOT suspended"
_unresolved = sql("state = 'ACTIVE'")

# `announced` says what people have been told of an open task: 0 nothing, 1 that it is there, 2 that it is due soon,
# 3 that it is overdue. So the row itself is the order to tell them, and no step needs a statement for that.
user_task = Table(
    "user_task",
    db.metadata,
    primary_key(),
    *place_columns(),
    text("name", nullable=True),
    text("state"),
    instant("creation_date"),
    text("assignee", nullable=True),
    json("candidate_groups"),
    json("candidate_users"),
    instant("due_date", nullable=True),
    instant("follow_up_date", nullable=True),
    Column("priority", Integer, nullable=False),
    key("form_key", nullable=True),
    text("external_form_reference", nullable=True),
    instant("completion_date", nullable=True),
    text("completed_by", nullable=True),
    json("custom_headers"),
    text("owner", nullable=True),
    json("co_signers", nullable=True),
    json("copied_to", nullable=True),
    Column("announced", Integer, nullable=False, server_default=sql("0")),
    UniqueConstraint("key", "state"),
    Index(None, "process_instance_key"),
    Index(None, "root_key"),
    Index(None, "assignee", "state"),
    Index(None, "creation_date", "key"),
    Index("ix_user_task_open", "creation_date", "key", sqlite_where=_open, postgresql_where=_open),
    Index("ix_user_task_open_due", "due_date", "key", sqlite_where=_open, postgresql_where=_open),
    Index(
        "ix_user_task_done",
        "completed_by",
        "completion_date",
        "key",
        sqlite_where=_done,
        postgresql_where=_done,
    ),
    Index("ix_user_task_unannounced", "key", sqlite_where=_unannounced, postgresql_where=_unannounced),
    Index("ix_user_task_to_warn", "due_date", "key", sqlite_where=_to_warn, postgresql_where=_to_warn),
)

# For search only; the task's own row lists its candidates too, so that reading a task takes one statement. The task's
# state is repeated here and kept in step by the foreign key, so that an inbox reads open tasks alone, however many
# tasks a group has completed, and no step needs a statement for it.
user_task_candidate = Table(
    "user_task_candidate",
    db.metadata,
    Column("user_task_key", user_task.c.key.type, primary_key=True),
    text("kind", primary=True),
    text("name", primary=True),
    text("task_state"),
    ForeignKeyConstraint(
        ["user_task_key", "task_state"], ["user_task.key", "user_task.state"], onupdate="CASCADE", ondelete="CASCADE"
    ),
    Index(None, "name", "kind", "user_task_key"),
    Index(
        "ix_user_task_candidate_open",
        "name",
        "kind",
        "user_task_key",
        sqlite_where=_open_candidate,
        postgresql_where=_open_candidate,
    ),
)

job = Table(
    "job",
    db.metadata,
    primary_key(),
    *place_columns(),
    text("type"),
    text("state"),
    Column("retries", Integer, nullable=False),
    instant("creation_date"),
    instant("end_date", nullable=True),
    json("custom_headers"),
    text("worker", nullable=True),
    instant("deadline", nullable=True),
    instant("updated_at", nullable=True),
    instant("available_at"),  # not offered before: the end of a back-off or of a lease
    text("error_message", nullable=True),
    text("error_code", nullable=True),
    text("lease_token", nullable=True),
    Index(None, "process_instance_key"),
    Index(None, "root_key"),
    suspended(),
    Index(
        "ix_job_offered",
        "type",
        "available_at",
        "key",
        sqlite_where=sql(f"{_offered} AND {_sqlite_running}"),
        postgresql_where=sql(f"{_offered} AND {_postgresql_running}"),
    ),
    Index(None, "type", "key"),
    Index("ix_job_failed", "creation_date", "key", sqlite_where=_failed, postgresql_where=_failed),
)

timer = Table(
    "timer",
    db.metadata,
    primary_key(),
    *place_columns(),
    instant("due_at"),
    instant("creation_date", nullable=True),
    suspended(),
    Index(None, "due_at", "key"),
    Index(None, "process_instance_key"),
    Index(
        "ix_timer_running",
        "due_at",
        "key",
        sqlite_where=sql(_sqlite_running),
        postgresql_where=sql(_postgresql_running),
    ),
    Index(None, "root_key"),
)

message_subscription = Table(
    "message_subscription",
    db.metadata,
    primary_key(),
    *place_columns(),
    text("message_name"),
    text("correlation_key"),
    instant("creation_date", nullable=True),
    suspended(),
    Index(None, "message_name", "correlation_key"),
    Index(None, "process_instance_key"),
    Index(None, "root_key"),
)

# What comes from outside is sealed. In `variables` stands what a diagram published (references in the place of private
# values) and what an older server has buffered.
message = Table(
    "message",
    db.metadata,
    primary_key(),
    text("name"),
    text("correlation_key"),
    text("message_id", nullable=True),
    json("variables"),
    Column("published_at", Instant(), nullable=False, server_default=sql("0")),
    instant("expires_at"),
    text("actor", nullable=True),
    *sealed_columns(),
    UniqueConstraint("name", "correlation_key", "message_id"),
    Index(None, "expires_at"),
)

# The processes that have received a message: each does so once, whatever its version and however many wait.
message_correlation = Table(
    "message_correlation",
    db.metadata,
    Column("message_key", message.c.key.type, ForeignKey(message.c.key, ondelete="CASCADE"), primary_key=True),
    text("process_id", primary=True),
)

# The processes that a message has still to start: those that began with it when it was published.
message_start = Table(
    "message_start",
    db.metadata,
    Column("message_key", message.c.key.type, ForeignKey(message.c.key, ondelete="CASCADE"), primary_key=True),
    text("process_id", primary=True),
)

incident = Table(
    "incident",
    db.metadata,
    primary_key(),
    *place_columns(),
    text("type"),
    text("message"),
    text("state"),
    instant("creation_date"),
    key("job_key", nullable=True),
    text("expression", nullable=True),
    Column("message_hash", Integer, nullable=True),
    Index(None, "process_instance_key"),
    Index(None, "root_key"),
    Index(None, "job_key"),
    Index("ix_incident_active", "creation_date", "key", sqlite_where=_unresolved, postgresql_where=_unresolved),
)
