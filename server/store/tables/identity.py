"""Who may sign in: people, programs and tokens; and the organisation they belong to."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, UniqueConstraint, false

from server.store.columns import PlainText, instant, json, primary_key, text
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
    instant("leaves_at", nullable=True),
    Index(None, "leaves_at"),
)

membership = Table(
    "membership",
    db.metadata,
    Column("user_name", PlainText(), ForeignKey(user_account.c.name), primary_key=True),
    text("group_name", primary=True),
    Column("claimed", Boolean, nullable=False, server_default=false()),
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

session = Table(
    "session",
    db.metadata,
    text("hash", primary=True),
    Column("user_name", PlainText(), ForeignKey(user_account.c.name), nullable=False),
    Column("credential_version", Integer, nullable=False),
    text("via"),
    instant("created_at"),
    instant("seen_at"),
    instant("ends_at"),
    Index(None, "user_name"),
    Index(None, "ends_at"),
)

password_reset = Table(
    "password_reset",
    db.metadata,
    text("hash", primary=True),
    Column("user_name", PlainText(), ForeignKey(user_account.c.name), nullable=False),
    Column("ends_tokens", Boolean, nullable=False),
    instant("expires_at"),
    Index(None, "user_name"),
)

# People as an OpenID Connect provider knows them; `synced_at` is when the newest of its tokens was made.
external_identity = Table(
    "external_identity",
    db.metadata,
    text("issuer", primary=True),
    text("subject", primary=True),
    Column("user_name", PlainText(), ForeignKey(user_account.c.name), nullable=False),
    instant("synced_at"),
    UniqueConstraint("issuer", "user_name"),
    Index(None, "user_name"),
)

# What a group of the provider is called here.
claimed_group = Table(
    "claimed_group",
    db.metadata,
    text("claim", primary=True),
    text("group_name", primary=True),
)

# Sign-ins that have begun at the provider; each state is good for one return of the browser that has it.
sign_in_request = Table(
    "sign_in_request",
    db.metadata,
    text("state_hash", primary=True),
    text("browser_hash"),
    text("following", nullable=True),
    instant("expires_at"),
    Index(None, "expires_at"),
)

# Whence a person has signed in before, as keyed hashes of networks: nobody reads addresses here.
known_place = Table(
    "known_place",
    db.metadata,
    Column("user_name", PlainText(), ForeignKey(user_account.c.name), primary_key=True),
    text("place", primary=True),
    instant("seen_at"),
    Index(None, "seen_at"),
)

# How much of a limit is used up: each try moves `spent_until` (milliseconds since 1970) further into the future.
rate_limit = Table(
    "rate_limit",
    db.metadata,
    text("bucket", primary=True),
    Column("spent_until", BigInteger().with_variant(Integer, "sqlite"), nullable=False),
    Index(None, "spent_until"),
)

# Who stands in for whom, and when; `groups` null: in everything.
substitution = Table(
    "substitution",
    db.metadata,
    primary_key(),
    Column("absent", PlainText(), ForeignKey(user_account.c.name), nullable=False),
    Column("substitute", PlainText(), ForeignKey(user_account.c.name), nullable=False),
    json("groups", nullable=True),
    instant("begins_at"),
    instant("ends_at"),
    Index(None, "absent"),
    Index(None, "substitute"),
    Index(None, "ends_at"),
)

unit = Table(
    "unit",
    db.metadata,
    text("unit_id", primary=True),
    text("name"),
    text("kind"),
    text("parent_id", nullable=True),
    text("valid_from", nullable=True),  # ISO 8601, as days of the calendar
    text("valid_to", nullable=True),
    text("succeeded_by", nullable=True),
    Index(None, "parent_id"),
)

affiliation = Table(
    "affiliation",
    db.metadata,
    text("kind", primary=True),
    text("body", primary=True),
    text("unit_id", primary=True),
    text("role"),
    text("valid_from", nullable=True),
    text("valid_to", nullable=True),
)
