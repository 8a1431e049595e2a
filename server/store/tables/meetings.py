"""Joint meetings: plans, meetings, the items that committees are to decide on, and what happened to each."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, Table, UniqueConstraint

from server.store.columns import PlainText, instant, json, key, primary_key, text
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

meeting = Table(
    "meeting",
    db.metadata,
    primary_key(),
    text("meeting_no"),
    text("committee"),
    text("kind"),
    key("root_key"),
    instant("opened_at"),
    instant("updated_at"),
    text("state"),
    instant("session_at", nullable=True),
    instant("held_at", nullable=True),
    json("content"),
    UniqueConstraint("meeting_no"),
    Index(None, "committee", "opened_at"),
    Index(None, "state"),
    Index(None, "opened_at", "key"),
)

meeting_plan = Table(
    "meeting_plan",
    db.metadata,
    primary_key(),
    text("committee"),
    text("kind"),
    text("period"),
    json("content"),
    instant("updated_at"),
    Column("active", Boolean, nullable=False),
    text("anchor_on", nullable=True),
    instant("next_start_at", nullable=True),
    Column("version", Integer, nullable=False),
    text("changed_by", nullable=True),
    UniqueConstraint("committee", "kind"),
    Index(None, "next_start_at"),
)
