"""Process instances: start, find, read, cancel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError, fields, validate, validates_schema

from server.api import queries
from server.api.authentication import current_actor, current_context
from server.api.blueprint import CHANGING, READING_ONE, SEARCHING, Blueprint
from server.api.fields import Key, Moment, Tenant, Variables, WireSchema, list_schema
from server.api.idempotency import PARAMETER, read_once
from server.api.responses import TENANT, format_key, format_time, render_json, render_nothing, render_page
from server.api.user_task_schemas import UserTaskSchema
from server.api.user_tasks import RETURN_PARAMETER, find_locale, render_user_tasks, wants_next_tasks
from server.api.waiting_room import look_again, take_place
from server.errors import DeadlineExceeded
from server.model import ElementState, InstanceState
from server.service import process_definitions, process_instances, suspension
from server.service.process_instances import StartRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Response

    from server.model import ProcessDefinition, Query
    from server.service.process_instances import InstanceView, Started

blueprint = Blueprint("process-instances", prefix="/v2", description="Processes that run or ran.")
NEWEST = -1
DEFAULT_WAIT_MS = 10_000
LONGEST_WAIT_MS = 60_000


class ProcessInstanceSchema(WireSchema):
    """A process that runs or ran."""

    process_instance_key = Key(required=True)
    process_definition_id = fields.String(required=True)
    process_definition_key = Key(required=True)
    process_definition_name = fields.String(required=True, allow_none=True)
    process_definition_version = fields.Integer(required=True)
    process_definition_version_tag = fields.String(required=True, allow_none=True)
    start_date = Moment(required=True)
    end_date = Moment(required=True, allow_none=True)
    suspended_date = Moment(required=True, allow_none=True)
    state = fields.String(required=True)
    has_incident = fields.Boolean(required=True)
    tenant_id = fields.String(required=True)
    parent_process_instance_key = Key(required=True, allow_none=True)
    parent_element_instance_key = Key(required=True, allow_none=True)
    root_process_instance_key = Key(required=True, allow_none=True)
    tags = fields.List(fields.String(), required=True)
    business_id = fields.String(required=True, allow_none=True)


class StartedSchema(WireSchema):
    """What was started."""

    process_instance_key = Key(required=True)
    process_definition_id = fields.String(required=True)
    process_definition_key = Key(required=True)
    process_definition_version = fields.Integer(required=True)
    tenant_id = fields.String(required=True)
    variables = Variables(required=True)
    tags = fields.List(fields.String(), required=True)
    business_id = fields.String(required=True, allow_none=True)
    user_tasks = fields.List(fields.Nested(UserTaskSchema), metadata={"description": "with `Muster-Return` only"})


class StartInstructionSchema(WireSchema):
    """An element that the process begins at."""

    element_id = fields.String(required=True, validate=validate.Length(1, 256))


class StartSchema(WireSchema):
    """Which process to start, by its id (the newest version, or one) or by the key of a version."""

    process_definition_id = fields.String(validate=validate.Length(1, 256))
    process_definition_key = Key()
    process_definition_version = fields.Integer(
        strict=True,
        load_default=NEWEST,
        validate=validate.Range(-1, 2**31 - 1),
        metadata={"description": "-1: the newest"},
    )
    process_definition_version_tag = fields.String(validate=validate.Length(1, 256))
    variables = Variables(allow_none=True, load_default=dict)
    business_id = fields.String(allow_none=True, load_default=None, validate=validate.Length(1, 256))
    tags = fields.List(
        fields.String(validate=validate.Length(1, 100)), load_default=list, validate=validate.Length(max=10)
    )
    tenant_id = Tenant()
    operation_reference = fields.Integer(strict=True, metadata={"description": "accepted, without meaning here"})
    await_completion = fields.Boolean(
        truthy={True}, falsy={False}, load_default=False, metadata={"description": "answer when it has completed"}
    )
    request_timeout = fields.Integer(
        strict=True,
        load_default=0,
        validate=validate.Range(0, 2**31 - 1),
        metadata={"description": "how long to await completion in ms, at most a minute; 0: ten seconds"},
    )
    fetch_variables = fields.List(
        fields.String(), load_default=list, metadata={"description": "which to answer with, all when empty"}
    )
    start_instructions = fields.List(
        fields.Nested(StartInstructionSchema), load_default=list, validate=validate.Length(max=1000)
    )
    runtime_instructions = fields.List(
        fields.Dict(), validate=validate.Length(max=0, error="not supported: let the diagram end where it shall")
    )

    @validates_schema
    def check_which(self, data: dict[str, object], **_: object) -> None:
        """Expect exactly one of the two ways to name the process, and at most one to name its version."""
        if ("process_definition_id" in data) == ("process_definition_key" in data):
            raise ValidationError("expected either processDefinitionId or processDefinitionKey")
        if "process_definition_version_tag" in data and (
            "process_definition_key" in data or data["process_definition_version"] != NEWEST
        ):
            raise ValidationError("expected processDefinitionVersionTag with processDefinitionId and without a version")


class ReferenceSchema(WireSchema):
    """A body without meaning here."""

    operation_reference = fields.Integer(strict=True, metadata={"description": "accepted, without meaning here"})


_FIELDS = {
    "processInstanceKey": queries.key("key"),
    "processDefinitionId": queries.text("process_id"),
    "processDefinitionVersion": queries.number("version"),
    "processDefinitionKey": queries.key(),
    "processDefinitionName": queries.text("definition_name"),
    "processDefinitionVersionTag": queries.text("version_tag"),
    "errorMessage": queries.text("incident_message"),
    "batchOperationKey": queries.key("batch_key"),
    "batchOperationId": queries.key("batch_key"),
    "elementId": queries.text("element.element_id"),
    "elementInstanceState": queries.choice(tuple(ElementState), name="element.state"),
    "hasElementInstanceIncident": queries.flag("element.has_incident"),
    "incidentErrorHashCode": queries.number("incident_hash"),
    "hasRetriesLeft": queries.flag(),
    "startDate": queries.moment(),
    "endDate": queries.moment(),
    "suspendedDate": queries.moment(),
    "state": queries.choice(tuple(InstanceState)),
    "hasIncident": queries.flag(),
    "parentProcessInstanceKey": queries.key("parent_key"),
    "parentElementInstanceKey": queries.key(),
    "businessId": queries.text(),
    "tags": queries.TagFilter(),
    "variables": queries.VariableFilter(),
}
_SORTS = {
    "processInstanceKey": "key",
    "processDefinitionId": "process_id",
    "processDefinitionVersion": "version",
    "processDefinitionKey": "process_definition_key",
    "startDate": "start_date",
    "endDate": "end_date",
    "suspendedDate": "suspended_date",
    "state": "state",
    "hasIncident": "shown_incident",
    "processDefinitionName": "shown_name",
    "processDefinitionVersionTag": "shown_version_tag",
    "parentProcessInstanceKey": "parent_key",
    "parentElementInstanceKey": "parent_element_instance_key",
    "businessId": "business_id",
}


FILTER = queries.filter_schema("ProcessInstance", _FIELDS)


@blueprint.endpoint(
    "POST",
    "/process-instances",
    body=StartSchema(),
    answer=StartedSchema(),
    refusals=(*CHANGING, 422, 504),
    documentation={"parameters": [RETURN_PARAMETER, PARAMETER]},
)
def create_process_instance(body: dict[str, Any]) -> Response:
    """Start a process.

    With `awaitCompletion` the answer waits until it has completed and has its variables; when that takes too long it
    is 504, and the process goes on. When too many requests wait already, it is 503 and nothing was started.
    """
    version = body["process_definition_version"]
    request = StartRequest(
        process_id=body.get("process_definition_id"),
        definition_key=body.get("process_definition_key"),
        version=None if version == NEWEST else version,
        version_tag=body.get("process_definition_version_tag"),
        variables=body["variables"] or {},
        business_id=body["business_id"],
        tags=tuple(body["tags"]),
        locale=find_locale(),
        elements=tuple(one["element_id"] for one in body["start_instructions"]),
    )
    context, actor, once = current_context(), current_actor(), read_once(current_actor())
    if not body["await_completion"]:
        return render_json(_render_started(process_instances.start_process_instance(context, actor, request, once)))
    process_instances.check_may_await(context, actor, request)
    with take_place():
        started = process_instances.start_process_instance(context, actor, request, once)
        wait = min(body["request_timeout"] or DEFAULT_WAIT_MS, LONGEST_WAIT_MS)
        found = _await_result(started.instance.key, frozenset(body["fetch_variables"]), wait)
    return render_json({**_render_started(started), "variables": found})


@blueprint.endpoint(
    "POST",
    "/process-instances/search",
    body=queries.search_schema("ProcessInstance", FILTER, _SORTS),
    answer=list_schema("ProcessInstancePage", ProcessInstanceSchema),
    refusals=SEARCHING,
)
def search_process_instances(query: Query) -> Response:
    """Search process instances: those that you started or have tasks in, or all for administrators and readers."""
    page = process_instances.search_process_instances(current_context(), current_actor(), query)
    return render_page(page, _render(page.items))


@blueprint.endpoint("GET", "/process-instances/<key:key>", answer=ProcessInstanceSchema(), refusals=READING_ONE)
def get_process_instance(key: int) -> Response:
    """Get a process instance."""
    view = process_instances.get_process_instance(current_context(), current_actor(), key)
    return render_json(_render([view])[0])


@blueprint.endpoint(
    "POST", "/process-instances/<key:key>/cancellation", body=ReferenceSchema(), status=204, refusals=CHANGING
)
def cancel_process_instance(body: dict[str, Any], key: int) -> Response:
    """Cancel a process instance with everything that is open in it."""
    del body
    process_instances.cancel_process_instance(current_context(), current_actor(), key)
    return render_nothing()


@blueprint.endpoint(
    "POST", "/process-instances/<key:key>/suspension", body=ReferenceSchema(), status=204, refusals=CHANGING
)
def suspend_process_instance(body: dict[str, Any], key: int) -> Response:
    """Let a process instance stand still, with everything that it called, until it is resumed."""
    del body
    suspension.suspend_process_instance(current_context(), current_actor(), key)
    return render_nothing()


@blueprint.endpoint(
    "POST", "/process-instances/<key:key>/resumption", body=ReferenceSchema(), status=204, refusals=CHANGING
)
def resume_process_instance(body: dict[str, Any], key: int) -> Response:
    """Let a suspended process instance go on where it stood."""
    del body
    suspension.resume_process_instance(current_context(), current_actor(), key)
    return render_nothing()


def _await_result(key: int, names: frozenset[str], wait_ms: int) -> dict[str, object]:
    """Return the variables with which an instance completes. Raises `DeadlineExceeded`, `Conflict`."""
    context = current_context()

    def look() -> dict[str, object] | None:
        return process_instances.find_result(context, key, names)

    found = look()
    if found is None:
        found = look_again(look, wait_ms)
    if found is None:
        raise DeadlineExceeded(f"the process instance {key} was started, but did not complete in time; it goes on")
    return found


def _render_started(started: Started) -> dict[str, object]:
    instance = started.instance
    answer: dict[str, object] = {
        "processInstanceKey": format_key(instance.key),
        "processDefinitionId": instance.process_id,
        "processDefinitionKey": format_key(instance.process_definition_key),
        "processDefinitionVersion": instance.version,
        "tenantId": TENANT,
        "variables": {},
        "tags": list(instance.tags),
        "businessId": instance.business_id,
    }
    if wants_next_tasks():
        answer["userTasks"] = render_user_tasks(started.user_tasks)
    return answer


def _render(views: Sequence[InstanceView]) -> list[dict[str, object]]:
    keys = {view.instance.process_definition_key for view in views}
    definitions = process_definitions.definitions_of(current_context(), keys)
    return [_render_one(view, definitions[view.instance.process_definition_key]) for view in views]


def _render_one(view: InstanceView, definition: ProcessDefinition) -> dict[str, object]:
    instance = view.instance
    return {
        "processInstanceKey": format_key(instance.key),
        "processDefinitionId": instance.process_id,
        "processDefinitionKey": format_key(instance.process_definition_key),
        "processDefinitionName": definition.name,
        "processDefinitionVersion": instance.version,
        "processDefinitionVersionTag": definition.version_tag,
        "startDate": format_time(instance.start_date),
        "endDate": format_time(instance.end_date),
        "suspendedDate": format_time(instance.suspended_date),
        "state": str(instance.state),
        "hasIncident": view.has_incident,
        "tenantId": TENANT,
        "parentProcessInstanceKey": format_key(instance.parent_key),
        "parentElementInstanceKey": format_key(instance.parent_element_instance_key),
        "rootProcessInstanceKey": format_key(instance.root_key),
        "tags": list(instance.tags),
        "businessId": instance.business_id,
    }
