"""Versions of processes, forms and decisions can be deleted: they stay readable, and nothing begins with them.

Revision: 0025
Revises: 0024
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

SIGNED_64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = ("process_definition", "form_definition", "decision_definition")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("deleted_at", SIGNED_64, nullable=True))


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "deleted_at")
