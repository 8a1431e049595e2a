"""Requests that carried a key of idempotency: what they asked and what came of it."""

from __future__ import annotations

from sqlalchemy import Index, Table

from server.store.columns import instant, json, text
from server.store.database import db

idempotent_request = Table(
    "idempotent_request",
    db.metadata,
    text("actor", primary=True),
    text("idempotency_key", primary=True),
    text("fingerprint"),
    instant("begun_at"),
    json("outcome", nullable=True),
    Index(None, "begun_at"),
)
