"""The same may be done to many process instances or incidents in the background.

Revision: 0033
Revises: 0032
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

SIGNED_64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PLAIN_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
ACTIVE = sa.text("state = 'ACTIVE'")


def upgrade() -> None:
    op.create_table(
        "batch_operation",
        sa.Column("key", SIGNED_64, autoincrement=False, nullable=False),
        sa.Column("type", PLAIN_TEXT, nullable=False),
        sa.Column("state", PLAIN_TEXT, nullable=False),
        sa.Column("actor", PLAIN_TEXT, nullable=False),
        sa.Column("actor_kind", PLAIN_TEXT, nullable=False),
        sa.Column("start_date", SIGNED_64, nullable=False),
        sa.Column("end_date", SIGNED_64, nullable=True),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_batch_operation")),
    )
    op.create_index(
        "ix_batch_operation_active", "batch_operation", ["key"], sqlite_where=ACTIVE, postgresql_where=ACTIVE
    )
    op.create_index(op.f("ix_batch_operation_actor"), "batch_operation", ["actor"])
    op.create_table(
        "batch_operation_item",
        sa.Column("key", SIGNED_64, autoincrement=False, nullable=False),
        sa.Column("batch_key", SIGNED_64, nullable=False),
        sa.Column("type", PLAIN_TEXT, nullable=False),
        sa.Column("item_key", SIGNED_64, nullable=False),
        sa.Column("process_instance_key", SIGNED_64, nullable=False),
        sa.Column("root_key", SIGNED_64, nullable=False),
        sa.Column("state", PLAIN_TEXT, nullable=False),
        sa.Column("processed_date", SIGNED_64, nullable=True),
        sa.Column("error_message", PLAIN_TEXT, nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_key"], ["batch_operation.key"], name=op.f("fk_batch_operation_item_batch_key_batch_operation")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_batch_operation_item")),
        sa.UniqueConstraint("batch_key", "item_key", name=op.f("uq_batch_operation_item_batch_key_item_key")),
    )
    op.create_index(
        op.f("ix_batch_operation_item_batch_key_state"), "batch_operation_item", ["batch_key", "state"]
    )
    op.create_index(
        op.f("ix_batch_operation_item_process_instance_key"), "batch_operation_item", ["process_instance_key"]
    )
    op.create_index(
        "ix_batch_operation_item_active",
        "batch_operation_item",
        ["key"],
        sqlite_where=ACTIVE,
        postgresql_where=ACTIVE,
    )


def downgrade() -> None:
    op.drop_table("batch_operation_item")
    op.drop_table("batch_operation")
