"""Incidents are found by the hash code of their message.

Revision: 0038
Revises: 0037
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

INCIDENT = sa.table(
    "incident",
    sa.column("key", sa.BigInteger()),
    sa.column("message", sa.Text()),
    sa.column("expression", sa.Text()),
    sa.column("message_hash", sa.Integer()),
)


def upgrade() -> None:
    op.add_column("incident", sa.Column("message_hash", sa.Integer(), nullable=True))
    connection = op.get_bind()
    for row in connection.execute(sa.select(INCIDENT.c.key, INCIDENT.c.message, INCIDENT.c.expression)).all():
        told = row.message
        if row.expression and row.expression not in told:
            told = f"{told} (expression: {row.expression})"
        changed = sa.update(INCIDENT).where(INCIDENT.c.key == row.key)
        connection.execute(changed.values(message_hash=hash_code(told)))


def downgrade() -> None:
    op.drop_column("incident", "message_hash")


def hash_code(text: str) -> int:
    """Return the hash code of a Java string."""
    units = text.encode("utf-16-le", "surrogatepass")
    found = 0
    for low, high in zip(units[::2], units[1::2], strict=True):
        found = (31 * found + (high << 8 | low)) & 0xFFFFFFFF
    return found - (1 << 32) if found >= 1 << 31 else found
