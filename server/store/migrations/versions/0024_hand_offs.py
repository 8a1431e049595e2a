"""Hand-offs, co-signers, copies and comments.

Revision: 0024
Revises: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

SIGNED_64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PLAIN_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("user_task", sa.Column("owner", PLAIN_TEXT, nullable=True))
    op.add_column("user_task", sa.Column("co_signers", sa.Text(), nullable=True))
    op.add_column("user_task", sa.Column("copied_to", sa.Text(), nullable=True))
    op.create_table(
        "hand_off",
        sa.Column("key", SIGNED_64, autoincrement=False, nullable=False),
        sa.Column("kind", PLAIN_TEXT, nullable=False),
        sa.Column("root_key", SIGNED_64, nullable=False),
        sa.Column("process_instance_key", SIGNED_64, nullable=False),
        sa.Column("user_task_key", SIGNED_64, nullable=True),
        sa.Column("actor", PLAIN_TEXT, nullable=False),
        sa.Column("at", SIGNED_64, nullable=False),
        sa.Column("reason", PLAIN_TEXT, nullable=False),
        sa.Column("recipients", sa.Text(), nullable=False),
        sa.Column("acting_for", PLAIN_TEXT, nullable=True),
        sa.Column("element_id", PLAIN_TEXT, nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_hand_off")),
    )
    op.create_table(
        "copied",
        sa.Column("key", SIGNED_64, autoincrement=False, nullable=False),
        sa.Column("root_key", SIGNED_64, nullable=False),
        sa.Column("process_instance_key", SIGNED_64, nullable=False),
        sa.Column("user_task_key", SIGNED_64, nullable=True),
        sa.Column("recipient", PLAIN_TEXT, nullable=False),
        sa.Column("sender", PLAIN_TEXT, nullable=False),
        sa.Column("reason", PLAIN_TEXT, nullable=False),
        sa.Column("at", SIGNED_64, nullable=False),
        sa.Column("read_at", SIGNED_64, nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_copied")),
    )
    op.create_table(
        "comment",
        sa.Column("key", SIGNED_64, autoincrement=False, nullable=False),
        sa.Column("root_key", SIGNED_64, nullable=False),
        sa.Column("process_instance_key", SIGNED_64, nullable=False),
        sa.Column("user_task_key", SIGNED_64, nullable=True),
        sa.Column("author", PLAIN_TEXT, nullable=False),
        sa.Column("text", PLAIN_TEXT, nullable=False),
        sa.Column("created_at", SIGNED_64, nullable=False),
        sa.Column("edited_at", SIGNED_64, nullable=True),
        sa.Column("deleted_at", SIGNED_64, nullable=True),
        sa.Column("mentions", sa.Text(), nullable=False),
        sa.Column("earlier", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_comment")),
    )
    op.create_table(
        "comment_mention",
        sa.Column("comment_key", SIGNED_64, nullable=False),
        sa.Column("name", PLAIN_TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_key"], ["comment.key"], name=op.f("fk_comment_mention_comment_key"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("comment_key", "name", name=op.f("pk_comment_mention")),
    )
    for table, *columns in (
        ("hand_off", "root_key", "key"),
        ("hand_off", "user_task_key", "key"),
        ("copied", "recipient", "key"),
        ("copied", "sender", "key"),
        ("copied", "root_key"),
        ("comment", "root_key", "key"),
        ("comment", "user_task_key", "key"),
        ("comment", "author", "key"),
        ("comment_mention", "name", "comment_key"),
    ):
        op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, columns, unique=False)


def downgrade() -> None:
    for table in ("comment_mention", "comment", "copied", "hand_off"):
        op.drop_table(table)
    with op.batch_alter_table("user_task") as user_task:
        for column in ("copied_to", "co_signers", "owner"):
            user_task.drop_column(column)
