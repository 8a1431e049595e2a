"""Uploaded files.

Revision: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SIGNED_64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PLAIN_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
UNUSED = sa.text("root_key IS NULL")


def upgrade() -> None:
    op.create_table(
        "attachment",
        sa.Column("key", SIGNED_64, autoincrement=False, nullable=False),
        sa.Column("sender", PLAIN_TEXT, nullable=False),
        sa.Column("name", PLAIN_TEXT, nullable=False),
        sa.Column("media_type", PLAIN_TEXT, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", PLAIN_TEXT, nullable=False),
        sa.Column("file_name", PLAIN_TEXT, nullable=False),
        sa.Column("uploaded_at", SIGNED_64, nullable=False),
        sa.Column("process_instance_key", SIGNED_64, nullable=True),
        sa.Column("root_key", SIGNED_64, nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_attachment")),
        sa.UniqueConstraint("file_name", name=op.f("uq_attachment_file_name")),
    )
    op.create_index(op.f("ix_attachment_sender_uploaded_at"), "attachment", ["sender", "uploaded_at"])
    op.create_index(op.f("ix_attachment_root_key"), "attachment", ["root_key"])
    op.create_index(
        "ix_attachment_unused", "attachment", ["uploaded_at"], sqlite_where=UNUSED, postgresql_where=UNUSED
    )


def downgrade() -> None:
    op.drop_table("attachment")
