"""What people have typed and not yet sent."""

from __future__ import annotations

from sqlalchemy import Table

from server.store.columns import instant, json, primary_key, text
from server.store.database import db

draft = Table(
    "draft",
    db.metadata,
    primary_key("user_task_key"),
    text("user_name", primary=True),
    json("data"),
    instant("updated_at"),
)
