"""Messages that stay in the buffer: which processes received them, and which they have still to start.

Revision: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SIGNED_64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PLAIN_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("message", sa.Column("published_at", SIGNED_64, server_default=sa.text("0"), nullable=False))
    op.add_column("message", sa.Column("actor", PLAIN_TEXT, nullable=True))
    for table in ("message_correlation", "message_start"):
        op.create_table(
            table,
            sa.Column("message_key", SIGNED_64, nullable=False),
            sa.Column("process_id", PLAIN_TEXT, nullable=False),
            sa.ForeignKeyConstraint(
                ["message_key"], ["message.key"], name=op.f(f"fk_{table}_message_key_message"), ondelete="CASCADE"
            ),
            sa.PrimaryKeyConstraint("message_key", "process_id", name=op.f(f"pk_{table}")),
        )


def downgrade() -> None:
    op.drop_table("message_start")
    op.drop_table("message_correlation")
    op.drop_column("message", "actor")
    op.drop_column("message", "published_at")
