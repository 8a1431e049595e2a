"""Jobs may be leased: whoever completes them has to know the token of the activation.

Revision: 0029
Revises: 0028
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

PLAIN_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("job", sa.Column("lease_token", PLAIN_TEXT, nullable=True))


def downgrade() -> None:
    op.drop_column("job", "lease_token")
