"""Versions of list rows, and what they follow from.

Revision: 0023
Revises: 0022
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

SIGNED_64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PLAIN_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("list_row", sa.Column("prev_row_key", SIGNED_64, nullable=True))
    op.add_column("list_row", sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False))
    op.add_column("list_row", sa.Column("changed_by", PLAIN_TEXT, nullable=True))
    op.create_index(op.f("ix_list_row_prev_row_key"), "list_row", ["prev_row_key"], unique=False)
    op.create_table(
        "list_row_version",
        sa.Column("row_key", SIGNED_64, autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title", PLAIN_TEXT, nullable=False),
        sa.Column("owner", PLAIN_TEXT, nullable=True),
        sa.Column("measure", PLAIN_TEXT, nullable=True),
        sa.Column("due_at", SIGNED_64, nullable=True),
        sa.Column("status", PLAIN_TEXT, nullable=False),
        sa.Column("updated_at", SIGNED_64, nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("changed_by", PLAIN_TEXT, nullable=True),
        sa.PrimaryKeyConstraint("row_key", "version", name=op.f("pk_list_row_version")),
    )


def downgrade() -> None:
    op.drop_table("list_row_version")
    op.drop_index(op.f("ix_list_row_prev_row_key"), table_name="list_row")
    for column in ("changed_by", "version", "prev_row_key"):
        op.drop_column("list_row", column)
