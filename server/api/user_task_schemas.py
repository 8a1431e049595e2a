"""What user tasks look like on the wire: required fields, filters, bodies of the commands."""

from __future__ import annotations

from marshmallow import fields, post_load, pre_load, validate

from server.api import queries
from server.api.fields import EmptyOrMoment, Key, Moment, Variables, WireSchema
from server.model import UserTaskState

_NAME = validate.Length(1, 256)
_NAMES = validate.Length(max=1000)


class UserTaskSchema(WireSchema):
    """A task for people."""

    user_task_key = Key(required=True)
    name = fields.String(required=True, allow_none=True)
    state = fields.String(required=True)
    assignee = fields.String(required=True, allow_none=True)
    element_id = fields.String(required=True)
    element_instance_key = Key(required=True)
    candidate_groups = fields.List(fields.String(), required=True)
    candidate_users = fields.List(fields.String(), required=True)
    process_definition_id = fields.String(required=True)
    process_definition_key = Key(required=True)
    process_definition_version = fields.Integer(required=True)
    process_instance_key = Key(required=True)
    process_name = fields.String(required=True, allow_none=True)
    root_process_instance_key = Key(required=True, allow_none=True)
    creation_date = Moment(required=True)
    completion_date = Moment(required=True, allow_none=True)
    follow_up_date = Moment(required=True, allow_none=True)
    due_date = Moment(required=True, allow_none=True)
    tenant_id = fields.String(required=True)
    external_form_reference = fields.String(required=True, allow_none=True)
    form_key = Key(required=True, allow_none=True)
    custom_headers = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    priority = fields.Integer(required=True)
    tags = fields.List(fields.String(), required=True)
    business_id = fields.String(required=True, allow_none=True)


class OpenedUserTasksSchema(WireSchema):
    """The user tasks that a command opened for its actor."""

    user_tasks = fields.List(fields.Nested(UserTaskSchema), required=True)


class AssignmentSchema(WireSchema):
    """Who shall hold the task."""

    assignee = fields.String(required=True, validate=validate.Length(1, 256))
    allow_override = fields.Boolean(
        truthy={True},
        falsy={False},
        allow_none=True,
        load_default=True,
        metadata={"description": "false: refuse when somebody holds the task already"},
    )
    action = fields.String(allow_none=True, metadata={"description": "accepted, without meaning here"})


class CompletionSchema(WireSchema):
    """The data of the task's form."""

    variables = Variables(allow_none=True, load_default=dict)
    action = fields.String(allow_none=True, metadata={"description": "accepted, without meaning here"})


class ChangesetSchema(WireSchema):
    """What shall change; absent and null leave as it is."""

    due_date = EmptyOrMoment()
    follow_up_date = EmptyOrMoment()
    candidate_users = fields.List(fields.String(validate=_NAME), validate=_NAMES)
    candidate_groups = fields.List(fields.String(validate=_NAME), validate=_NAMES)
    priority = fields.Integer(strict=True, validate=validate.Range(0, 100))

    @pre_load
    def leave_nulls_out(self, data: object, **_: object) -> object:
        """Take null as absent."""
        return {name: value for name, value in data.items() if value is not None} if isinstance(data, dict) else data

    @post_load
    def freeze_lists(self, data: dict[str, object], **_: object) -> dict[str, object]:
        """Make tuples of lists."""
        return {name: tuple(value) if isinstance(value, list) else value for name, value in data.items()}


class UpdateSchema(WireSchema):
    """A change of a user task."""

    changeset = fields.Nested(ChangesetSchema, allow_none=True)
    action = fields.String(allow_none=True, metadata={"description": "accepted, without meaning here"})


SEARCH = queries.search_schema(
    "UserTask",
    {
        "userTaskKey": queries.key("key"),
        "state": queries.choice(
            tuple(UserTaskState), ("CREATING", "ASSIGNING", "UPDATING", "COMPLETING", "CANCELING", "FAILED")
        ),
        "assignee": queries.text(),
        "priority": queries.number(),
        "elementId": queries.text(),
        "name": queries.text(),
        "candidateGroup": queries.text(),
        "candidateUser": queries.text(),
        "processDefinitionId": queries.text("process_id"),
        "creationDate": queries.moment(),
        "completionDate": queries.moment(),
        "followUpDate": queries.moment(),
        "dueDate": queries.moment(),
        "processDefinitionKey": queries.key(),
        "processInstanceKey": queries.key(),
        "elementInstanceKey": queries.key(),
        "processInstanceVariables": queries.VariableFilter(),
        "localVariables": queries.VariableFilter("local_variable"),
        "businessId": queries.text(),
        "tags": queries.TagFilter(),
    },
    ("creationDate", "completionDate", "followUpDate", "dueDate", "name", "priority", "businessId"),
)
