"""Jobs: work for programs outside. Activation waits for work, so that idle workers do not poll in a circle."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate

from server.api import job_schemas, queries
from server.api.authentication import current_actor, current_context
from server.api.blueprint import CHANGING, SEARCHING, Blueprint
from server.api.fields import Key, Variables, WireSchema, list_schema
from server.api.queries import Choice
from server.api.responses import TENANT, format_key, render_json, render_nothing, render_page
from server.api.waiting_room import look_again, take_place
from server.service import jobs, process_definitions, process_instances

if TYPE_CHECKING:
    from collections.abc import Collection

    from flask import Response

    from server.access import Actor
    from server.model import Labels, Query
    from server.service.context import Context
    from server.service.jobs import ActivatedJob

blueprint = Blueprint("jobs", prefix="/v2", description="Work for programs outside.")
DEFAULT_WAIT_MS = 10_000
LONGEST_WAIT_MS = 30_000
LONGEST_TIMEOUT_MS = int(jobs.LONGEST_LEASE.total_seconds() * 1000)
_TIMEOUT = validate.Range(1, LONGEST_TIMEOUT_MS)


def _lease_token() -> fields.String:
    return fields.String(
        allow_none=True,
        load_default=None,
        validate=validate.Length(max=256),
        metadata={"description": "that of the activation, for a job activated with a lease"},
    )


class ActivationSchema(WireSchema):
    """Which jobs a worker wants, and for how long it takes them."""

    type = fields.String(required=True, validate=validate.Length(1, 256))
    timeout = fields.Integer(required=True, strict=True, validate=_TIMEOUT, metadata={"description": "ms"})
    max_jobs_to_activate = fields.Integer(required=True, strict=True, validate=validate.Range(1, jobs.MOST_JOBS))
    worker = fields.String(load_default="", validate=validate.Length(max=256))
    fetch_variable = fields.List(fields.String(), load_default=list)
    request_timeout = fields.Integer(
        strict=True,
        load_default=0,
        validate=validate.Range(-(2**31), 2**31 - 1),
        metadata={"description": "how long to wait for a job in ms; 0: as long as usual, below 0: not at all"},
    )
    tenant_ids = fields.List(fields.String(validate=validate.OneOf([TENANT])))
    tenant_filter = Choice(("PROVIDED", "ASSIGNED"))
    with_lease = fields.Boolean(
        truthy={True},
        falsy={False},
        allow_none=True,
        load_default=False,
        metadata={"description": "only who knows a job's jobLeaseToken completes it then"},
    )


class ActivatedJobSchema(WireSchema):
    """A job that is the worker's until its deadline."""

    job_key = Key(required=True)
    type = fields.String(required=True)
    process_definition_id = fields.String(required=True)
    process_definition_key = Key(required=True)
    process_definition_version = fields.Integer(required=True)
    element_id = fields.String(required=True)
    element_instance_key = Key(required=True)
    process_instance_key = Key(required=True)
    root_process_instance_key = Key(required=True, allow_none=True)
    custom_headers = fields.Dict(keys=fields.String(), required=True)
    worker = fields.String(required=True)
    retries = fields.Integer(required=True)
    deadline = fields.Integer(required=True, metadata={"description": "ms since 1970"})
    variables = Variables(required=True)
    tenant_id = fields.String(required=True)
    physical_tenant_id = fields.String(required=True)
    kind = fields.String(required=True)
    listener_event_type = fields.String(required=True)
    user_task = fields.Dict(required=True, allow_none=True)
    tags = fields.List(fields.String(), required=True)
    business_id = fields.String(required=True, allow_none=True)
    priority = fields.Integer(required=True)
    lease_token = fields.String(required=True, allow_none=True)
    job_lease_token = fields.String(required=True, allow_none=True)


class ActivatedJobsSchema(WireSchema):
    """The activated jobs; none when nothing came in time."""

    jobs = fields.List(fields.Nested(ActivatedJobSchema), required=True)


class JobCompletionSchema(WireSchema):
    """The result of a job."""

    variables = Variables(allow_none=True, load_default=dict)
    result = fields.Dict(allow_none=True, validate=validate.OneOf([None], error="results of listeners: not supported"))
    job_lease_token = _lease_token()
    business_id = fields.String(allow_none=True, validate=validate.OneOf([None], error="not supported"))


class JobFailureSchema(WireSchema):
    """Why a job failed, how often it may be tried again, and when."""

    retries = fields.Integer(strict=True, load_default=0, validate=validate.Range(0, 2**31 - 1))
    error_message = fields.String(load_default="", allow_none=True, validate=validate.Length(max=10_000))
    retry_back_off = fields.Integer(strict=True, load_default=0, validate=validate.Range(0, LONGEST_TIMEOUT_MS))
    variables = Variables(allow_none=True, validate=validate.Length(max=0, error="not supported at a failure"))
    job_lease_token = _lease_token()


class JobErrorSchema(WireSchema):
    """A BPMN error that the diagram handles."""

    error_code = fields.String(required=True, validate=validate.Length(1, 256))
    error_message = fields.String(allow_none=True, load_default=None, validate=validate.Length(max=10_000))
    variables = Variables(allow_none=True, load_default=dict)
    job_lease_token = _lease_token()


class JobChangesetSchema(WireSchema):
    """What shall change; absent and null leave as it is."""

    retries = fields.Integer(strict=True, allow_none=True, validate=validate.Range(1, 2**31 - 1))
    timeout = fields.Integer(strict=True, allow_none=True, validate=_TIMEOUT, metadata={"description": "ms from now"})


class JobUpdateSchema(WireSchema):
    """A change of a job."""

    changeset = fields.Nested(JobChangesetSchema, required=True)
    operation_reference = fields.Integer(strict=True)
    job_lease_token = _lease_token()


@blueprint.endpoint(
    "POST",
    "/jobs/activation",
    body=ActivationSchema(),
    answer=ActivatedJobsSchema(),
    refusals=(400, 401, 403, 413, 415, 500, 503),
)
def activate_jobs(body: dict[str, Any]) -> Response:
    """Take jobs of a type.

    When there are none, the answer waits for the first one. When too many workers wait already, it is 503 at once, so
    that people are served.
    """
    context, actor = current_context(), current_actor()
    found = _activate(context, actor, body)
    wait = min(body["request_timeout"] or DEFAULT_WAIT_MS, LONGEST_WAIT_MS)
    if not found and wait > 0:
        with take_place():
            found = look_again(lambda: _activate(context, actor, body) or None, wait) or ()
    labels = process_instances.find_labels(context, {activated.job.place.root_key for activated in found})
    wanted = body["fetch_variable"]
    return render_json({"jobs": [_render(one, wanted, labels[one.job.place.root_key]) for one in found]})


@blueprint.endpoint(
    "POST",
    "/jobs/search",
    body=queries.search_schema("Job", job_schemas.FILTERS, job_schemas.SORTS),
    answer=list_schema("JobPage", job_schemas.JobSchema),
    refusals=SEARCHING,
)
def search_jobs(query: Query) -> Response:
    """Search jobs, open and ended; what the server's own actions did within their step leaves no job."""
    page = jobs.search_jobs(current_context(), current_actor(), query)
    labels = process_instances.find_labels(current_context(), {job.place.root_key for job in page.items})
    return render_page(page, [job_schemas.render_job(job, labels[job.place.root_key]) for job in page.items])


@blueprint.endpoint(
    "POST", "/jobs/<key:key>/completion", body=JobCompletionSchema(), status=204, refusals=(*CHANGING, 422)
)
def complete_job(body: dict[str, Any], key: int) -> Response:
    """Complete a job with its result."""
    jobs.complete_job(current_context(), current_actor(), key, body["variables"] or {}, body["job_lease_token"])
    return render_nothing()


@blueprint.endpoint("POST", "/jobs/<key:key>/failure", body=JobFailureSchema(), status=204, refusals=CHANGING)
def fail_job(body: dict[str, Any], key: int) -> Response:
    """Report that a job failed: it is offered again while retries are left, then it is an incident."""
    jobs.fail_job(
        current_context(),
        current_actor(),
        key,
        retries=body["retries"],
        message=body["error_message"] or "",
        back_off=timedelta(milliseconds=body["retry_back_off"]),
        lease_token=body["job_lease_token"],
    )
    return render_nothing()


@blueprint.endpoint("POST", "/jobs/<key:key>/error", body=JobErrorSchema(), status=204, refusals=CHANGING)
def throw_job_error(body: dict[str, Any], key: int) -> Response:
    """Throw a BPMN error: the diagram's error event catches it, and without one it is an incident."""
    jobs.throw_job_error(
        current_context(),
        current_actor(),
        key,
        code=body["error_code"],
        message=body["error_message"],
        variables=body["variables"] or {},
        lease_token=body["job_lease_token"],
    )
    return render_nothing()


@blueprint.endpoint("PATCH", "/jobs/<key:key>", body=JobUpdateSchema(), status=204, refusals=CHANGING)
def update_job(body: dict[str, Any], key: int) -> Response:
    """Change how often a job may be tried again, or how long it is the worker's."""
    timeout = body["changeset"].get("timeout")
    jobs.update_job(
        current_context(),
        current_actor(),
        key,
        retries=body["changeset"].get("retries"),
        timeout=None if timeout is None else timedelta(milliseconds=timeout),
        lease_token=body["job_lease_token"],
    )
    return render_nothing()


def _activate(context: Context, actor: Actor, body: dict[str, Any]) -> tuple[ActivatedJob, ...]:
    found = jobs.activate_jobs(
        context,
        actor,
        body["type"],
        worker=body["worker"],
        timeout=timedelta(milliseconds=body["timeout"]),
        limit=body["max_jobs_to_activate"],
        with_lease=bool(body["with_lease"]),
    )
    return tuple(found)


def _render(activated: ActivatedJob, wanted: Collection[str], labels: Labels) -> dict[str, object]:
    """Return the job as clients expect it, with the wanted variables, or all when none are named."""
    job = activated.job
    definition = process_definitions.definition_of(current_context(), job.place.process_definition_key)
    return {
        "jobKey": format_key(job.key),
        "type": job.type,
        "processDefinitionId": job.place.process_id,
        "processDefinitionKey": format_key(job.place.process_definition_key),
        "processDefinitionVersion": definition.version,
        "elementId": job.place.element_id,
        "elementInstanceKey": format_key(job.place.element_instance_key),
        "processInstanceKey": format_key(job.place.process_instance_key),
        "rootProcessInstanceKey": format_key(job.place.root_key),
        "customHeaders": dict(job.custom_headers),
        "worker": job.worker or "",
        "retries": job.retries,
        "deadline": int(job.deadline.timestamp() * 1000) if job.deadline else 0,
        "variables": {name: value for name, value in activated.variables.items() if not wanted or name in wanted},
        "tenantId": TENANT,
        "physicalTenantId": TENANT,
        "kind": job_schemas.KIND,
        "listenerEventType": job_schemas.LISTENER,
        "userTask": None,
        "tags": list(labels.tags),
        "businessId": labels.business_id,
        "priority": job_schemas.PRIORITY,
        "leaseToken": job.lease_token,
        "jobLeaseToken": job.lease_token,
    }
