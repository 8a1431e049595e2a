"""Cases. A point is kept in millionths of a degree (about a tenth of a metre), so that both databases compare alike."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, UniqueConstraint

from server.store.columns import instant, key, primary_key, text
from server.store.database import db

case_record = Table(
    "case_record",
    db.metadata,
    primary_key(),
    text("case_no"),
    key("root_key"),
    text("title"),
    text("text"),
    text("state"),
    text("category", nullable=True),
    text("urgency", nullable=True),
    text("channel", nullable=True),
    text("place", nullable=True),
    text("building", nullable=True),
    text("grid_code", nullable=True),
    Column("latitude", Integer, nullable=True),
    Column("longitude", Integer, nullable=True),
    text("street", nullable=True),
    text("community", nullable=True),
    text("lead_unit", nullable=True),
    text("conflict_unit", nullable=True),
    text("identity", nullable=True),
    Column("reporters", Integer, nullable=False),
    text("recurrence_of", nullable=True),
    text("joined_to", nullable=True),
    text("outcome", nullable=True),
    text("reply", nullable=True),
    Column("reopened", Integer, nullable=False),
    instant("received_at"),
    instant("review_at", nullable=True),
    text("parked_reason", nullable=True),
    instant("closed_at", nullable=True),
    text("secret_hash", nullable=True),
    instant("erasure_asked_at", nullable=True),
    UniqueConstraint("case_no"),
    UniqueConstraint("root_key"),
    Index(None, "latitude", "longitude"),
    Index(None, "building", "received_at"),
    Index(None, "received_at", "key"),
    Index(None, "state", "received_at"),
    Index(None, "closed_at"),
    Index(None, "street", "received_at"),
    Index(None, "lead_unit", "received_at"),
    Index(None, "category", "received_at"),
    Index(None, "joined_to"),
    Index(None, "recurrence_of"),
)
