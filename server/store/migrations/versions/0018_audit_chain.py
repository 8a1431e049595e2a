"""The audit log as a chain: batches, what stands for names, salts of payloads.

Revision: 0018
Revises: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

SIGNED_64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PLAIN_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
UNSEALED = sa.text("batch IS NULL")


def upgrade() -> None:
    op.add_column("audit_entry", sa.Column("payload_salt", PLAIN_TEXT, nullable=True))
    op.add_column("audit_entry", sa.Column("batch", sa.Integer(), nullable=True))
    op.create_index("ix_audit_entry_batch_key", "audit_entry", ["batch", "key"])
    op.create_index(
        "ix_audit_entry_unsealed", "audit_entry", ["key"], sqlite_where=UNSEALED, postgresql_where=UNSEALED
    )
    op.create_table(
        "audit_batch",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sealed_at", SIGNED_64, nullable=False),
        sa.Column("previous_hash", PLAIN_TEXT, nullable=False),
        sa.Column("lines", sa.LargeBinary(), nullable=False),
        sa.Column("hash", PLAIN_TEXT, nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_batch")),
    )
    op.create_table(
        "audit_name",
        sa.Column("reference", PLAIN_TEXT, nullable=False),
        sa.Column("name", PLAIN_TEXT, nullable=False),
        sa.Column("salt", PLAIN_TEXT, nullable=True),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_audit_name")),
    )
    op.create_index("ix_audit_name_name", "audit_name", ["name"], unique=True)


def downgrade() -> None:
    op.drop_table("audit_name")
    op.drop_table("audit_batch")
    op.drop_index("ix_audit_entry_unsealed", "audit_entry")
    op.drop_index("ix_audit_entry_batch_key", "audit_entry")
    op.drop_column("audit_entry", "batch")
    op.drop_column("audit_entry", "payload_salt")
