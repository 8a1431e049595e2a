"""Signals.

Revision: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SIGNED_64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PLAIN_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "signal_subscription",
        sa.Column("key", SIGNED_64, autoincrement=False, nullable=False),
        sa.Column("element_id", PLAIN_TEXT, nullable=False),
        sa.Column("element_instance_key", SIGNED_64, nullable=False),
        sa.Column("process_instance_key", SIGNED_64, nullable=False),
        sa.Column("root_key", SIGNED_64, nullable=False),
        sa.Column("process_definition_key", SIGNED_64, nullable=False),
        sa.Column("process_id", PLAIN_TEXT, nullable=False),
        sa.Column("signal_name", PLAIN_TEXT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_signal_subscription")),
    )
    for column in ("signal_name", "root_key"):
        op.create_index(op.f(f"ix_signal_subscription_{column}"), "signal_subscription", [column], unique=False)
    op.create_table(
        "start_signal",
        sa.Column("process_id", PLAIN_TEXT, nullable=False),
        sa.Column("element_id", PLAIN_TEXT, nullable=False),
        sa.Column("definition_key", SIGNED_64, nullable=False),
        sa.Column("signal_name", PLAIN_TEXT, nullable=False),
        sa.PrimaryKeyConstraint("process_id", "element_id", name=op.f("pk_start_signal")),
    )
    op.create_index(op.f("ix_start_signal_signal_name"), "start_signal", ["signal_name"], unique=False)
    op.create_table(
        "signal_broadcast",
        sa.Column("key", SIGNED_64, autoincrement=False, nullable=False),
        sa.Column("name", PLAIN_TEXT, nullable=False),
        sa.Column("variables", sa.Text(), nullable=False),
        sa.Column("actor", PLAIN_TEXT, nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_signal_broadcast")),
    )
    op.create_table(
        "signal_delivery",
        sa.Column("signal_key", SIGNED_64, autoincrement=False, nullable=False),
        sa.Column("receiver_key", SIGNED_64, autoincrement=False, nullable=False),
        sa.Column("element_id", PLAIN_TEXT, nullable=False),
        sa.Column("root_key", SIGNED_64, nullable=True),
        sa.PrimaryKeyConstraint("signal_key", "receiver_key", "element_id", name=op.f("pk_signal_delivery")),
    )


def downgrade() -> None:
    for table in ("signal_delivery", "signal_broadcast", "start_signal", "signal_subscription"):
        op.drop_table(table)
