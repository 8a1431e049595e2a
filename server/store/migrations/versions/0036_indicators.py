"""Indicators are found by the period: clocks by their beginning, rows by when they were added, cases by their end.

Revision: 0036
Revises: 0035
"""

from __future__ import annotations

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_clock_name_started_at"), "clock", ["name", "started_at"])
    op.create_index(op.f("ix_list_row_list_name_created_at"), "list_row", ["list_name", "created_at"])
    op.create_index(op.f("ix_case_record_closed_at"), "case_record", ["closed_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_case_record_closed_at"), "case_record")
    op.drop_index(op.f("ix_list_row_list_name_created_at"), "list_row")
    op.drop_index(op.f("ix_clock_name_started_at"), "clock")
