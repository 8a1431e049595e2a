"""Why somebody asked who reported: reasons, sealed like what they asked for.

Revision: 0027
Revises: 0026
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

SIGNED_64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PLAIN_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "vault_reveal",
        sa.Column("key", SIGNED_64, autoincrement=False, nullable=False),
        sa.Column("entry_key", SIGNED_64, nullable=False),
        sa.Column("actor", PLAIN_TEXT, nullable=False),
        sa.Column("at", SIGNED_64, nullable=False),
        sa.Column("result", PLAIN_TEXT, nullable=False),
        sa.Column("key_id", PLAIN_TEXT, nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_vault_reveal")),
    )
    op.create_index("ix_vault_reveal_entry_key_key", "vault_reveal", ["entry_key", "key"])
    op.create_index("ix_vault_reveal_key_id_key", "vault_reveal", ["key_id", "key"])


def downgrade() -> None:
    op.drop_table("vault_reveal")
