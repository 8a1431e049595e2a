"""Element instances: where tokens are and have been, how many, and variables written by operators."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate

from server.api import queries
from server.api.authentication import current_actor, current_context
from server.api.blueprint import CHANGING, READING_ONE, SEARCHING, Blueprint
from server.api.fields import Key, Moment, WireSchema, list_schema
from server.api.responses import TENANT, format_key, format_time, render_json, render_nothing, render_page
from server.errors import InvalidArgument
from server.model import ElementState
from server.service import element_instances, variables

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask import Response

    from server.model import ElementStatistics, Query
    from server.service.element_instances import ElementInstanceView

blueprint = Blueprint("element-instances", prefix="/v2", description="Where tokens are and have been.")


class ElementInstanceSchema(WireSchema):
    """One visit of a token at an element."""

    element_instance_key = Key(required=True)
    element_id = fields.String(required=True)
    element_name = fields.String(required=True)
    type = fields.String(required=True)
    state = fields.String(required=True)
    start_date = Moment(required=True)
    end_date = Moment(required=True, allow_none=True)
    has_incident = fields.Boolean(required=True)
    incident_key = Key(required=True, allow_none=True)
    process_instance_key = Key(required=True)
    root_process_instance_key = Key(required=True)
    process_definition_key = Key(required=True)
    process_definition_id = fields.String(required=True)
    tenant_id = fields.String(required=True)


class ElementStatisticsSchema(WireSchema):
    """How many tokens are and were at an element."""

    element_id = fields.String(required=True)
    active = fields.Integer(required=True)
    canceled = fields.Integer(required=True)
    incidents = fields.Integer(required=True)
    completed = fields.Integer(required=True)


class StatisticsSchema(WireSchema):
    """The elements of one diagram that tokens have reached."""

    items = fields.List(fields.Nested(ElementStatisticsSchema), required=True)


class SequenceFlowSchema(WireSchema):
    """A sequence flow that an instance has taken."""

    sequence_flow_id = fields.String(required=True)
    element_id = fields.String(required=True)
    process_instance_key = Key(required=True)
    root_process_instance_key = Key(required=True)
    process_definition_key = Key(required=True)
    process_definition_id = fields.String(required=True)
    tenant_id = fields.String(required=True)


class SequenceFlowsSchema(WireSchema):
    """The path that an instance has taken."""

    items = fields.List(fields.Nested(SequenceFlowSchema), required=True)


class VariablesSchema(WireSchema):
    """Variables to be written; `local` writes them into this very scope."""

    variables = fields.Dict(keys=fields.String(), required=True)
    local = fields.Boolean(load_default=False, allow_none=True)
    operation_reference = fields.Integer(allow_none=True, metadata={"description": "accepted, without meaning here"})


class AdHocElementSchema(WireSchema):
    """An element that shall begin, and variables that it and what follows it sees."""

    element_id = fields.String(required=True)
    variables = fields.Dict(keys=fields.String(), load_default=dict, allow_none=True)


class AdHocActivationSchema(WireSchema):
    """Elements of an ad-hoc sub-process that shall begin, each once."""

    elements = fields.List(fields.Nested(AdHocElementSchema), required=True, validate=validate.Length(1, 1000))
    cancel_remaining_instances = fields.Boolean(load_default=False, allow_none=True)


class _ElementType(queries.Choice):
    """Camunda's word for a type of element; loads to BPMN's: USER_TASK is `userTask`."""

    def read(self, value: object, name: str) -> str:
        """Return BPMN's word."""
        first, *others = super().read(value, name).lower().split("_")
        return first + "".join(other.capitalize() for other in others)


_TYPES = (
    *("AD_HOC_SUB_PROCESS", "AD_HOC_SUB_PROCESS_INNER_INSTANCE", "BOUNDARY_EVENT", "BUSINESS_RULE_TASK"),
    *("CALL_ACTIVITY", "END_EVENT", "EVENT_BASED_GATEWAY", "EVENT_SUB_PROCESS", "EXCLUSIVE_GATEWAY"),
    *("INCLUSIVE_GATEWAY", "INTERMEDIATE_CATCH_EVENT", "INTERMEDIATE_THROW_EVENT", "MANUAL_TASK"),
    *("MULTI_INSTANCE_BODY", "PARALLEL_GATEWAY", "PROCESS", "RECEIVE_TASK", "SCRIPT_TASK", "SEND_TASK"),
    *("SEQUENCE_FLOW", "SERVICE_TASK", "START_EVENT", "SUB_PROCESS", "TASK", "UNKNOWN", "UNSPECIFIED", "USER_TASK"),
)
_FILTERS = {
    "type": queries.Filter(_ElementType(_TYPES), queries.EQUALITY, "element_type"),
    "elementInstanceScopeKey": queries.Filter(Key(), ("$eq",), "scope_key"),
    "elementInstanceKey": queries.key("key"),
    "elementId": queries.text(),
    "state": queries.choice(tuple(ElementState)),
    "hasIncident": queries.flag(),
    "incidentKey": queries.key(),
    "startDate": queries.moment(),
    "endDate": queries.moment(),
    "processInstanceKey": queries.key(),
    "processDefinitionKey": queries.key(),
    "processDefinitionId": queries.text("process_id"),
}
_SORTS = {
    "elementInstanceKey": "key",
    "elementId": "element_id",
    "state": "state",
    "type": "element_type",
    "incidentKey": "incident_key",
    "startDate": "start_date",
    "endDate": "end_date",
    "processInstanceKey": "process_instance_key",
    "processDefinitionKey": "process_definition_key",
    "processDefinitionId": "process_id",
}


@blueprint.endpoint(
    "POST",
    "/element-instances/search",
    body=queries.search_schema("ElementInstance", _FILTERS, _SORTS),
    answer=list_schema("ElementInstancePage", ElementInstanceSchema),
    refusals=SEARCHING,
)
def search_element_instances(query: Query) -> Response:
    """Search element instances."""
    page = element_instances.search_element_instances(current_context(), current_actor(), query)
    return render_page(page, [_render(view) for view in page.items])


@blueprint.endpoint("GET", "/element-instances/<key:key>", answer=ElementInstanceSchema(), refusals=READING_ONE)
def get_element_instance(key: int) -> Response:
    """Get an element instance."""
    return render_json(_render(element_instances.get_element_instance(current_context(), current_actor(), key)))


@blueprint.endpoint(
    "PUT", "/element-instances/<key:key>/variables", body=VariablesSchema(), status=204, refusals=CHANGING
)
def set_element_instance_variables(body: dict[str, Any], key: int) -> Response:
    """Write variables as an operator, where they exist upward of the scope or, with `local`, into the scope."""
    variables.set_variables(current_context(), current_actor(), key, body["variables"], local=bool(body.get("local")))
    return render_nothing()


@blueprint.endpoint(
    "POST",
    "/element-instances/ad-hoc-activities/<key:key>/activation",
    body=AdHocActivationSchema(),
    status=204,
    refusals=CHANGING,
)
def activate_ad_hoc_elements(body: dict[str, Any], key: int) -> Response:
    """Let elements of an active ad-hoc sub-process begin; the key is that of its element instance."""
    given = body["elements"]
    elements = {element["element_id"]: element["variables"] or {} for element in given}
    if len(elements) < len(given):
        raise InvalidArgument("expected every element once, found one several times")
    cancel = bool(body.get("cancel_remaining_instances"))
    element_instances.activate_elements(current_context(), current_actor(), key, elements, cancel_remaining=cancel)
    return render_nothing()


@blueprint.endpoint(
    "GET",
    "/process-instances/<key:key>/statistics/element-instances",
    answer=StatisticsSchema(),
    refusals=READING_ONE,
)
def get_process_instance_statistics(key: int) -> Response:
    """Count the tokens at each element of an instance."""
    found = element_instances.count_elements_of_instance(current_context(), current_actor(), key)
    return _render_statistics(found)


@blueprint.endpoint(
    "POST",
    "/process-definitions/<key:key>/statistics/element-instances",
    answer=StatisticsSchema(),
    refusals=(*READING_ONE, 413, 415),
)
def get_process_definition_statistics(key: int) -> Response:
    """Count the tokens at each element in all instances of a definition."""
    found = element_instances.count_elements_of_definition(current_context(), current_actor(), key)
    return _render_statistics(found)


@blueprint.endpoint(
    "GET", "/process-instances/<key:key>/sequence-flows", answer=SequenceFlowsSchema(), refusals=READING_ONE
)
def get_process_instance_sequence_flows(key: int) -> Response:
    """List the sequence flows that an instance has taken, each once."""
    instance, flows = element_instances.list_taken_flows(current_context(), current_actor(), key)
    items = [
        {
            "sequenceFlowId": f"{instance.key}_{flow}",
            "elementId": flow,
            "processInstanceKey": format_key(instance.key),
            "rootProcessInstanceKey": format_key(instance.root_key),
            "processDefinitionKey": format_key(instance.process_definition_key),
            "processDefinitionId": instance.process_id,
            "tenantId": TENANT,
        }
        for flow in flows
    ]
    return render_json({"items": items})


def _render(view: ElementInstanceView) -> dict[str, object]:
    instance, place = view.instance, view.instance.place
    return {
        "elementInstanceKey": format_key(instance.key),
        "elementId": place.element_id,
        "elementName": view.name or place.element_id,
        "type": _name_type(instance.element_type),
        "state": instance.state,
        "startDate": format_time(instance.start_date),
        "endDate": format_time(instance.end_date),
        "hasIncident": instance.incident_key is not None,
        "incidentKey": format_key(instance.incident_key),
        "processInstanceKey": format_key(place.process_instance_key),
        "rootProcessInstanceKey": format_key(place.root_key),
        "processDefinitionKey": format_key(place.process_definition_key),
        "processDefinitionId": place.process_id,
        "tenantId": TENANT,
    }


def _name_type(element_type: str) -> str:
    """Return Camunda's word for BPMN's: `userTask` is USER_TASK."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", element_type).upper()


def _render_statistics(found: Iterable[ElementStatistics]) -> Response:
    items = [
        {
            "elementId": one.element_id,
            "active": one.active,
            "canceled": one.canceled,
            "incidents": one.incidents,
            "completed": one.completed,
        }
        for one in found
    ]
    return render_json({"items": items})
