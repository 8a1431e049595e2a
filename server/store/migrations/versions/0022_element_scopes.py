"""The history says what an element instance was entered in: the process instance or the element around it.

Revision: 0022
Revises: 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

SIGNED_64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("history", sa.Column("scope_key", SIGNED_64, nullable=True))


def downgrade() -> None:
    op.drop_column("history", "scope_key")
