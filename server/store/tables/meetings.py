"""Joint meetings: the items that committees are to decide on, and what happened to each."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, Table, UniqueConstraint

from server.store.columns import PlainText, instant, key, primary_key, text
from server.store.database import db

meeting_item = Table(
    "meeting_item",
    db.metadata,
    primary_key(),
    text("item_key"),
    text("committee"),
    text("title"),
    text("facts"),
    text("desired_decision"),
    text("source"),
    text("urgency", nullable=True),
    Column("public", Boolean, nullable=False),
    instant("proposed_at"),
    instant("updated_at"),
    text("state"),
    text("case_no", nullable=True),
    text("reconsiders", nullable=True),
    key("root_key", nullable=True),
    Column("carried", Integer, nullable=False),
    text("meeting_no", nullable=True),
    text("decision", nullable=True),
    text("next_on", nullable=True),
    UniqueConstraint("item_key"),
    Index(None, "committee", "state"),
    Index(None, "case_no"),
    Index(None, "meeting_no"),
)

# Written when something happens to an item, never changed or deleted.
meeting_item_event = Table(
    "meeting_item_event",
    db.metadata,
    Column("item_key", PlainText(), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    instant("at"),
    text("verb"),
    text("committee"),
    text("actor"),
    text("meeting_no", nullable=True),
    text("decision", nullable=True),
    text("note", nullable=True),
)
