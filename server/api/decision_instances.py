"""Decision instances: what was decided, from which inputs, by which rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marshmallow import fields

from server.api import queries
from server.api.authentication import current_actor, current_context
from server.api.blueprint import READING_ONE, SEARCHING, Blueprint
from server.api.decision_definitions import name_definition, name_type, render_evidence
from server.api.fields import Key, Moment, WireSchema, list_schema, to_model_name
from server.api.responses import TENANT, dump_json_text, format_key, format_time, render_json, render_page
from server.model import DecisionKind, DecisionState
from server.service import decision_instances

if TYPE_CHECKING:
    from flask import Response

    from server.model import DecisionInstance, Query

blueprint = Blueprint("decision-instances", prefix="/v2", description="What was decided, and why so.")


class DecisionInstanceSchema(WireSchema):
    """A decision that was evaluated; `result` is JSON text."""

    decision_evaluation_instance_key = fields.String(required=True)
    decision_evaluation_key = Key(required=True)
    state = fields.String(required=True)
    evaluation_date = Moment(required=True)
    evaluation_failure = fields.String(required=True, allow_none=True)
    decision_definition_id = fields.String(required=True)
    decision_definition_key = Key(required=True)
    decision_definition_name = fields.String(required=True)
    decision_definition_version = fields.Integer(required=True)
    decision_definition_type = fields.String(required=True)
    root_decision_definition_key = Key(required=True)
    process_definition_key = Key(required=True, allow_none=True)
    process_instance_key = Key(required=True, allow_none=True)
    root_process_instance_key = Key(required=True, allow_none=True)
    element_instance_key = Key(required=True, allow_none=True)
    business_id = fields.String(required=True, allow_none=True)
    result = fields.String(required=True)
    tenant_id = fields.String(required=True)


class DecisionEvidenceSchema(DecisionInstanceSchema):
    """The same with its inputs and the rules that matched; values are JSON texts."""

    evaluated_inputs = fields.List(fields.Dict(), required=True)
    matched_rules = fields.List(fields.Dict(), required=True)


_NEVER = ("UNKNOWN", "UNSPECIFIED")
_FILTERS = {
    "decisionEvaluationInstanceKey": queries.text("id"),
    "decisionEvaluationKey": queries.key("evaluation_key"),
    "state": queries.choice(tuple(DecisionState), _NEVER),
    "evaluationDate": queries.moment("evaluated_at"),
    "evaluationFailure": queries.text("failure"),
    "decisionDefinitionId": queries.text("decision_id"),
    "decisionDefinitionKey": queries.key("decision_key"),
    "decisionDefinitionName": queries.text("name"),
    "decisionDefinitionVersion": queries.number("version"),
    "decisionDefinitionType": queries.choice(tuple(DecisionKind), _NEVER, "kind"),
    "decisionRequirementsKey": queries.key("requirements_key"),
    "rootDecisionDefinitionKey": queries.key("root_decision_key"),
    "processDefinitionKey": queries.key(),
    "processInstanceKey": queries.key(),
    "elementInstanceKey": queries.key(),
}
_SORTS = {
    name: reading.model_name or to_model_name(name)
    for name, reading in _FILTERS.items()
    if name != "decisionRequirementsKey"
} | {"businessId": None}
_FILTERS |= {"businessId": queries.fixed(None)}


@blueprint.endpoint(
    "POST",
    "/decision-instances/search",
    body=queries.search_schema("DecisionInstance", _FILTERS, _SORTS),
    answer=list_schema("DecisionInstancePage", DecisionInstanceSchema),
    refusals=SEARCHING,
)
def search_decision_instances(query: Query) -> Response:
    """Search evaluated decisions."""
    page = decision_instances.search_decision_instances(current_context(), current_actor(), query)
    return render_page(page, [_render(one) for one in page.items])


@blueprint.endpoint(
    "GET", "/decision-instances/<string:decision_id>", answer=DecisionEvidenceSchema(), refusals=READING_ONE
)
def get_decision_instance(decision_id: str) -> Response:
    """Get an evaluated decision by its `decisionEvaluationInstanceKey`, with its inputs and the rules that matched."""
    found = decision_instances.get_decision_instance(current_context(), current_actor(), decision_id)
    return render_json(_render(found) | render_evidence(found.part))


def _render(found: DecisionInstance) -> dict[str, object]:
    place = found.place
    return {
        "decisionEvaluationInstanceKey": found.id,
        "decisionEvaluationKey": format_key(found.evaluation_key),
        "state": str(found.state),
        "evaluationDate": format_time(found.evaluated_at),
        "evaluationFailure": found.failure,
        **name_definition(found.part.definition),
        "decisionDefinitionType": name_type(found.part),
        "rootDecisionDefinitionKey": format_key(found.root_decision_key),
        "processDefinitionKey": None if place is None else format_key(place.process_definition_key),
        "processInstanceKey": None if place is None else format_key(place.process_instance_key),
        "rootProcessInstanceKey": None if place is None else format_key(place.root_key),
        "elementInstanceKey": None if place is None else format_key(place.element_instance_key),
        "businessId": None,
        "result": dump_json_text(found.part.output),
        "tenantId": TENANT,
    }
