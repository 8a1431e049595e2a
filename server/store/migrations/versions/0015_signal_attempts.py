"""Signals: how many may come of one, and deliveries that fail.

Revision: 0015
Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

SIGNED_64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PLAIN_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("signal_broadcast", sa.Column("further", sa.Integer(), server_default=sa.text("10000"), nullable=False))
    op.add_column("signal_delivery", sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("signal_delivery", sa.Column("retry_at", SIGNED_64, server_default=sa.text("0"), nullable=True))
    op.add_column("signal_delivery", sa.Column("problem", PLAIN_TEXT, nullable=True))


def downgrade() -> None:
    for column in ("problem", "retry_at", "attempts"):
        op.drop_column("signal_delivery", column)
    op.drop_column("signal_broadcast", "further")
