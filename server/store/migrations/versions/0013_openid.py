"""Signing in by an OpenID Connect provider.

Revision: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

SIGNED_64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PLAIN_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("membership", sa.Column("claimed", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "external_identity",
        sa.Column("issuer", PLAIN_TEXT, nullable=False),
        sa.Column("subject", PLAIN_TEXT, nullable=False),
        sa.Column("user_name", PLAIN_TEXT, nullable=False),
        sa.Column("synced_at", SIGNED_64, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_name"], ["user_account.name"], name=op.f("fk_external_identity_user_name")
        ),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_external_identity")),
        sa.UniqueConstraint("issuer", "user_name", name=op.f("uq_external_identity_issuer_user_name")),
    )
    op.create_index(op.f("ix_external_identity_user_name"), "external_identity", ["user_name"], unique=False)
    op.create_table(
        "claimed_group",
        sa.Column("claim", PLAIN_TEXT, nullable=False),
        sa.Column("group_name", PLAIN_TEXT, nullable=False),
        sa.PrimaryKeyConstraint("claim", "group_name", name=op.f("pk_claimed_group")),
    )
    op.create_table(
        "sign_in_request",
        sa.Column("state_hash", PLAIN_TEXT, nullable=False),
        sa.Column("browser_hash", PLAIN_TEXT, nullable=False),
        sa.Column("following", PLAIN_TEXT, nullable=True),
        sa.Column("expires_at", SIGNED_64, nullable=False),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_sign_in_request")),
    )
    op.create_index(op.f("ix_sign_in_request_expires_at"), "sign_in_request", ["expires_at"], unique=False)


def downgrade() -> None:
    for table in ("sign_in_request", "claimed_group", "external_identity"):
        op.drop_table(table)
    with op.batch_alter_table("membership") as membership:
        membership.drop_column("claimed")
