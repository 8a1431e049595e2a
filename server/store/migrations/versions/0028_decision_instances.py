"""Evaluated decisions are kept.

Revision: 0028
Revises: 0027
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

SIGNED_64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PLAIN_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "decision_instance",
        sa.Column("key", SIGNED_64, autoincrement=False, nullable=False),
        sa.Column("id", PLAIN_TEXT, nullable=False),
        sa.Column("evaluation_key", SIGNED_64, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("decision_key", SIGNED_64, nullable=False),
        sa.Column("root_decision_key", SIGNED_64, nullable=False),
        sa.Column("evaluated_at", SIGNED_64, nullable=False),
        sa.Column("kind", PLAIN_TEXT, nullable=False),
        sa.Column("state", PLAIN_TEXT, nullable=False),
        sa.Column("failure", PLAIN_TEXT, nullable=True),
        sa.Column("output", sa.Text(), nullable=False),
        sa.Column("table_id", PLAIN_TEXT, nullable=True),
        sa.Column("inputs", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("actor", PLAIN_TEXT, nullable=True),
        sa.Column("element_id", PLAIN_TEXT, nullable=True),
        sa.Column("element_instance_key", SIGNED_64, nullable=True),
        sa.Column("process_instance_key", SIGNED_64, nullable=True),
        sa.Column("root_key", SIGNED_64, nullable=True),
        sa.Column("process_definition_key", SIGNED_64, nullable=True),
        sa.Column("process_id", PLAIN_TEXT, nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_decision_instance")),
    )
    op.create_index(op.f("ix_decision_instance_id"), "decision_instance", ["id"], unique=True)
    op.create_index(op.f("ix_decision_instance_process_instance_key"), "decision_instance", ["process_instance_key"])
    op.create_index(op.f("ix_decision_instance_decision_key"), "decision_instance", ["decision_key"])


def downgrade() -> None:
    op.drop_table("decision_instance")
