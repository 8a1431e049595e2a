"""Tells Alembic which connection and which tables to work with; `store.migration` calls it."""
# ruff: noqa: INP001 – Alembic runs this file by its path

from __future__ import annotations

from alembic import context

from server.store.database import db

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=db.metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
