"""The identity vault: private values of reporters, sealed. Nothing else of the database holds them."""

from __future__ import annotations

from sqlalchemy import Index, Table

from server.store.columns import blob, instant, key, primary_key, sealed_columns, text
from server.store.database import db

vault_entry = Table(
    "vault_entry",
    db.metadata,
    primary_key(),
    text("kind"),
    key("root_key"),
    instant("created_at"),
    text("field", nullable=True),
    text("key_id"),
    blob("wrapped_key"),
    blob("content"),
    Index(None, "root_key"),
    Index(None, "key_id", "key"),
)

# Who asked for an entry; the reason is sealed, and null once its time is over.
vault_reveal = Table(
    "vault_reveal",
    db.metadata,
    primary_key(),
    key("entry_key"),
    key("root_key"),
    text("actor"),
    instant("at"),
    text("state"),
    text("purpose", nullable=True),
    text("unit_kind", nullable=True),
    instant("lapses_at", nullable=True),
    text("decided_by", nullable=True),
    instant("decided_at", nullable=True),
    instant("opened_at", nullable=True),
    *sealed_columns(),
    Index(None, "entry_key", "key"),
    Index(None, "root_key", "key"),
    Index(None, "actor", "key"),
    Index(None, "state", "lapses_at"),
    Index(None, "key_id", "key"),
)
