"""Incidents: what stopped a token, and the way to let it go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields

from server.api import queries
from server.api.authentication import current_actor, current_context
from server.api.blueprint import CHANGING, READING_ONE, SEARCHING, Blueprint
from server.api.fields import Key, Moment, WireSchema, list_schema
from server.api.process_instances import ReferenceSchema
from server.api.responses import TENANT, format_key, format_time, render_json, render_nothing, render_page
from server.model import IncidentState, IncidentType
from server.service import incidents

if TYPE_CHECKING:
    from flask import Response

    from server.model import Incident, Page, Query

blueprint = Blueprint("incidents", prefix="/v2", description="What stopped, and how it goes on.")
_FOREIGN_TYPES = (
    "UNSPECIFIED",
    "AD_HOC_SUB_PROCESS_NO_RETRIES",
    "CALLED_DECISION_ERROR",
    "EXECUTION_LISTENER_NO_RETRIES",
    "RESOURCE_NOT_FOUND",
    "SECRET_RESOLUTION_ERROR",
    "TASK_LISTENER_NO_RETRIES",
)


class IncidentSchema(WireSchema):
    """A technical failure that stopped one token."""

    incident_key = Key(required=True)
    error_type = fields.String(required=True)
    error_message = fields.String(required=True)
    state = fields.String(required=True)
    creation_time = Moment(required=True)
    element_id = fields.String(required=True)
    element_instance_key = Key(required=True)
    process_definition_id = fields.String(required=True)
    process_definition_key = Key(required=True)
    process_instance_key = Key(required=True)
    root_process_instance_key = Key(required=True, allow_none=True)
    job_key = Key(required=True, allow_none=True)
    tenant_id = fields.String(required=True)


_FILTERS = {
    "incidentKey": queries.key("key"),
    "errorType": queries.choice(tuple(IncidentType), _FOREIGN_TYPES, "type"),
    "errorMessage": queries.text("message"),
    "state": queries.choice(tuple(IncidentState), ("MIGRATED", "PENDING", "UNKNOWN")),
    "creationTime": queries.moment("creation_date"),
    "elementId": queries.text(),
    "elementInstanceKey": queries.key(),
    "processDefinitionId": queries.text("process_id"),
    "processDefinitionKey": queries.key(),
    "processInstanceKey": queries.key(),
    "jobKey": queries.key(),
}
_SORTS = {
    "incidentKey": "key",
    "errorType": "type",
    "state": "state",
    "creationTime": "creation_date",
    "elementId": "element_id",
    "elementInstanceKey": "element_instance_key",
    "processDefinitionId": "process_id",
    "processDefinitionKey": "process_definition_key",
    "processInstanceKey": "process_instance_key",
    "jobKey": "job_key",
}


_SEARCH = queries.search_schema("Incident", _FILTERS, _SORTS)
_PAGE = list_schema("IncidentPage", IncidentSchema)


@blueprint.endpoint("POST", "/incidents/search", body=_SEARCH, answer=_PAGE, refusals=SEARCHING)
def search_incidents(query: Query) -> Response:
    """Search incidents."""
    return _render_page(incidents.search_incidents(current_context(), current_actor(), query))


@blueprint.endpoint(
    "POST",
    "/process-instances/<key:key>/incidents/search",
    body=_SEARCH,
    answer=_PAGE,
    refusals=(*SEARCHING, 404),
)
def search_process_instance_incidents(query: Query, key: int) -> Response:
    """Search the incidents of a process instance and of the processes that it called."""
    return _render_page(incidents.search_incidents_of_process(current_context(), current_actor(), key, query))


@blueprint.endpoint(
    "POST",
    "/element-instances/<key:key>/incidents/search",
    body=_SEARCH,
    answer=_PAGE,
    refusals=(*SEARCHING, 404),
)
def search_element_instance_incidents(query: Query, key: int) -> Response:
    """Search the incidents of an element instance, of the elements inside it, and of the processes that they called."""
    return _render_page(incidents.search_incidents_of_element(current_context(), current_actor(), key, query))


@blueprint.endpoint("GET", "/incidents/<key:key>", answer=IncidentSchema(), refusals=READING_ONE)
def get_incident(key: int) -> Response:
    """Get an incident."""
    return render_json(_render(incidents.get_incident(current_context(), current_actor(), key)))


@blueprint.endpoint("POST", "/incidents/<key:key>/resolution", body=ReferenceSchema(), status=204, refusals=CHANGING)
def resolve_incident(body: dict[str, Any], key: int) -> Response:
    """Resolve an incident: the element is tried again from where it stopped."""
    del body
    incidents.resolve_incident(current_context(), current_actor(), key)
    return render_nothing()


def _render_page(page: Page[Incident]) -> Response:
    return render_page(page, [_render(incident) for incident in page.items])


def _render(incident: Incident) -> dict[str, object]:
    return {
        "incidentKey": format_key(incident.key),
        "errorType": str(incident.type),
        "errorMessage": incident.told,
        "state": str(incident.state),
        "creationTime": format_time(incident.creation_date),
        "elementId": incident.place.element_id,
        "elementInstanceKey": format_key(incident.place.element_instance_key),
        "processDefinitionId": incident.place.process_id,
        "processDefinitionKey": format_key(incident.place.process_definition_key),
        "processInstanceKey": format_key(incident.place.process_instance_key),
        "rootProcessInstanceKey": format_key(incident.place.root_key),
        "jobKey": format_key(incident.job_key),
        "tenantId": TENANT,
    }
