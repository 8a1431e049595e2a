"""Absence: who stands in for whom, who leaves, and for whom somebody acted.

Revision: 0016
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

SIGNED_64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PLAIN_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("user_account", sa.Column("leaves_at", SIGNED_64, nullable=True))
    op.create_index(op.f("ix_user_account_leaves_at"), "user_account", ["leaves_at"], unique=False)
    op.add_column("audit_entry", sa.Column("acting_for", PLAIN_TEXT, nullable=True))
    op.create_table(
        "substitution",
        sa.Column("key", SIGNED_64, autoincrement=False, nullable=False),
        sa.Column("absent", PLAIN_TEXT, nullable=False),
        sa.Column("substitute", PLAIN_TEXT, nullable=False),
        sa.Column("groups", sa.Text(), nullable=True),
        sa.Column("begins_at", SIGNED_64, nullable=False),
        sa.Column("ends_at", SIGNED_64, nullable=False),
        sa.ForeignKeyConstraint(["absent"], ["user_account.name"], name=op.f("fk_substitution_absent")),
        sa.ForeignKeyConstraint(["substitute"], ["user_account.name"], name=op.f("fk_substitution_substitute")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_substitution")),
    )
    for column in ("absent", "substitute", "ends_at"):
        op.create_index(op.f(f"ix_substitution_{column}"), "substitution", [column], unique=False)


def downgrade() -> None:
    op.drop_table("substitution")
    op.drop_index(op.f("ix_user_account_leaves_at"), table_name="user_account")
    with op.batch_alter_table("user_account") as user_account:
        user_account.drop_column("leaves_at")
    with op.batch_alter_table("audit_entry") as audit_entry:
        audit_entry.drop_column("acting_for")
