"""A second person approves before who reported is seen; what messages and signals bring is sealed while it waits.

Entries that were opened before count as approved by nobody; their reporters are told of them, too.

Revision: 0031
Revises: 0030
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

SIGNED_64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PLAIN_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
WAITING = ("message", "signal_broadcast")
INDEXES = {
    "ix_vault_reveal_entry_key_key": ["entry_key", "key"],
    "ix_vault_reveal_key_id_key": ["key_id", "key"],
    "ix_vault_reveal_root_key_key": ["root_key", "key"],
    "ix_vault_reveal_actor_key": ["actor", "key"],
    "ix_vault_reveal_state_lapses_at": ["state", "lapses_at"],
}
KEPT = "key, entry_key, actor, at, key_id, wrapped_key, content"


def upgrade() -> None:
    op.add_column("case_record", sa.Column("identity", PLAIN_TEXT, nullable=True))
    for table in WAITING:
        op.add_column(table, sa.Column("key_id", PLAIN_TEXT, nullable=True))
        op.add_column(table, sa.Column("wrapped_key", sa.LargeBinary(), nullable=True))
        op.add_column(table, sa.Column("content", sa.LargeBinary(), nullable=True))
    for name in list(INDEXES)[:2]:
        op.drop_index(name, "vault_reveal")
    op.rename_table("vault_reveal", "earlier_reveal")
    op.create_table(
        "vault_reveal",
        sa.Column("key", SIGNED_64, autoincrement=False, nullable=False),
        sa.Column("entry_key", SIGNED_64, nullable=False),
        sa.Column("root_key", SIGNED_64, nullable=False),
        sa.Column("actor", PLAIN_TEXT, nullable=False),
        sa.Column("at", SIGNED_64, nullable=False),
        sa.Column("state", PLAIN_TEXT, nullable=False),
        sa.Column("purpose", PLAIN_TEXT, nullable=True),
        sa.Column("unit_kind", PLAIN_TEXT, nullable=True),
        sa.Column("lapses_at", SIGNED_64, nullable=True),
        sa.Column("decided_by", PLAIN_TEXT, nullable=True),
        sa.Column("decided_at", SIGNED_64, nullable=True),
        sa.Column("opened_at", SIGNED_64, nullable=True),
        sa.Column("key_id", PLAIN_TEXT, nullable=True),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
    )
    op.execute(
        "INSERT INTO vault_reveal (root_key, state, opened_at, "
        f"{KEPT}) SELECT (SELECT root_key FROM vault_entry WHERE vault_entry.key = earlier_reveal.entry_key), "
        "CASE result WHEN 'SUCCESS' THEN 'APPROVED' ELSE 'FORBIDDEN' END, "
        f"CASE result WHEN 'SUCCESS' THEN at END, {KEPT} FROM earlier_reveal"
    )
    op.drop_table("earlier_reveal")
    with op.batch_alter_table("vault_reveal") as batch:
        batch.create_primary_key(op.f("pk_vault_reveal"), ["key"])
    for name, columns in INDEXES.items():
        op.create_index(name, "vault_reveal", columns)


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, "vault_reveal")
    op.rename_table("vault_reveal", "later_reveal")
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
    )
    op.execute(
        f"INSERT INTO vault_reveal (result, {KEPT}) SELECT CASE WHEN opened_at IS NULL THEN 'FORBIDDEN' "
        f"ELSE 'SUCCESS' END, {KEPT} FROM later_reveal WHERE key_id IS NOT NULL"
    )
    op.drop_table("later_reveal")
    with op.batch_alter_table("vault_reveal") as batch:
        batch.create_primary_key(op.f("pk_vault_reveal"), ["key"])
    for name in list(INDEXES)[:2]:
        op.create_index(name, "vault_reveal", INDEXES[name])
    for table in WAITING:
        for column in ("content", "wrapped_key", "key_id"):
            op.drop_column(table, column)
    op.drop_column("case_record", "identity")
