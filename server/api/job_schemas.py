"""A job as searches show it, and by what it is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marshmallow import fields

from server.api import queries
from server.api.fields import Key, Moment, WireSchema
from server.api.responses import TENANT, format_key, format_time
from server.model import JobState

if TYPE_CHECKING:
    from server.model import Job, Labels

KIND = "BPMN_ELEMENT"
LISTENER = "UNSPECIFIED"
PRIORITY = 0
_KINDS = (KIND, "AD_HOC_SUB_PROCESS", "EXECUTION_LISTENER", "TASK_LISTENER")
_LISTENERS = (
    LISTENER,
    "ASSIGNING",
    "BEFORE_ALL",
    "CANCEL",
    "CANCELING",
    "COMPLETING",
    "CREATING",
    "END",
    "START",
    "UPDATING",
)
_FOREIGN_STATES = ("MIGRATED", "PRIORITY_UPDATED", "RETRIES_UPDATED", "TIMED_OUT", "TIMEOUT_UPDATED")


class JobSchema(WireSchema):
    """A job, open or ended."""

    job_key = Key(required=True)
    type = fields.String(required=True)
    state = fields.String(required=True)
    worker = fields.String(required=True)
    retries = fields.Integer(required=True)
    deadline = Moment(required=True, allow_none=True)
    creation_time = Moment(required=True, allow_none=True)
    last_update_time = Moment(required=True, allow_none=True)
    end_time = Moment(required=True, allow_none=True)
    error_code = fields.String(required=True, allow_none=True)
    error_message = fields.String(required=True, allow_none=True)
    has_failed_with_retries_left = fields.Boolean(required=True)
    custom_headers = fields.Dict(keys=fields.String(), required=True)
    element_id = fields.String(required=True, allow_none=True)
    element_instance_key = Key(required=True)
    process_definition_id = fields.String(required=True, allow_none=True)
    process_definition_key = Key(required=True, allow_none=True)
    process_instance_key = Key(required=True)
    root_process_instance_key = Key(required=True, allow_none=True)
    business_id = fields.String(required=True, allow_none=True)
    kind = fields.String(required=True)
    listener_event_type = fields.String(required=True)
    is_denied = fields.Boolean(required=True, allow_none=True)
    denied_reason = fields.String(required=True, allow_none=True)
    priority = fields.Integer(required=True)
    tenant_id = fields.String(required=True)


FILTERS = {
    "jobKey": queries.key("key"),
    "type": queries.text(),
    "state": queries.choice(tuple(JobState), _FOREIGN_STATES),
    "worker": queries.text(),
    "retries": queries.number(),
    "deadline": queries.nullable(queries.moment()),
    "creationTime": queries.moment("creation_date"),
    "lastUpdateTime": queries.moment("updated_at"),
    "endTime": queries.moment("end_date"),
    "errorCode": queries.text(),
    "errorMessage": queries.text(),
    "hasFailedWithRetriesLeft": queries.flag("failed_with_retries"),
    "elementId": queries.text(),
    "elementInstanceKey": queries.key(),
    "processDefinitionId": queries.text("process_id"),
    "processDefinitionKey": queries.key(),
    "processInstanceKey": queries.key(),
    "kind": queries.fixed(KIND, _KINDS),
    "listenerEventType": queries.fixed(LISTENER, _LISTENERS),
    "isDenied": queries.nullable(queries.fixed_flag(None)),
    "deniedReason": queries.fixed(None),
    "priority": queries.fixed_number(PRIORITY),
}
SORTS = {
    "jobKey": "key",
    "type": "type",
    "state": "state",
    "worker": "worker",
    "retries": "retries",
    "deadline": "deadline",
    "creationTime": "creation_date",
    "lastUpdateTime": "updated_at",
    "endTime": "end_date",
    "errorCode": "error_code",
    "errorMessage": "error_message",
    "elementId": "element_id",
    "elementInstanceKey": "element_instance_key",
    "processDefinitionId": "process_id",
    "processDefinitionKey": "process_definition_key",
    "processInstanceKey": "process_instance_key",
    "hasFailedWithRetriesLeft": "failed_with_retries",
    "kind": None,
    "listenerEventType": None,
    "isDenied": None,
    "deniedReason": None,
    "priority": None,
    "tenantId": None,
}


def render_job(job: Job, labels: Labels) -> dict[str, object]:
    """Return the job as searches show it."""
    failed = job.state is JobState.CREATED and job.error_message is not None
    return {
        "jobKey": format_key(job.key),
        "type": job.type,
        "state": str(job.state),
        "worker": job.worker or "",
        "retries": job.retries,
        "deadline": format_time(job.deadline),
        "creationTime": format_time(job.creation_date),
        "lastUpdateTime": format_time(job.updated_at),
        "endTime": format_time(job.end_date),
        "errorCode": job.error_code,
        "errorMessage": job.error_message,
        "hasFailedWithRetriesLeft": failed and job.retries > 0,
        "customHeaders": dict(job.custom_headers),
        "elementId": job.place.element_id,
        "elementInstanceKey": format_key(job.place.element_instance_key),
        "processDefinitionId": job.place.process_id,
        "processDefinitionKey": format_key(job.place.process_definition_key),
        "processInstanceKey": format_key(job.place.process_instance_key),
        "rootProcessInstanceKey": format_key(job.place.root_key),
        "businessId": labels.business_id,
        "kind": KIND,
        "listenerEventType": LISTENER,
        "isDenied": None,
        "deniedReason": None,
        "priority": PRIORITY,
        "tenantId": TENANT,
    }
