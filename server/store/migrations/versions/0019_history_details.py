"""The history says more: when a timer was due, which message came, what was changed.

Revision: 0019
Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

INCIDENT = sa.table("incident", sa.column("type"))
OLD, NEW = "RESOURCE_LIMIT", "MESSAGE_SIZE_EXCEEDED"


def upgrade() -> None:
    op.add_column("history", sa.Column("details", sa.Text(), server_default="{}", nullable=False))
    op.execute(sa.update(INCIDENT).where(INCIDENT.c.type == OLD).values(type=NEW))


def downgrade() -> None:
    op.execute(sa.update(INCIDENT).where(INCIDENT.c.type == NEW).values(type=OLD))
    op.drop_column("history", "details")
