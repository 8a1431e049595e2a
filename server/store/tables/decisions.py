"""Evaluated decisions, the evidence of why something was decided so."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table

from server.store.columns import instant, json, key, primary_key, text
from server.store.database import db

decision_instance = Table(
    "decision_instance",
    db.metadata,
    primary_key(),
    text("id"),
    key("evaluation_key"),
    Column("number", Integer, nullable=False),
    key("decision_key"),
    key("root_decision_key"),
    instant("evaluated_at"),
    text("kind"),
    text("state"),
    text("failure", nullable=True),
    json("output"),
    text("table_id", nullable=True),
    json("inputs"),
    json("rules"),
    text("actor", nullable=True),
    text("element_id", nullable=True),
    key("element_instance_key", nullable=True),
    key("process_instance_key", nullable=True),
    key("root_key", nullable=True),
    key("process_definition_key", nullable=True),
    text("process_id", nullable=True),
    Index(None, "id", unique=True),
    Index(None, "process_instance_key"),
    Index(None, "decision_key"),
)
