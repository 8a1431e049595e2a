"""Drafts of user tasks.

Revision: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SIGNED_64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PLAIN_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "draft",
        sa.Column("user_task_key", SIGNED_64, autoincrement=False, nullable=False),
        sa.Column("user_name", PLAIN_TEXT, nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("updated_at", SIGNED_64, nullable=False),
        sa.PrimaryKeyConstraint("user_task_key", "user_name", name=op.f("pk_draft")),
    )


def downgrade() -> None:
    op.drop_table("draft")
