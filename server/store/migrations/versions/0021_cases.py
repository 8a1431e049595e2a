"""Cases.

Revision: 0021
Revises: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

SIGNED_64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PLAIN_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "case_record",
        sa.Column("key", SIGNED_64, autoincrement=False, nullable=False),
        sa.Column("case_no", PLAIN_TEXT, nullable=False),
        sa.Column("root_key", SIGNED_64, nullable=False),
        sa.Column("title", PLAIN_TEXT, nullable=False),
        sa.Column("text", PLAIN_TEXT, nullable=False),
        sa.Column("state", PLAIN_TEXT, nullable=False),
        sa.Column("category", PLAIN_TEXT, nullable=True),
        sa.Column("urgency", PLAIN_TEXT, nullable=True),
        sa.Column("channel", PLAIN_TEXT, nullable=True),
        sa.Column("place", PLAIN_TEXT, nullable=True),
        sa.Column("building", PLAIN_TEXT, nullable=True),
        sa.Column("grid_code", PLAIN_TEXT, nullable=True),
        sa.Column("latitude", sa.Integer(), nullable=True),
        sa.Column("longitude", sa.Integer(), nullable=True),
        sa.Column("street", PLAIN_TEXT, nullable=True),
        sa.Column("community", PLAIN_TEXT, nullable=True),
        sa.Column("lead_unit", PLAIN_TEXT, nullable=True),
        sa.Column("conflict_unit", PLAIN_TEXT, nullable=True),
        sa.Column("reporters", sa.Integer(), nullable=False),
        sa.Column("recurrence_of", PLAIN_TEXT, nullable=True),
        sa.Column("joined_to", PLAIN_TEXT, nullable=True),
        sa.Column("outcome", PLAIN_TEXT, nullable=True),
        sa.Column("reply", PLAIN_TEXT, nullable=True),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.Column("received_at", SIGNED_64, nullable=False),
        sa.Column("review_at", SIGNED_64, nullable=True),
        sa.Column("parked_reason", PLAIN_TEXT, nullable=True),
        sa.Column("closed_at", SIGNED_64, nullable=True),
        sa.Column("secret_hash", PLAIN_TEXT, nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_case_record")),
        sa.UniqueConstraint("case_no", name=op.f("uq_case_record_case_no")),
        sa.UniqueConstraint("root_key", name=op.f("uq_case_record_root_key")),
    )
    for columns in (
        ["latitude", "longitude"],
        ["building", "received_at"],
        ["received_at", "key"],
        ["state", "received_at"],
        ["street", "received_at"],
        ["lead_unit", "received_at"],
        ["category", "received_at"],
        ["joined_to"],
        ["recurrence_of"],
    ):
        op.create_index(op.f(f"ix_case_record_{'_'.join(columns)}"), "case_record", columns, unique=False)


def downgrade() -> None:
    op.drop_table("case_record")
