"""Deployments, their files, and the definitions read from them."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, UniqueConstraint

from server.store.columns import blob, instant, key, primary_key, text
from server.store.database import db

deployment = Table(
    "deployment",
    db.metadata,
    primary_key(),
    instant("created_at"),
    text("actor"),
)

resource = Table(
    "resource",
    db.metadata,
    Column("deployment_key", deployment.c.key.type, ForeignKey(deployment.c.key), primary_key=True),
    text("resource_name", primary=True),
    blob("content"),
)

# What a deployment defines, unchanged definitions of earlier ones included; `kind` is process, form or decision.
deployment_definition = Table(
    "deployment_definition",
    db.metadata,
    Column("deployment_key", deployment.c.key.type, ForeignKey(deployment.c.key), primary_key=True),
    text("kind", primary=True),
    text("definition_id", primary=True),
    key("definition_key"),
)

process_definition = Table(
    "process_definition",
    db.metadata,
    primary_key(),
    text("process_id"),
    Column("version", Integer, nullable=False),
    text("name", nullable=True),
    text("version_tag", nullable=True),
    text("resource_name"),
    text("content_hash"),
    key("deployment_key"),
    text("start_form_id", nullable=True),
    instant("deleted_at", nullable=True),
    UniqueConstraint("process_id", "version"),
    Index(None, "process_id", "version_tag"),
    Index(None, "deployment_key"),
)

form_definition = Table(
    "form_definition",
    db.metadata,
    primary_key(),
    text("form_id"),
    Column("version", Integer, nullable=False),
    text("version_tag", nullable=True),
    text("resource_name"),
    text("content_hash"),
    key("deployment_key"),
    text("schema"),
    instant("deleted_at", nullable=True),
    UniqueConstraint("form_id", "version"),
    Index(None, "form_id", "version_tag"),
    Index(None, "deployment_key"),
)

decision_definition = Table(
    "decision_definition",
    db.metadata,
    primary_key(),
    text("decision_id"),
    Column("version", Integer, nullable=False),
    text("name", nullable=True),
    text("version_tag", nullable=True),
    text("resource_name"),
    text("content_hash"),
    key("deployment_key"),
    key("requirements_key"),
    text("requirements_id"),
    text("requirements_name"),
    Column("requirements_version", Integer, nullable=False),
    instant("deleted_at", nullable=True),
    UniqueConstraint("decision_id", "version"),
    Index(None, "decision_id", "version_tag"),
    Index(None, "deployment_key"),
)

start_subscription = Table(
    "start_subscription",
    db.metadata,
    text("process_id", primary=True),
    text("element_id", primary=True),
    key("definition_key"),
    text("message_name"),
    Index(None, "message_name"),
)

start_timer = Table(
    "start_timer",
    db.metadata,
    text("process_id", primary=True),
    text("element_id", primary=True),
    key("definition_key"),
    instant("due_at"),
    text("cycle", nullable=True),
    Column("repetitions", Integer, nullable=True),
    Index(None, "due_at"),
)
