"""The working-day calendar: days that differ from the plain week, and the hours of a working day."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Table

from server.store.columns import text
from server.store.database import db

# `layer` is `state` for what was announced for everybody, `own` for what this administration decided for itself.
calendar_day = Table(
    "calendar_day",
    db.metadata,
    text("layer", primary=True),
    text("day", primary=True),  # ISO 8601, so that it sorts
    Column("working", Boolean, nullable=False),
    text("name"),
    Column("official", Boolean, nullable=False),
)
