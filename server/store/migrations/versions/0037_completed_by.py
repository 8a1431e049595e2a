"""Who completed a user task, so that people find what they have done.

Tasks that ended before have it from the history.

Revision: 0037
Revises: 0036
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

PLAIN_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DONE = sa.text("completed_by IS NOT NULL")


def upgrade() -> None:
    op.add_column("user_task", sa.Column("completed_by", PLAIN_TEXT, nullable=True))
    op.execute(
        "UPDATE user_task SET completed_by = (SELECT max(history.actor) FROM history"
        " WHERE history.element_instance_key = user_task.element_instance_key AND history.event = 'COMPLETED')"
        " WHERE state = 'COMPLETED'"
    )
    op.create_index(
        "ix_user_task_done",
        "user_task",
        ["completed_by", "completion_date", "key"],
        unique=False,
        sqlite_where=DONE,
        postgresql_where=DONE,
    )


def downgrade() -> None:
    op.drop_index("ix_user_task_done", table_name="user_task")
    op.drop_column("user_task", "completed_by")
