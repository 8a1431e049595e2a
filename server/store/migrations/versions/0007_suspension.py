"""Suspension: what waits in a suspended instance is marked, so that nobody picks it.

Revision: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SIGNED_64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MARKED = ("root_instance", "job", "timer", "message_subscription", "signal_subscription", "signal_delivery")
OFFERED = "state = 'CREATED' AND retries > 0"


def upgrade() -> None:
    op.add_column("process_instance", sa.Column("suspended_date", SIGNED_64, nullable=True))
    for table in MARKED:
        op.add_column(table, sa.Column("suspended", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.drop_index("ix_job_offered", table_name="job")
    _index("ix_job_offered", "job", ["type", "available_at", "key"], f"{OFFERED} AND ")
    _index("ix_timer_running", "timer", ["due_at", "key"])
    _index("ix_signal_delivery_running", "signal_delivery", ["signal_key", "receiver_key", "element_id"])
    op.create_index(op.f("ix_signal_delivery_root_key"), "signal_delivery", ["root_key"], unique=False)


def _index(name: str, table: str, columns: list[str], condition: str = "") -> None:
    op.create_index(
        name,
        table,
        columns,
        unique=False,
        sqlite_where=sa.text(f"{condition}suspended = 0"),
        postgresql_where=sa.text(f"{condition}NOT suspended"),
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_signal_delivery_root_key"), table_name="signal_delivery")
    op.drop_index("ix_signal_delivery_running", table_name="signal_delivery")
    op.drop_index("ix_timer_running", table_name="timer")
    op.drop_index("ix_job_offered", table_name="job")
    op.create_index(
        "ix_job_offered",
        "job",
        ["type", "available_at", "key"],
        unique=False,
        sqlite_where=sa.text(OFFERED),
        postgresql_where=sa.text(OFFERED),
    )
    for table in reversed(MARKED):
        op.drop_column(table, "suspended")
    op.drop_column("process_instance", "suspended_date")
