"""The identity vault.

Revision: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SIGNED_64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PLAIN_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "vault_entry",
        sa.Column("key", SIGNED_64, autoincrement=False, nullable=False),
        sa.Column("kind", PLAIN_TEXT, nullable=False),
        sa.Column("root_key", SIGNED_64, nullable=False),
        sa.Column("created_at", SIGNED_64, nullable=False),
        sa.Column("key_id", PLAIN_TEXT, nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_vault_entry")),
    )
    op.create_index(op.f("ix_vault_entry_root_key"), "vault_entry", ["root_key"])
    op.create_index(op.f("ix_vault_entry_key_id_key"), "vault_entry", ["key_id", "key"])


def downgrade() -> None:
    op.drop_table("vault_entry")
