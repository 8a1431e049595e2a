"""Meetings and their plans.

Revision: 0035
Revises: 0034
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

SIGNED_64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PLAIN_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "meeting",
        sa.Column("key", SIGNED_64, autoincrement=False, nullable=False),
        sa.Column("meeting_no", PLAIN_TEXT, nullable=False),
        sa.Column("committee", PLAIN_TEXT, nullable=False),
        sa.Column("kind", PLAIN_TEXT, nullable=False),
        sa.Column("root_key", SIGNED_64, nullable=False),
        sa.Column("opened_at", SIGNED_64, nullable=False),
        sa.Column("updated_at", SIGNED_64, nullable=False),
        sa.Column("state", PLAIN_TEXT, nullable=False),
        sa.Column("session_at", SIGNED_64, nullable=True),
        sa.Column("held_at", SIGNED_64, nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meeting")),
        sa.UniqueConstraint("meeting_no", name=op.f("uq_meeting_meeting_no")),
    )
    for columns in (["committee", "opened_at"], ["state"], ["opened_at", "key"]):
        op.create_index(op.f(f"ix_meeting_{'_'.join(columns)}"), "meeting", columns, unique=False)
    op.create_table(
        "meeting_plan",
        sa.Column("key", SIGNED_64, autoincrement=False, nullable=False),
        sa.Column("committee", PLAIN_TEXT, nullable=False),
        sa.Column("kind", PLAIN_TEXT, nullable=False),
        sa.Column("period", PLAIN_TEXT, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("updated_at", SIGNED_64, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("anchor_on", PLAIN_TEXT, nullable=True),
        sa.Column("next_start_at", SIGNED_64, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_by", PLAIN_TEXT, nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meeting_plan")),
        sa.UniqueConstraint("committee", "kind", name=op.f("uq_meeting_plan_committee_kind")),
    )
    op.create_index(op.f("ix_meeting_plan_next_start_at"), "meeting_plan", ["next_start_at"], unique=False)


def downgrade() -> None:
    op.drop_table("meeting_plan")
    op.drop_table("meeting")
