"""Units have days of validity and successors, and take part in bodies beside the tree.

Revision: 0032
Revises: 0031
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

PLAIN_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
UNIT_COLUMNS = ("valid_from", "valid_to", "succeeded_by")


def upgrade() -> None:
    for name in UNIT_COLUMNS:
        op.add_column("unit", sa.Column(name, PLAIN_TEXT, nullable=True))
    op.create_table(
        "affiliation",
        sa.Column("kind", PLAIN_TEXT, nullable=False),
        sa.Column("body", PLAIN_TEXT, nullable=False),
        sa.Column("unit_id", PLAIN_TEXT, nullable=False),
        sa.Column("role", PLAIN_TEXT, nullable=False),
        sa.Column("valid_from", PLAIN_TEXT, nullable=True),
        sa.Column("valid_to", PLAIN_TEXT, nullable=True),
        sa.PrimaryKeyConstraint("kind", "body", "unit_id", name=op.f("pk_affiliation")),
    )


def downgrade() -> None:
    op.drop_table("affiliation")
    for name in reversed(UNIT_COLUMNS):
        op.drop_column("unit", name)
