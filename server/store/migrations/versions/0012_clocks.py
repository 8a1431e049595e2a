"""Clocks.

Revision: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

SIGNED_64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PLAIN_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
RUNNING = sa.text("ended_at IS NULL")
STALE = sa.text("stale")


def upgrade() -> None:
    op.create_table(
        "clock",
        sa.Column("key", SIGNED_64, autoincrement=False, nullable=False),
        sa.Column("name", PLAIN_TEXT, nullable=False),
        sa.Column("root_key", SIGNED_64, nullable=False),
        sa.Column("process_instance_key", SIGNED_64, nullable=False),
        sa.Column("case_no", PLAIN_TEXT, nullable=True),
        sa.Column("owner", PLAIN_TEXT, nullable=True),
        sa.Column("started_at", SIGNED_64, nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("unit", PLAIN_TEXT, nullable=False),
        sa.Column("due_at", SIGNED_64, nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("pausable", sa.Boolean(), nullable=False),
        sa.Column("audience", PLAIN_TEXT, nullable=False),
        sa.Column("pauses", sa.Text(), nullable=False),
        sa.Column("paused_until", SIGNED_64, nullable=True),
        sa.Column("extensions", sa.Text(), nullable=False),
        sa.Column("reminders", sa.Text(), nullable=False),
        sa.Column("most_extensions", sa.Integer(), nullable=False),
        sa.Column("promised_at", SIGNED_64, nullable=True),
        sa.Column("ended_at", SIGNED_64, nullable=True),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("stale", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_clock")),
    )
    for columns in (["root_key"], ["process_instance_key"], ["case_no"], ["owner", "due_at"]):
        op.create_index(op.f(f"ix_clock_{'_'.join(columns)}"), "clock", columns, unique=False)
    op.create_index(
        "ix_clock_running_due",
        "clock",
        ["due_at", "key"],
        unique=False,
        sqlite_where=RUNNING,
        postgresql_where=RUNNING,
    )
    op.create_index(
        "ix_clock_stale", "clock", ["root_key"], unique=False, sqlite_where=STALE, postgresql_where=STALE
    )


def downgrade() -> None:
    op.drop_table("clock")
