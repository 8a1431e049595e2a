"""What each deployment defines.

Revision: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

SIGNED_64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PLAIN_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "deployment_definition",
        sa.Column("deployment_key", SIGNED_64, nullable=False),
        sa.Column("kind", PLAIN_TEXT, nullable=False),
        sa.Column("definition_id", PLAIN_TEXT, nullable=False),
        sa.Column("definition_key", SIGNED_64, nullable=False),
        sa.ForeignKeyConstraint(
            ["deployment_key"],
            ["deployment.key"],
            name=op.f("fk_deployment_definition_deployment_key_deployment"),
        ),
        sa.PrimaryKeyConstraint("deployment_key", "kind", "definition_id", name=op.f("pk_deployment_definition")),
    )


def downgrade() -> None:
    op.drop_table("deployment_definition")
