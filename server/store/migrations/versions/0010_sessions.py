"""Sessions, resets of passwords, and limits on trying.

Revision: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

PLAIN_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
SIGNED_64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "session",
        sa.Column("hash", PLAIN_TEXT, nullable=False),
        sa.Column("user_name", PLAIN_TEXT, nullable=False),
        sa.Column("credential_version", sa.Integer(), nullable=False),
        sa.Column("via", PLAIN_TEXT, nullable=False),
        sa.Column("created_at", SIGNED_64, nullable=False),
        sa.Column("seen_at", SIGNED_64, nullable=False),
        sa.Column("ends_at", SIGNED_64, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_name"], ["user_account.name"], name=op.f("fk_session_user_name")
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_session")),
    )
    op.create_index(op.f("ix_session_user_name"), "session", ["user_name"], unique=False)
    op.create_index(op.f("ix_session_ends_at"), "session", ["ends_at"], unique=False)
    op.create_table(
        "password_reset",
        sa.Column("hash", PLAIN_TEXT, nullable=False),
        sa.Column("user_name", PLAIN_TEXT, nullable=False),
        sa.Column("ends_tokens", sa.Boolean(), nullable=False),
        sa.Column("expires_at", SIGNED_64, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_name"], ["user_account.name"], name=op.f("fk_password_reset_user_name")
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_password_reset")),
    )
    op.create_index(op.f("ix_password_reset_user_name"), "password_reset", ["user_name"], unique=False)
    op.create_table(
        "known_place",
        sa.Column("user_name", PLAIN_TEXT, nullable=False),
        sa.Column("place", PLAIN_TEXT, nullable=False),
        sa.Column("seen_at", SIGNED_64, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_name"], ["user_account.name"], name=op.f("fk_known_place_user_name")
        ),
        sa.PrimaryKeyConstraint("user_name", "place", name=op.f("pk_known_place")),
    )
    op.create_index(op.f("ix_known_place_seen_at"), "known_place", ["seen_at"], unique=False)
    op.create_table(
        "rate_limit",
        sa.Column("bucket", PLAIN_TEXT, nullable=False),
        sa.Column("spent_until", SIGNED_64, nullable=False),
        sa.PrimaryKeyConstraint("bucket", name=op.f("pk_rate_limit")),
    )
    op.create_index(op.f("ix_rate_limit_spent_until"), "rate_limit", ["spent_until"], unique=False)


def downgrade() -> None:
    for table in ("rate_limit", "known_place", "password_reset", "session"):
        op.drop_table(table)
