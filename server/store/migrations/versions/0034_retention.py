"""How long what is kept, certificates of what was erased, and what residents may do with their own data.

Revision: 0034
Revises: 0033
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

SIGNED_64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PLAIN_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("vault_entry", sa.Column("field", PLAIN_TEXT, nullable=True))
    op.add_column("case_record", sa.Column("erasure_asked_at", SIGNED_64, nullable=True))
    op.create_table(
        "retention_rule",
        sa.Column("kind", PLAIN_TEXT, nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("variables", sa.Text(), nullable=False),
        sa.Column("decisions", sa.Text(), nullable=False),
        sa.Column("changed_by", PLAIN_TEXT, nullable=False),
        sa.Column("changed_at", SIGNED_64, nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_retention_rule")),
    )
    op.create_table(
        "retention_run",
        sa.Column("key", SIGNED_64, autoincrement=False, nullable=False),
        sa.Column("schedule", PLAIN_TEXT, nullable=False),
        sa.Column("tick", PLAIN_TEXT, nullable=False),
        sa.Column("actor", PLAIN_TEXT, nullable=False),
        sa.Column("begun_at", SIGNED_64, nullable=False),
        sa.Column("days", sa.Text(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("ended_at", SIGNED_64, nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_retention_run")),
        sa.UniqueConstraint("schedule", "tick", name=op.f("uq_retention_run_schedule_tick")),
    )
    op.create_index("ix_retention_run_begun_at", "retention_run", ["begun_at"])
    op.create_table(
        "feedback_count",
        sa.Column("month", PLAIN_TEXT, nullable=False),
        sa.Column("question", PLAIN_TEXT, nullable=False),
        sa.Column("answer", PLAIN_TEXT, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("month", "question", "answer", name=op.f("pk_feedback_count")),
    )


def downgrade() -> None:
    for table in ("feedback_count", "retention_run", "retention_rule"):
        op.drop_table(table)
    op.drop_column("case_record", "erasure_asked_at")
    op.drop_column("vault_entry", "field")
