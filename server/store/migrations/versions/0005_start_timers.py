"""Timer start events.

Revision: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SIGNED_64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PLAIN_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "start_timer",
        sa.Column("process_id", PLAIN_TEXT, nullable=False),
        sa.Column("element_id", PLAIN_TEXT, nullable=False),
        sa.Column("definition_key", SIGNED_64, nullable=False),
        sa.Column("due_at", SIGNED_64, nullable=False),
        sa.Column("cycle", PLAIN_TEXT, nullable=True),
        sa.Column("repetitions", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("process_id", "element_id", name=op.f("pk_start_timer")),
    )
    op.create_index(op.f("ix_start_timer_due_at"), "start_timer", ["due_at"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_start_timer_due_at"), table_name="start_timer")
    op.drop_table("start_timer")
