"""What instances wait for is searched: since when, and by process instance.

Revision: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

SIGNED_64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WAITING = ("timer", "message_subscription", "signal_subscription")


def upgrade() -> None:
    instance = sa.table("process_instance", sa.column("key"), sa.column("start_date"))
    for name in WAITING:
        op.add_column(name, sa.Column("creation_date", SIGNED_64, nullable=True))
        waiting = sa.table(name, sa.column("process_instance_key"), sa.column("creation_date"))
        started = sa.select(instance.c.start_date).where(instance.c.key == waiting.c.process_instance_key)
        op.execute(sa.update(waiting).values(creation_date=started.scalar_subquery()))
        op.create_index(op.f(f"ix_{name}_process_instance_key"), name, ["process_instance_key"], unique=False)
    op.add_column("job", sa.Column("updated_at", SIGNED_64, nullable=True))
    job = sa.table("job", sa.column("updated_at"), sa.column("end_date"), sa.column("creation_date"))
    op.execute(sa.update(job).values(updated_at=sa.func.coalesce(job.c.end_date, job.c.creation_date)))
    op.create_index(op.f("ix_job_type_key"), "job", ["type", "key"], unique=False)
    failed = sa.text("state = 'FAILED'")
    op.create_index(
        "ix_job_failed", "job", ["creation_date", "key"], unique=False, sqlite_where=failed, postgresql_where=failed
    )


def downgrade() -> None:
    op.drop_index("ix_job_failed", table_name="job")
    op.drop_index(op.f("ix_job_type_key"), table_name="job")
    op.drop_column("job", "updated_at")
    for name in reversed(WAITING):
        op.drop_index(op.f(f"ix_{name}_process_instance_key"), table_name=name)
        op.drop_column(name, "creation_date")
