"""Decision definitions: which decisions there are, and what one of them answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields

from server.api import queries
from server.api.authentication import current_actor, current_context
from server.api.blueprint import READING_ONE, SEARCHING, Blueprint
from server.api.fields import Key, WireSchema, list_schema
from server.api.responses import TENANT, dump_json_text, format_key, render_json, render_page
from server.service import decision_definitions
from server.service.decision_definitions import EvaluationRequest

if TYPE_CHECKING:
    from flask import Response

    from server.model import Decided, DecisionDefinition, EvaluatedPart, MatchedRow, Query

blueprint = Blueprint("decision-definitions", prefix="/v2", description="Which decisions there are, and their answers.")


class DecisionDefinitionSchema(WireSchema):
    """One version of a decision."""

    decision_definition_key = Key(required=True)
    decision_definition_id = fields.String(required=True)
    name = fields.String(required=True)
    version = fields.Integer(required=True)
    decision_requirements_id = fields.String(required=True)
    decision_requirements_key = Key(required=True)
    decision_requirements_name = fields.String(required=True)
    decision_requirements_version = fields.Integer(required=True)
    tenant_id = fields.String(required=True)


class EvaluationSchema(WireSchema):
    """Which decision to evaluate, and with what."""

    decision_definition_id = fields.String(allow_none=True)
    decision_definition_key = Key(allow_none=True)
    variables = fields.Dict(keys=fields.String(), allow_none=True)
    tenant_id = fields.String(allow_none=True)


class AnswerSchema(WireSchema):
    """What the decision answered; `output` and values are JSON texts."""

    decision_definition_id = fields.String(required=True)
    decision_definition_key = Key(required=True)
    decision_definition_name = fields.String(required=True)
    decision_definition_version = fields.Integer(required=True)
    decision_requirements_id = fields.String(required=True)
    decision_requirements_key = Key(required=True)
    decision_evaluation_key = Key(required=True)
    decision_instance_key = Key(required=True)
    evaluated_decisions = fields.List(fields.Dict(), required=True)
    failed_decision_definition_id = fields.String(required=True, allow_none=True)
    failure_message = fields.String(required=True, allow_none=True)
    output = fields.String(required=True)
    tenant_id = fields.String(required=True)


_SEARCH = queries.search_schema(
    "DecisionDefinition",
    {
        "decisionDefinitionKey": queries.key("key"),
        "decisionDefinitionId": queries.text("decision_id"),
        "name": queries.text(),
        "version": queries.number(),
        "decisionRequirementsId": queries.text("requirements_id"),
        "decisionRequirementsKey": queries.key("requirements_key"),
        "decisionRequirementsName": queries.text("requirements_name"),
        "decisionRequirementsVersion": queries.number("requirements_version"),
        "isLatestVersion": queries.flag(),
    },
    {
        "decisionDefinitionKey": "key",
        "decisionDefinitionId": "decision_id",
        "name": "name",
        "version": "version",
        "decisionRequirementsId": "requirements_id",
        "decisionRequirementsKey": "requirements_key",
        "decisionRequirementsName": "requirements_name",
        "decisionRequirementsVersion": "requirements_version",
    },
)


@blueprint.endpoint(
    "POST",
    "/decision-definitions/search",
    body=_SEARCH,
    answer=list_schema("DecisionDefinitionPage", DecisionDefinitionSchema),
    refusals=SEARCHING,
)
def search_decision_definitions(query: Query) -> Response:
    """Search decision definitions."""
    latest, query = queries.take_flag(query, "is_latest_version")
    page = decision_definitions.search_decision_definitions(
        current_context(), current_actor(), query, latest_only=latest is True
    )
    return render_page(page, [_render_definition(definition) for definition in page.items])


@blueprint.endpoint(
    "POST",
    "/decision-definitions/evaluation",
    body=EvaluationSchema(),
    answer=AnswerSchema(),
    refusals=(*READING_ONE, 413, 415),
)
def evaluate_decision(body: dict[str, Any]) -> Response:
    """Evaluate a decision; a failure inside it is told in the answer."""
    request = EvaluationRequest(
        decision_id=body.get("decision_definition_id"),
        definition_key=body.get("decision_definition_key"),
        variables=body.get("variables") or {},
    )
    key, decided = decision_definitions.evaluate_decision_definition(current_context(), current_actor(), request)
    return render_json(_render_answer(key, decided))


def _render_definition(definition: DecisionDefinition) -> dict[str, object]:
    requirements = definition.requirements
    return {
        "decisionDefinitionKey": format_key(definition.key),
        "decisionDefinitionId": definition.decision_id,
        "name": definition.name or definition.decision_id,
        "version": definition.version,
        "decisionRequirementsId": requirements.requirements_id,
        "decisionRequirementsKey": format_key(requirements.key),
        "decisionRequirementsName": requirements.name,
        "decisionRequirementsVersion": requirements.version,
        "tenantId": TENANT,
    }


def _render_answer(key: int, answer: Decided) -> dict[str, object]:
    definition = answer.definition
    return {
        **name_definition(definition),
        "decisionRequirementsId": definition.requirements.requirements_id,
        "decisionRequirementsKey": format_key(definition.requirements.key),
        "decisionEvaluationKey": format_key(key),
        "decisionInstanceKey": format_key(key),
        "evaluatedDecisions": [
            _render_part(part) | {"decisionEvaluationInstanceKey": f"{key}-{number}"}
            for number, part in enumerate(answer.parts, 1)
        ],
        "failedDecisionDefinitionId": None if answer.failure is None else definition.decision_id,
        "failureMessage": answer.failure,
        "output": dump_json_text(answer.output),
        "tenantId": TENANT,
    }


def name_definition(definition: DecisionDefinition) -> dict[str, object]:
    """Return how answers name a decision."""
    return {
        "decisionDefinitionId": definition.decision_id,
        "decisionDefinitionKey": format_key(definition.key),
        "decisionDefinitionName": definition.name or definition.decision_id,
        "decisionDefinitionVersion": definition.version,
    }


def _render_part(part: EvaluatedPart) -> dict[str, object]:
    return {
        **name_definition(part.definition),
        "decisionDefinitionType": name_type(part),
        "output": dump_json_text(part.output),
        **render_evidence(part),
        "tenantId": TENANT,
    }


def name_type(part: EvaluatedPart) -> str:
    """Return Camunda's word for what kind of decision it was."""
    return "LITERAL_EXPRESSION" if part.table_id is None else "DECISION_TABLE"


def render_evidence(part: EvaluatedPart) -> dict[str, object]:
    """Return the inputs and the rules that matched."""
    return {
        "evaluatedInputs": [
            {"inputId": f"{part.table_id}_input_{number}", "inputName": name, "inputValue": dump_json_text(value)}
            for number, (name, value) in enumerate(part.inputs, 1)
        ],
        "matchedRules": [_render_rule(rule) for rule in part.rules],
    }


def _render_rule(rule: MatchedRow) -> dict[str, object]:
    return {
        "ruleId": rule.id,
        "ruleIndex": rule.number,
        "evaluatedOutputs": [
            {
                "outputId": f"{rule.id}_output_{number}",
                "outputName": name,
                "outputValue": dump_json_text(value),
                "ruleId": rule.id,
                "ruleIndex": rule.number,
            }
            for number, (name, value) in enumerate(rule.outputs.items(), 1)
        ],
    }
