"""Requests with a key of idempotency.

Revision: 0020
Revises: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

SIGNED_64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PLAIN_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "idempotent_request",
        sa.Column("actor", PLAIN_TEXT, nullable=False),
        sa.Column("idempotency_key", PLAIN_TEXT, nullable=False),
        sa.Column("fingerprint", PLAIN_TEXT, nullable=False),
        sa.Column("begun_at", SIGNED_64, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("actor", "idempotency_key", name=op.f("pk_idempotent_request")),
    )
    op.create_index(op.f("ix_idempotent_request_begun_at"), "idempotent_request", ["begun_at"], unique=False)


def downgrade() -> None:
    op.drop_table("idempotent_request")
