"""Who may sign in: people, programs and tokens; and the organisation they belong to."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, UniqueConstraint

from server.store.columns import PlainText, instant, json, text
from server.store.database import db

user_account = Table(
    "user_account",
    db.metadata,
    text("name", primary=True),
    text("display_name"),
    text("password_hash", nullable=True),
    Column("admin", Boolean, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("credential_version", Integer, nullable=False),
    instant("created_at"),
)

membership = Table(
    "membership",
    db.metadata,
    Column("user_name", PlainText(), ForeignKey(user_account.c.name), primary_key=True),
    text("group_name", primary=True),
    Index(None, "group_name"),
)

client = Table(
    "client",
    db.metadata,
    text("client_id", primary=True),
    text("name"),
    text("secret_hash"),
    Column("admin", Boolean, nullable=False),
    json("scopes"),
    Column("disabled", Boolean, nullable=False),
    instant("created_at"),
)

token = Table(
    "token",
    db.metadata,
    text("token_id", primary=True),
    text("hash"),
    Column("user_name", PlainText(), ForeignKey(user_account.c.name), nullable=False),
    instant("created_at"),
    instant("expires_at", nullable=True),
    instant("last_used_at", nullable=True),
    text("name"),
    json("scopes", nullable=True),
    UniqueConstraint("hash"),
    Index(None, "user_name"),
)

unit = Table(
    "unit",
    db.metadata,
    text("unit_id", primary=True),
    text("name"),
    text("kind"),
    text("parent_id", nullable=True),
    Index(None, "parent_id"),
)
