"""Items that committees are to decide on.

Revision: 0030
Revises: 0029
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

SIGNED_64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PLAIN_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "meeting_item",
        sa.Column("key", SIGNED_64, autoincrement=False, nullable=False),
        sa.Column("item_key", PLAIN_TEXT, nullable=False),
        sa.Column("committee", PLAIN_TEXT, nullable=False),
        sa.Column("title", PLAIN_TEXT, nullable=False),
        sa.Column("facts", PLAIN_TEXT, nullable=False),
        sa.Column("desired_decision", PLAIN_TEXT, nullable=False),
        sa.Column("source", PLAIN_TEXT, nullable=False),
        sa.Column("urgency", PLAIN_TEXT, nullable=True),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("proposed_at", SIGNED_64, nullable=False),
        sa.Column("updated_at", SIGNED_64, nullable=False),
        sa.Column("state", PLAIN_TEXT, nullable=False),
        sa.Column("case_no", PLAIN_TEXT, nullable=True),
        sa.Column("reconsiders", PLAIN_TEXT, nullable=True),
        sa.Column("root_key", SIGNED_64, nullable=True),
        sa.Column("carried", sa.Integer(), nullable=False),
        sa.Column("meeting_no", PLAIN_TEXT, nullable=True),
        sa.Column("decision", PLAIN_TEXT, nullable=True),
        sa.Column("next_on", PLAIN_TEXT, nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meeting_item")),
        sa.UniqueConstraint("item_key", name=op.f("uq_meeting_item_item_key")),
    )
    for columns in (["committee", "state"], ["case_no"], ["meeting_no"]):
        op.create_index(op.f(f"ix_meeting_item_{'_'.join(columns)}"), "meeting_item", columns, unique=False)
    op.create_table(
        "meeting_item_event",
        sa.Column("item_key", PLAIN_TEXT, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", SIGNED_64, nullable=False),
        sa.Column("verb", PLAIN_TEXT, nullable=False),
        sa.Column("committee", PLAIN_TEXT, nullable=False),
        sa.Column("actor", PLAIN_TEXT, nullable=False),
        sa.Column("meeting_no", PLAIN_TEXT, nullable=True),
        sa.Column("decision", PLAIN_TEXT, nullable=True),
        sa.Column("note", PLAIN_TEXT, nullable=True),
        sa.PrimaryKeyConstraint("item_key", "number", name=op.f("pk_meeting_item_event")),
    )


def downgrade() -> None:
    op.drop_table("meeting_item_event")
    op.drop_table("meeting_item")
