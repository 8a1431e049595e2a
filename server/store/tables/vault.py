"""The identity vault: private values of reporters, sealed. Nothing else of the database holds them."""

from __future__ import annotations

from sqlalchemy import Index, Table

from server.store.columns import blob, instant, key, primary_key, text
from server.store.database import db

vault_entry = Table(
    "vault_entry",
    db.metadata,
    primary_key(),
    text("kind"),
    key("root_key"),
    instant("created_at"),
    text("key_id"),
    blob("wrapped_key"),
    blob("content"),
    Index(None, "root_key"),
    Index(None, "key_id", "key"),
)

vault_reveal = Table(
    "vault_reveal",
    db.metadata,
    primary_key(),
    key("entry_key"),
    text("actor"),
    instant("at"),
    text("result"),
    text("key_id"),
    blob("wrapped_key"),
    blob("content"),
    Index(None, "entry_key", "key"),
    Index(None, "key_id", "key"),
)
