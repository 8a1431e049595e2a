"""Notifications: what people are told and were told, deliveries, preferences, webhooks.

What is open or closed already is not told again.

Revision: 0026
Revises: 0025
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

SIGNED_64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PLAIN_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
UNANNOUNCED = sa.text("state = 'CREATED' AND announced = 0")
TO_WARN = sa.text("state = 'CREATED' AND announced < 3 AND due_date IS NOT NULL")
CLOSED = "parent_key IS NULL AND end_date IS NOT NULL"


def _key(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, SIGNED_64, nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, PLAIN_TEXT, nullable=nullable)


def _primary() -> sa.Column[Any]:
    return sa.Column("key", SIGNED_64, autoincrement=False, nullable=False)


def _where(name: str, table: str, columns: list[str], sqlite: str, postgresql: str | None = None) -> None:
    op.create_index(
        name, table, columns, sqlite_where=sa.text(sqlite), postgresql_where=sa.text(postgresql or sqlite)
    )


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns), unique=False)


def upgrade() -> None:
    op.add_column("user_task", sa.Column("announced", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.execute("UPDATE user_task SET announced = 1")
    _where("ix_user_task_unannounced", "user_task", ["key"], str(UNANNOUNCED))
    _where("ix_user_task_to_warn", "user_task", ["due_date", "key"], str(TO_WARN))
    op.add_column(
        "process_instance", sa.Column("announced", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.execute(sa.text("UPDATE process_instance SET announced = :done WHERE end_date IS NOT NULL").bindparams(
        sa.bindparam("done", True, sa.Boolean())
    ))
    _where(
        "ix_process_instance_closed", "process_instance", ["key"],
        f"{CLOSED} AND announced = 0", f"{CLOSED} AND NOT announced",
    )
    _events()
    _notifications()
    _deliveries()
    op.create_table(
        "notification_preference",
        _text("user_name"),
        _text("email", nullable=True),
        _text("language"),
        _text("digest"),
        sa.Column("quiet_from", sa.Integer(), nullable=True),
        sa.Column("quiet_until", sa.Integer(), nullable=True),
        sa.Column("ways", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_name"], ["user_account.name"], name=op.f("fk_notification_preference_user_name")
        ),
        sa.PrimaryKeyConstraint("user_name", name=op.f("pk_notification_preference")),
    )
    _index("notification_preference", "digest")
    op.create_table(
        "webhook",
        _text("name"),
        _text("url"),
        sa.Column("events", sa.Text(), nullable=False),
        _key("created_at", nullable=False),
        _text("key_id"),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_webhook")),
    )


def _events() -> None:
    op.create_table(
        "notification_event",
        _primary(),
        _text("kind"),
        _key("at", nullable=False),
        _key("process_instance_key", nullable=False),
        _key("root_key", nullable=False),
        _key("process_definition_key", nullable=False),
        _key("user_task_key"),
        _text("task_name", nullable=True),
        sa.Column("people", sa.Text(), nullable=False),
        sa.Column("groups", sa.Text(), nullable=False),
        _text("actor", nullable=True),
        _text("subject", nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_notification_event")),
    )


def _notifications() -> None:
    op.create_table(
        "notification",
        _primary(),
        _text("event"),
        _text("user_name"),
        _text("kind"),
        _key("created_at", nullable=False),
        _key("process_instance_key", nullable=False),
        _key("root_key", nullable=False),
        _text("process_id"),
        _text("process_name", nullable=True),
        _key("user_task_key"),
        _text("task_name", nullable=True),
        _text("case_no", nullable=True),
        _text("subject", nullable=True),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.Boolean(), nullable=False),
        _key("read_at"),
        sa.ForeignKeyConstraint(["user_name"], ["user_account.name"], name=op.f("fk_notification_user_name")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_notification")),
        sa.UniqueConstraint("event", "user_name", name=op.f("uq_notification_event_user_name")),
    )
    _index("notification", "user_name", "key")
    _index("notification", "created_at")
    _where(
        "ix_notification_unread", "notification", ["user_name", "key"],
        "read_at IS NULL AND shown = 1", "read_at IS NULL AND shown",
    )
    _where("ix_notification_gathered", "notification", ["user_name", "key"], "digest = 1", "digest")


def _deliveries() -> None:
    op.create_table(
        "delivery",
        _primary(),
        _text("channel"),
        _text("recipient"),
        sa.Column("content", sa.Text(), nullable=False),
        _text("dedupe_key"),
        _text("state"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _key("created_at", nullable=False),
        _key("due_at"),
        _key("ended_at"),
        _text("lease_owner", nullable=True),
        _text("problem", nullable=True),
        _key("job_key"),
        _key("process_instance_key"),
        _key("settle_at"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_delivery")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_delivery_dedupe_key")),
    )
    _where("ix_delivery_due", "delivery", ["due_at", "key"], "due_at IS NOT NULL")
    _where("ix_delivery_unsettled", "delivery", ["settle_at", "key"], "settle_at IS NOT NULL")
    _index("delivery", "created_at", "key")
    _index("delivery", "state", "key")
    _index("delivery", "recipient", "key")


def downgrade() -> None:
    for table in ("webhook", "notification_preference", "delivery", "notification", "notification_event"):
        op.drop_table(table)
    op.drop_index("ix_process_instance_closed", table_name="process_instance")
    for name in ("ix_user_task_to_warn", "ix_user_task_unannounced"):
        op.drop_index(name, table_name="user_task")
    with op.batch_alter_table("process_instance") as process_instance:
        process_instance.drop_column("announced")
    with op.batch_alter_table("user_task") as user_task:
        user_task.drop_column("announced")
