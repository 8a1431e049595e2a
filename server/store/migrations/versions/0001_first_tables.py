"""All tables of the first version.

Revision: 0001
Revises: nothing
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Written out, not taken from the tables of today: a migration stays what it was.
SIGNED_64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PLAIN_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

# The state is compressed already and is replaced by every step: not compressed twice, with room on the page for the
# next version, and cleaned up long before a fifth of the table is dead.
POSTGRESQL_STORAGE = (
    "ALTER TABLE root_instance ALTER COLUMN state SET STORAGE EXTERNAL",
    "ALTER TABLE root_instance SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02)",
)


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("key", SIGNED_64, autoincrement=False, nullable=False),
        sa.Column("at", SIGNED_64, nullable=False),
        sa.Column("actor", PLAIN_TEXT, nullable=False),
        sa.Column("operation", PLAIN_TEXT, nullable=False),
        sa.Column("entity_type", PLAIN_TEXT, nullable=False),
        sa.Column("entity_key", PLAIN_TEXT, nullable=False),
        sa.Column("root_key", SIGNED_64, nullable=True),
        sa.Column("payload_hash", PLAIN_TEXT, nullable=True),
        sa.Column("result", PLAIN_TEXT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_audit_entry")),
    )
    op.create_index(op.f("ix_audit_entry_actor"), "audit_entry", ["actor"], unique=False)
    op.create_index(op.f("ix_audit_entry_at_key"), "audit_entry", ["at", "key"], unique=False)
    op.create_index(
        op.f("ix_audit_entry_entity_type_entity_key"), "audit_entry", ["entity_type", "entity_key"], unique=False
    )
    op.create_index(op.f("ix_audit_entry_root_key"), "audit_entry", ["root_key"], unique=False)
    op.create_table(
        "client",
        sa.Column("client_id", PLAIN_TEXT, nullable=False),
        sa.Column("name", PLAIN_TEXT, nullable=False),
        sa.Column("secret_hash", PLAIN_TEXT, nullable=False),
        sa.Column("admin", sa.Boolean(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", SIGNED_64, nullable=False),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_client")),
    )
    op.create_table(
        "counter",
        sa.Column("name", PLAIN_TEXT, nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counter")),
    )
    op.create_table(
        "decision_definition",
        sa.Column("key", SIGNED_64, autoincrement=False, nullable=False),
        sa.Column("decision_id", PLAIN_TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", PLAIN_TEXT, nullable=True),
        sa.Column("version_tag", PLAIN_TEXT, nullable=True),
        sa.Column("resource_name", PLAIN_TEXT, nullable=False),
        sa.Column("content_hash", PLAIN_TEXT, nullable=False),
        sa.Column("deployment_key", SIGNED_64, nullable=False),
        sa.Column("requirements_key", SIGNED_64, nullable=False),
        sa.Column("requirements_id", PLAIN_TEXT, nullable=False),
        sa.Column("requirements_name", PLAIN_TEXT, nullable=False),
        sa.Column("requirements_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_decision_definition")),
        sa.UniqueConstraint("decision_id", "version", name=op.f("uq_decision_definition_decision_id_version")),
    )
    op.create_index(
        op.f("ix_decision_definition_decision_id_version_tag"),
        "decision_definition",
        ["decision_id", "version_tag"],
        unique=False,
    )
    op.create_index(
        op.f("ix_decision_definition_deployment_key"), "decision_definition", ["deployment_key"], unique=False
    )
    op.create_table(
        "deployment",
        sa.Column("key", SIGNED_64, autoincrement=False, nullable=False),
        sa.Column("created_at", SIGNED_64, nullable=False),
        sa.Column("actor", PLAIN_TEXT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_deployment")),
    )
    op.create_table(
        "form_definition",
        sa.Column("key", SIGNED_64, autoincrement=False, nullable=False),
        sa.Column("form_id", PLAIN_TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("version_tag", PLAIN_TEXT, nullable=True),
        sa.Column("resource_name", PLAIN_TEXT, nullable=False),
        sa.Column("content_hash", PLAIN_TEXT, nullable=False),
        sa.Column("deployment_key", SIGNED_64, nullable=False),
        sa.Column("schema", PLAIN_TEXT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_form_definition")),
        sa.UniqueConstraint("form_id", "version", name=op.f("uq_form_definition_form_id_version")),
    )
    op.create_index(op.f("ix_form_definition_deployment_key"), "form_definition", ["deployment_key"], unique=False)
    op.create_index(
        op.f("ix_form_definition_form_id_version_tag"), "form_definition", ["form_id", "version_tag"], unique=False
    )
    op.create_table(
        "history",
        sa.Column("key", SIGNED_64, autoincrement=False, nullable=False),
        sa.Column("element_id", PLAIN_TEXT, nullable=False),
        sa.Column("element_instance_key", SIGNED_64, nullable=False),
        sa.Column("process_instance_key", SIGNED_64, nullable=False),
        sa.Column("root_key", SIGNED_64, nullable=False),
        sa.Column("process_definition_key", SIGNED_64, nullable=False),
        sa.Column("process_id", PLAIN_TEXT, nullable=False),
        sa.Column("element_type", PLAIN_TEXT, nullable=False),
        sa.Column("event", PLAIN_TEXT, nullable=False),
        sa.Column("at", SIGNED_64, nullable=False),
        sa.Column("actor", PLAIN_TEXT, nullable=True),
        sa.Column("variables", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_history")),
    )
    op.create_index(op.f("ix_history_element_instance_key"), "history", ["element_instance_key"], unique=False)
    op.create_index(
        op.f("ix_history_process_instance_key_key"), "history", ["process_instance_key", "key"], unique=False
    )
    op.create_index(op.f("ix_history_root_key_key"), "history", ["root_key", "key"], unique=False)
    op.create_table(
        "incident",
        sa.Column("key", SIGNED_64, autoincrement=False, nullable=False),
        sa.Column("element_id", PLAIN_TEXT, nullable=False),
        sa.Column("element_instance_key", SIGNED_64, nullable=False),
        sa.Column("process_instance_key", SIGNED_64, nullable=False),
        sa.Column("root_key", SIGNED_64, nullable=False),
        sa.Column("process_definition_key", SIGNED_64, nullable=False),
        sa.Column("process_id", PLAIN_TEXT, nullable=False),
        sa.Column("type", PLAIN_TEXT, nullable=False),
        sa.Column("message", PLAIN_TEXT, nullable=False),
        sa.Column("state", PLAIN_TEXT, nullable=False),
        sa.Column("creation_date", SIGNED_64, nullable=False),
        sa.Column("job_key", SIGNED_64, nullable=True),
        sa.Column("expression", PLAIN_TEXT, nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_incident")),
    )
    op.create_index(
        "ix_incident_active",
        "incident",
        ["creation_date", "key"],
        unique=False,
        sqlite_where=sa.text("state = 'ACTIVE'"),
        postgresql_where=sa.text("state = 'ACTIVE'"),
    )
    op.create_index(op.f("ix_incident_job_key"), "incident", ["job_key"], unique=False)
    op.create_index(op.f("ix_incident_process_instance_key"), "incident", ["process_instance_key"], unique=False)
    op.create_index(op.f("ix_incident_root_key"), "incident", ["root_key"], unique=False)
    op.create_table(
        "job",
        sa.Column("key", SIGNED_64, autoincrement=False, nullable=False),
        sa.Column("element_id", PLAIN_TEXT, nullable=False),
        sa.Column("element_instance_key", SIGNED_64, nullable=False),
        sa.Column("process_instance_key", SIGNED_64, nullable=False),
        sa.Column("root_key", SIGNED_64, nullable=False),
        sa.Column("process_definition_key", SIGNED_64, nullable=False),
        sa.Column("process_id", PLAIN_TEXT, nullable=False),
        sa.Column("type", PLAIN_TEXT, nullable=False),
        sa.Column("state", PLAIN_TEXT, nullable=False),
        sa.Column("retries", sa.Integer(), nullable=False),
        sa.Column("creation_date", SIGNED_64, nullable=False),
        sa.Column("end_date", SIGNED_64, nullable=True),
        sa.Column("custom_headers", sa.Text(), nullable=False),
        sa.Column("worker", PLAIN_TEXT, nullable=True),
        sa.Column("deadline", SIGNED_64, nullable=True),
        sa.Column("available_at", SIGNED_64, nullable=False),
        sa.Column("error_message", PLAIN_TEXT, nullable=True),
        sa.Column("error_code", PLAIN_TEXT, nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_job")),
    )
    op.create_index(
        "ix_job_offered",
        "job",
        ["type", "available_at", "key"],
        unique=False,
        sqlite_where=sa.text("state = 'CREATED' AND retries > 0"),
        postgresql_where=sa.text("state = 'CREATED' AND retries > 0"),
    )
    op.create_index(op.f("ix_job_process_instance_key"), "job", ["process_instance_key"], unique=False)
    op.create_index(op.f("ix_job_root_key"), "job", ["root_key"], unique=False)
    op.create_table(
        "key_block",
        sa.Column("name", PLAIN_TEXT, nullable=False),
        sa.Column("next_key", SIGNED_64, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_key_block")),
    )
    op.create_table(
        "list_row",
        sa.Column("key", SIGNED_64, autoincrement=False, nullable=False),
        sa.Column("list_name", PLAIN_TEXT, nullable=False),
        sa.Column("case_no", PLAIN_TEXT, nullable=True),
        sa.Column("process_instance_key", SIGNED_64, nullable=False),
        sa.Column("root_key", SIGNED_64, nullable=False),
        sa.Column("element_id", PLAIN_TEXT, nullable=False),
        sa.Column("title", PLAIN_TEXT, nullable=False),
        sa.Column("owner", PLAIN_TEXT, nullable=True),
        sa.Column("measure", PLAIN_TEXT, nullable=True),
        sa.Column("due_at", SIGNED_64, nullable=True),
        sa.Column("status", PLAIN_TEXT, nullable=False),
        sa.Column("created_at", SIGNED_64, nullable=False),
        sa.Column("updated_at", SIGNED_64, nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_list_row")),
    )
    op.create_index(op.f("ix_list_row_case_no"), "list_row", ["case_no"], unique=False)
    op.create_index(op.f("ix_list_row_list_name_due_at"), "list_row", ["list_name", "due_at"], unique=False)
    op.create_index(op.f("ix_list_row_list_name_key"), "list_row", ["list_name", "key"], unique=False)
    op.create_index(op.f("ix_list_row_list_name_owner"), "list_row", ["list_name", "owner"], unique=False)
    op.create_index(op.f("ix_list_row_list_name_status"), "list_row", ["list_name", "status"], unique=False)
    op.create_index(op.f("ix_list_row_process_instance_key"), "list_row", ["process_instance_key"], unique=False)
    op.create_index(op.f("ix_list_row_root_key"), "list_row", ["root_key"], unique=False)
    op.create_table(
        "message",
        sa.Column("key", SIGNED_64, autoincrement=False, nullable=False),
        sa.Column("name", PLAIN_TEXT, nullable=False),
        sa.Column("correlation_key", PLAIN_TEXT, nullable=False),
        sa.Column("message_id", PLAIN_TEXT, nullable=True),
        sa.Column("variables", sa.Text(), nullable=False),
        sa.Column("expires_at", SIGNED_64, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_message")),
        sa.UniqueConstraint(
            "name", "correlation_key", "message_id", name=op.f("uq_message_name_correlation_key_message_id")
        ),
    )
    op.create_index(op.f("ix_message_expires_at"), "message", ["expires_at"], unique=False)
    op.create_table(
        "message_subscription",
        sa.Column("key", SIGNED_64, autoincrement=False, nullable=False),
        sa.Column("element_id", PLAIN_TEXT, nullable=False),
        sa.Column("element_instance_key", SIGNED_64, nullable=False),
        sa.Column("process_instance_key", SIGNED_64, nullable=False),
        sa.Column("root_key", SIGNED_64, nullable=False),
        sa.Column("process_definition_key", SIGNED_64, nullable=False),
        sa.Column("process_id", PLAIN_TEXT, nullable=False),
        sa.Column("message_name", PLAIN_TEXT, nullable=False),
        sa.Column("correlation_key", PLAIN_TEXT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_message_subscription")),
    )
    op.create_index(
        op.f("ix_message_subscription_message_name_correlation_key"),
        "message_subscription",
        ["message_name", "correlation_key"],
        unique=False,
    )
    op.create_index(op.f("ix_message_subscription_root_key"), "message_subscription", ["root_key"], unique=False)
    op.create_table(
        "process_definition",
        sa.Column("key", SIGNED_64, autoincrement=False, nullable=False),
        sa.Column("process_id", PLAIN_TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", PLAIN_TEXT, nullable=True),
        sa.Column("version_tag", PLAIN_TEXT, nullable=True),
        sa.Column("resource_name", PLAIN_TEXT, nullable=False),
        sa.Column("content_hash", PLAIN_TEXT, nullable=False),
        sa.Column("deployment_key", SIGNED_64, nullable=False),
        sa.Column("start_form_id", PLAIN_TEXT, nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_process_definition")),
        sa.UniqueConstraint("process_id", "version", name=op.f("uq_process_definition_process_id_version")),
    )
    op.create_index(
        op.f("ix_process_definition_deployment_key"), "process_definition", ["deployment_key"], unique=False
    )
    op.create_index(
        op.f("ix_process_definition_process_id_version_tag"),
        "process_definition",
        ["process_id", "version_tag"],
        unique=False,
    )
    op.create_table(
        "process_instance",
        sa.Column("key", SIGNED_64, autoincrement=False, nullable=False),
        sa.Column("root_key", SIGNED_64, nullable=False),
        sa.Column("process_definition_key", SIGNED_64, nullable=False),
        sa.Column("process_id", PLAIN_TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", PLAIN_TEXT, nullable=False),
        sa.Column("start_date", SIGNED_64, nullable=False),
        sa.Column("end_date", SIGNED_64, nullable=True),
        sa.Column("parent_key", SIGNED_64, nullable=True),
        sa.Column("parent_element_instance_key", SIGNED_64, nullable=True),
        sa.Column("business_id", PLAIN_TEXT, nullable=True),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("started_by", PLAIN_TEXT, nullable=True),
        sa.Column("start_correlation_key", PLAIN_TEXT, nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_process_instance")),
    )
    op.create_index(
        op.f("ix_process_instance_started_by_start_date"),
        "process_instance",
        ["started_by", "start_date"],
        unique=False,
    )
    op.create_index(
        op.f("ix_process_instance_start_correlation_key"),
        "process_instance",
        ["start_correlation_key"],
        unique=False,
    )
    op.create_index(
        "ix_process_instance_active",
        "process_instance",
        ["start_date", "key"],
        unique=False,
        sqlite_where=sa.text("state = 'ACTIVE'"),
        postgresql_where=sa.text("state = 'ACTIVE'"),
    )
    op.create_index(op.f("ix_process_instance_business_id"), "process_instance", ["business_id"], unique=False)
    op.create_index(op.f("ix_process_instance_parent_key"), "process_instance", ["parent_key"], unique=False)
    op.create_index(
        op.f("ix_process_instance_process_definition_key"), "process_instance", ["process_definition_key"], unique=False
    )
    op.create_index(
        op.f("ix_process_instance_process_id_start_date"),
        "process_instance",
        ["process_id", "start_date"],
        unique=False,
    )
    op.create_index(op.f("ix_process_instance_root_key"), "process_instance", ["root_key"], unique=False)
    op.create_index(op.f("ix_process_instance_start_date_key"), "process_instance", ["start_date", "key"], unique=False)
    op.create_table(
        "root_instance",
        sa.Column("root_key", SIGNED_64, autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("root_key", name=op.f("pk_root_instance")),
    )
    op.create_table(
        "start_subscription",
        sa.Column("process_id", PLAIN_TEXT, nullable=False),
        sa.Column("element_id", PLAIN_TEXT, nullable=False),
        sa.Column("definition_key", SIGNED_64, nullable=False),
        sa.Column("message_name", PLAIN_TEXT, nullable=False),
        sa.PrimaryKeyConstraint("process_id", "element_id", name=op.f("pk_start_subscription")),
    )
    op.create_index(op.f("ix_start_subscription_message_name"), "start_subscription", ["message_name"], unique=False)
    op.create_table(
        "timer",
        sa.Column("key", SIGNED_64, autoincrement=False, nullable=False),
        sa.Column("element_id", PLAIN_TEXT, nullable=False),
        sa.Column("element_instance_key", SIGNED_64, nullable=False),
        sa.Column("process_instance_key", SIGNED_64, nullable=False),
        sa.Column("root_key", SIGNED_64, nullable=False),
        sa.Column("process_definition_key", SIGNED_64, nullable=False),
        sa.Column("process_id", PLAIN_TEXT, nullable=False),
        sa.Column("due_at", SIGNED_64, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_timer")),
    )
    op.create_index(op.f("ix_timer_due_at_key"), "timer", ["due_at", "key"], unique=False)
    op.create_index(op.f("ix_timer_root_key"), "timer", ["root_key"], unique=False)
    op.create_table(
        "unit",
        sa.Column("unit_id", PLAIN_TEXT, nullable=False),
        sa.Column("name", PLAIN_TEXT, nullable=False),
        sa.Column("kind", PLAIN_TEXT, nullable=False),
        sa.Column("parent_id", PLAIN_TEXT, nullable=True),
        sa.PrimaryKeyConstraint("unit_id", name=op.f("pk_unit")),
    )
    op.create_index(op.f("ix_unit_parent_id"), "unit", ["parent_id"], unique=False)
    op.create_table(
        "user_account",
        sa.Column("name", PLAIN_TEXT, nullable=False),
        sa.Column("display_name", PLAIN_TEXT, nullable=False),
        sa.Column("password_hash", PLAIN_TEXT, nullable=True),
        sa.Column("admin", sa.Boolean(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("credential_version", sa.Integer(), nullable=False),
        sa.Column("created_at", SIGNED_64, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_user_account")),
    )
    op.create_table(
        "user_task",
        sa.Column("key", SIGNED_64, autoincrement=False, nullable=False),
        sa.Column("element_id", PLAIN_TEXT, nullable=False),
        sa.Column("element_instance_key", SIGNED_64, nullable=False),
        sa.Column("process_instance_key", SIGNED_64, nullable=False),
        sa.Column("root_key", SIGNED_64, nullable=False),
        sa.Column("process_definition_key", SIGNED_64, nullable=False),
        sa.Column("process_id", PLAIN_TEXT, nullable=False),
        sa.Column("name", PLAIN_TEXT, nullable=True),
        sa.Column("state", PLAIN_TEXT, nullable=False),
        sa.Column("creation_date", SIGNED_64, nullable=False),
        sa.Column("assignee", PLAIN_TEXT, nullable=True),
        sa.Column("candidate_groups", sa.Text(), nullable=False),
        sa.Column("candidate_users", sa.Text(), nullable=False),
        sa.Column("due_date", SIGNED_64, nullable=True),
        sa.Column("follow_up_date", SIGNED_64, nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("form_key", SIGNED_64, nullable=True),
        sa.Column("external_form_reference", PLAIN_TEXT, nullable=True),
        sa.Column("completion_date", SIGNED_64, nullable=True),
        sa.Column("custom_headers", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_user_task")),
        sa.UniqueConstraint("key", "state", name=op.f("uq_user_task_key_state")),
    )
    op.create_index(op.f("ix_user_task_assignee_state"), "user_task", ["assignee", "state"], unique=False)
    op.create_index(op.f("ix_user_task_creation_date_key"), "user_task", ["creation_date", "key"], unique=False)
    op.create_index(
        "ix_user_task_open",
        "user_task",
        ["creation_date", "key"],
        unique=False,
        sqlite_where=sa.text("state = 'CREATED'"),
        postgresql_where=sa.text("state = 'CREATED'"),
    )
    op.create_index(
        "ix_user_task_open_due",
        "user_task",
        ["due_date", "key"],
        unique=False,
        sqlite_where=sa.text("state = 'CREATED'"),
        postgresql_where=sa.text("state = 'CREATED'"),
    )
    op.create_index(op.f("ix_user_task_process_instance_key"), "user_task", ["process_instance_key"], unique=False)
    op.create_index(op.f("ix_user_task_root_key"), "user_task", ["root_key"], unique=False)
    op.create_table(
        "variable",
        sa.Column("key", SIGNED_64, autoincrement=False, nullable=False),
        sa.Column("scope_key", SIGNED_64, nullable=False),
        sa.Column("process_instance_key", SIGNED_64, nullable=False),
        sa.Column("root_key", SIGNED_64, nullable=False),
        sa.Column("name", PLAIN_TEXT, nullable=False),
        sa.Column("value", PLAIN_TEXT, nullable=False),
        sa.Column("value_head", PLAIN_TEXT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_variable")),
        sa.UniqueConstraint("scope_key", "name", name=op.f("uq_variable_scope_key_name")),
    )
    op.create_index(op.f("ix_variable_name_value_head"), "variable", ["name", "value_head"], unique=False)
    op.create_index(op.f("ix_variable_process_instance_key"), "variable", ["process_instance_key"], unique=False)
    op.create_table(
        "membership",
        sa.Column("user_name", PLAIN_TEXT, nullable=False),
        sa.Column("group_name", PLAIN_TEXT, nullable=False),
        sa.ForeignKeyConstraint(["user_name"], ["user_account.name"], name=op.f("fk_membership_user_name")),
        sa.PrimaryKeyConstraint("user_name", "group_name", name=op.f("pk_membership")),
    )
    op.create_index(op.f("ix_membership_group_name"), "membership", ["group_name"], unique=False)
    op.create_table(
        "process_instance_tag",
        sa.Column("process_instance_key", SIGNED_64, nullable=False),
        sa.Column("name", PLAIN_TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["process_instance_key"],
            ["process_instance.key"],
            name=op.f("fk_process_instance_tag_process_instance_key"),
        ),
        sa.PrimaryKeyConstraint("process_instance_key", "name", name=op.f("pk_process_instance_tag")),
    )
    op.create_index(op.f("ix_process_instance_tag_name"), "process_instance_tag", ["name"], unique=False)
    op.create_table(
        "resource",
        sa.Column("deployment_key", SIGNED_64, nullable=False),
        sa.Column("resource_name", PLAIN_TEXT, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["deployment_key"], ["deployment.key"], name=op.f("fk_resource_deployment_key")),
        sa.PrimaryKeyConstraint("deployment_key", "resource_name", name=op.f("pk_resource")),
    )
    op.create_table(
        "token",
        sa.Column("token_id", PLAIN_TEXT, nullable=False),
        sa.Column("hash", PLAIN_TEXT, nullable=False),
        sa.Column("user_name", PLAIN_TEXT, nullable=False),
        sa.Column("created_at", SIGNED_64, nullable=False),
        sa.Column("expires_at", SIGNED_64, nullable=True),
        sa.Column("last_used_at", SIGNED_64, nullable=True),
        sa.Column("name", PLAIN_TEXT, nullable=False),
        sa.ForeignKeyConstraint(["user_name"], ["user_account.name"], name=op.f("fk_token_user_name")),
        sa.PrimaryKeyConstraint("token_id", name=op.f("pk_token")),
        sa.UniqueConstraint("hash", name=op.f("uq_token_hash")),
    )
    op.create_index(op.f("ix_token_user_name"), "token", ["user_name"], unique=False)
    op.create_table(
        "user_task_candidate",
        sa.Column("user_task_key", SIGNED_64, nullable=False),
        sa.Column("kind", PLAIN_TEXT, nullable=False),
        sa.Column("name", PLAIN_TEXT, nullable=False),
        sa.Column("task_state", PLAIN_TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_task_key", "task_state"],
            ["user_task.key", "user_task.state"],
            name=op.f("fk_user_task_candidate_user_task_key_task_state"),
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_task_key", "kind", "name", name=op.f("pk_user_task_candidate")),
    )
    op.create_index(
        op.f("ix_user_task_candidate_name_kind_user_task_key"),
        "user_task_candidate",
        ["name", "kind", "user_task_key"],
        unique=False,
    )
    op.create_index(
        "ix_user_task_candidate_open",
        "user_task_candidate",
        ["name", "kind", "user_task_key"],
        unique=False,
        sqlite_where=sa.text("task_state = 'CREATED'"),
        postgresql_where=sa.text("task_state = 'CREATED'"),
    )
    if op.get_bind().dialect.name == "postgresql":
        for statement in POSTGRESQL_STORAGE:
            op.execute(statement)


def downgrade() -> None:
    op.drop_index(
        "ix_user_task_candidate_open",
        table_name="user_task_candidate",
        sqlite_where=sa.text("task_state = 'CREATED'"),
        postgresql_where=sa.text("task_state = 'CREATED'"),
    )
    op.drop_index(op.f("ix_user_task_candidate_name_kind_user_task_key"), table_name="user_task_candidate")
    op.drop_table("user_task_candidate")
    op.drop_index(op.f("ix_token_user_name"), table_name="token")
    op.drop_table("token")
    op.drop_table("resource")
    op.drop_index(op.f("ix_process_instance_tag_name"), table_name="process_instance_tag")
    op.drop_table("process_instance_tag")
    op.drop_index(op.f("ix_membership_group_name"), table_name="membership")
    op.drop_table("membership")
    op.drop_index(op.f("ix_variable_process_instance_key"), table_name="variable")
    op.drop_index(op.f("ix_variable_name_value_head"), table_name="variable")
    op.drop_table("variable")
    op.drop_index(op.f("ix_user_task_root_key"), table_name="user_task")
    op.drop_index(op.f("ix_user_task_process_instance_key"), table_name="user_task")
    op.drop_index(
        "ix_user_task_open_due",
        table_name="user_task",
        sqlite_where=sa.text("state = 'CREATED'"),
        postgresql_where=sa.text("state = 'CREATED'"),
    )
    op.drop_index(
        "ix_user_task_open",
        table_name="user_task",
        sqlite_where=sa.text("state = 'CREATED'"),
        postgresql_where=sa.text("state = 'CREATED'"),
    )
    op.drop_index(op.f("ix_user_task_creation_date_key"), table_name="user_task")
    op.drop_index(op.f("ix_user_task_assignee_state"), table_name="user_task")
    op.drop_table("user_task")
    op.drop_table("user_account")
    op.drop_index(op.f("ix_unit_parent_id"), table_name="unit")
    op.drop_table("unit")
    op.drop_index(op.f("ix_timer_root_key"), table_name="timer")
    op.drop_index(op.f("ix_timer_due_at_key"), table_name="timer")
    op.drop_table("timer")
    op.drop_index(op.f("ix_start_subscription_message_name"), table_name="start_subscription")
    op.drop_table("start_subscription")
    op.drop_table("root_instance")
    op.drop_index(op.f("ix_process_instance_start_date_key"), table_name="process_instance")
    op.drop_index(op.f("ix_process_instance_root_key"), table_name="process_instance")
    op.drop_index(op.f("ix_process_instance_process_id_start_date"), table_name="process_instance")
    op.drop_index(op.f("ix_process_instance_process_definition_key"), table_name="process_instance")
    op.drop_index(op.f("ix_process_instance_parent_key"), table_name="process_instance")
    op.drop_index(op.f("ix_process_instance_business_id"), table_name="process_instance")
    op.drop_index(op.f("ix_process_instance_started_by_start_date"), table_name="process_instance")
    op.drop_index(op.f("ix_process_instance_start_correlation_key"), table_name="process_instance")
    op.drop_index(
        "ix_process_instance_active",
        table_name="process_instance",
        sqlite_where=sa.text("state = 'ACTIVE'"),
        postgresql_where=sa.text("state = 'ACTIVE'"),
    )
    op.drop_table("process_instance")
    op.drop_index(op.f("ix_process_definition_process_id_version_tag"), table_name="process_definition")
    op.drop_index(op.f("ix_process_definition_deployment_key"), table_name="process_definition")
    op.drop_table("process_definition")
    op.drop_index(op.f("ix_message_subscription_root_key"), table_name="message_subscription")
    op.drop_index(op.f("ix_message_subscription_message_name_correlation_key"), table_name="message_subscription")
    op.drop_table("message_subscription")
    op.drop_index(op.f("ix_message_expires_at"), table_name="message")
    op.drop_table("message")
    op.drop_index(op.f("ix_list_row_root_key"), table_name="list_row")
    op.drop_index(op.f("ix_list_row_process_instance_key"), table_name="list_row")
    op.drop_index(op.f("ix_list_row_list_name_status"), table_name="list_row")
    op.drop_index(op.f("ix_list_row_list_name_owner"), table_name="list_row")
    op.drop_index(op.f("ix_list_row_list_name_key"), table_name="list_row")
    op.drop_index(op.f("ix_list_row_list_name_due_at"), table_name="list_row")
    op.drop_index(op.f("ix_list_row_case_no"), table_name="list_row")
    op.drop_table("list_row")
    op.drop_table("key_block")
    op.drop_index(op.f("ix_job_root_key"), table_name="job")
    op.drop_index(op.f("ix_job_process_instance_key"), table_name="job")
    op.drop_index(
        "ix_job_offered",
        table_name="job",
        sqlite_where=sa.text("state = 'CREATED' AND retries > 0"),
        postgresql_where=sa.text("state = 'CREATED' AND retries > 0"),
    )
    op.drop_table("job")
    op.drop_index(op.f("ix_incident_root_key"), table_name="incident")
    op.drop_index(op.f("ix_incident_process_instance_key"), table_name="incident")
    op.drop_index(op.f("ix_incident_job_key"), table_name="incident")
    op.drop_index(
        "ix_incident_active",
        table_name="incident",
        sqlite_where=sa.text("state = 'ACTIVE'"),
        postgresql_where=sa.text("state = 'ACTIVE'"),
    )
    op.drop_table("incident")
    op.drop_index(op.f("ix_history_root_key_key"), table_name="history")
    op.drop_index(op.f("ix_history_process_instance_key_key"), table_name="history")
    op.drop_index(op.f("ix_history_element_instance_key"), table_name="history")
    op.drop_table("history")
    op.drop_index(op.f("ix_form_definition_form_id_version_tag"), table_name="form_definition")
    op.drop_index(op.f("ix_form_definition_deployment_key"), table_name="form_definition")
    op.drop_table("form_definition")
    op.drop_table("deployment")
    op.drop_index(op.f("ix_decision_definition_deployment_key"), table_name="decision_definition")
    op.drop_index(op.f("ix_decision_definition_decision_id_version_tag"), table_name="decision_definition")
    op.drop_table("decision_definition")
    op.drop_table("counter")
    op.drop_table("client")
    op.drop_index(op.f("ix_audit_entry_root_key"), table_name="audit_entry")
    op.drop_index(op.f("ix_audit_entry_entity_type_entity_key"), table_name="audit_entry")
    op.drop_index(op.f("ix_audit_entry_at_key"), table_name="audit_entry")
    op.drop_index(op.f("ix_audit_entry_actor"), table_name="audit_entry")
    op.drop_table("audit_entry")
