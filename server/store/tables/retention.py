"""How long what is kept, what was erased, and how often residents gave which answer."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, UniqueConstraint

from server.store.columns import instant, json, primary_key, text
from server.store.database import db

# What administrators have changed; the other rules are the defaults.
retention_rule = Table(
    "retention_rule",
    db.metadata,
    text("kind", primary=True),
    Column("days", Integer, nullable=False),
    json("variables"),
    json("decisions"),
    text("changed_by"),
    instant("changed_at"),
)

# One row each time that is erased, with its certificate; `schedule` and `tick` let the run of a day be there once.
retention_run = Table(
    "retention_run",
    db.metadata,
    primary_key(),
    text("schedule"),
    text("tick"),
    text("actor"),
    instant("begun_at"),
    json("days"),
    json("counts"),
    instant("ended_at", nullable=True),
    UniqueConstraint("schedule", "tick"),
    Index(None, "begun_at"),
)

# Answers of residents, counted when they are unlinked from their cases: by the month in which these were closed.
feedback_count = Table(
    "feedback_count",
    db.metadata,
    text("month", primary=True),
    text("question", primary=True),
    text("answer", primary=True),
    Column("number", Integer, nullable=False),
)
