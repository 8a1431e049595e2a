"""The working-day calendar.

Revision: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

PLAIN_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "calendar_day",
        sa.Column("layer", PLAIN_TEXT, nullable=False),
        sa.Column("day", PLAIN_TEXT, nullable=False),
        sa.Column("working", sa.Boolean(), nullable=False),
        sa.Column("name", PLAIN_TEXT, nullable=False),
        sa.Column("official", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("layer", "day", name=op.f("pk_calendar_day")),
    )


def downgrade() -> None:
    op.drop_table("calendar_day")
