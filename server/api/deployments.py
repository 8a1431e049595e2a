"""Deployments: diagrams, decisions and forms come in together, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request
from marshmallow import fields

from server.api.authentication import current_actor, current_context
from server.api.blueprint import Blueprint
from server.api.bodies import read_multipart
from server.api.fields import Key, WireSchema
from server.api.responses import TENANT, format_key, render_json
from server.errors import InvalidArgument, Problem
from server.service import deployments

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask import Response

    from server.model import DecisionDefinition, FormDefinition, ProcessDefinition

blueprint = Blueprint("deployments", prefix="/v2", description="Bring diagrams, decisions and forms in.")
PART = "resources"
_UPLOAD = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": [PART],
                    "properties": {
                        PART: {
                            "type": "array",
                            "items": {"type": "string", "contentMediaType": "application/octet-stream"},
                        },
                        "tenantId": {"type": "string"},
                    },
                }
            }
        },
    }
}


class DeployedProcessSchema(WireSchema):
    """A process of a deployment."""

    process_definition_id = fields.String(required=True)
    process_definition_version = fields.Integer(required=True)
    process_definition_key = Key(required=True)
    resource_name = fields.String(required=True)
    tenant_id = fields.String(required=True)


class DeployedDecisionSchema(WireSchema):
    """A decision of a deployment."""

    decision_definition_id = fields.String(required=True)
    decision_definition_key = Key(required=True)
    decision_requirements_id = fields.String(required=True)
    decision_requirements_key = Key(required=True)
    name = fields.String(required=True)
    version = fields.Integer(required=True)
    tenant_id = fields.String(required=True)


class DeployedFormSchema(WireSchema):
    """A form of a deployment."""

    form_id = fields.String(required=True)
    form_key = Key(required=True)
    version = fields.Integer(required=True)
    resource_name = fields.String(required=True)
    tenant_id = fields.String(required=True)


class DeployedSchema(WireSchema):
    """One deployed thing: exactly one of the members is not null."""

    process_definition = fields.Nested(DeployedProcessSchema, required=True, allow_none=True)
    decision_definition = fields.Nested(DeployedDecisionSchema, required=True, allow_none=True)
    decision_requirements = fields.Dict(required=True, allow_none=True)
    form = fields.Nested(DeployedFormSchema, required=True, allow_none=True)
    resource = fields.Dict(required=True, allow_none=True)


class DeploymentSchema(WireSchema):
    """What a deployment brought in."""

    deployment_key = Key(required=True)
    tenant_id = fields.String(required=True)
    deployments = fields.List(fields.Nested(DeployedSchema), required=True)


@blueprint.endpoint(
    "POST",
    "/deployments",
    answer=DeploymentSchema(),
    refusals=(400, 401, 403, 409, 413, 415, 500, 503),
    documentation=_UPLOAD,
)
def create_deployment() -> Response:
    """Deploy resources.

    Everything in one request is deployed together or, when anything is wrong with one of them, not at all: every
    finding names its element. The same content again gives the version that is there.
    """
    deployment = deployments.deploy(current_context(), current_actor(), _read_resources())
    deployed = [
        *(_deployed(processDefinition=_render_process(process)) for process in deployment.processes),
        *(_deployed(decisionDefinition=_render_decision(decision)) for decision in deployment.decisions),
        *(_deployed(decisionRequirements=one) for one in _render_requirements(deployment.decisions)),
        *(_deployed(form=_render_form(form)) for form in deployment.forms),
    ]
    return render_json({"deploymentKey": format_key(deployment.key), "tenantId": TENANT, "deployments": deployed})


def _read_resources() -> list[tuple[str, bytes]]:
    """Return name and content of every uploaded part called `resources`, whatever type it says it has."""
    form, uploads = read_multipart(request)
    files = uploads.getlist(PART)
    unknown = (set(uploads) - {PART}) | (set(form) - {"tenantId"})
    if unknown:
        raise InvalidArgument(
            f"expected parts named {PART}, with a file name each; found {', '.join(sorted(unknown))[:200]}",
            problems=[Problem(f"/{name}", "unknown part") for name in sorted(unknown)],
        )
    if form.get("tenantId", TENANT) != TENANT:
        raise InvalidArgument(f"there is only the tenant {TENANT}", problems=[Problem("/tenantId", "unknown tenant")])
    if not files:
        raise InvalidArgument(f"expected at least one part named {PART} with a file name, found none")
    return [(file.filename or "", file.read()) for file in files]


def _deployed(**member: dict[str, object]) -> dict[str, object]:
    nothing = dict.fromkeys(("processDefinition", "decisionDefinition", "decisionRequirements", "form", "resource"))
    return {**nothing, **member}


def _render_process(process: ProcessDefinition) -> dict[str, object]:
    return {
        "processDefinitionId": process.process_id,
        "processDefinitionVersion": process.version,
        "processDefinitionKey": format_key(process.key),
        "resourceName": process.resource_name,
        "tenantId": TENANT,
    }


def _render_decision(decision: DecisionDefinition) -> dict[str, object]:
    return {
        "decisionDefinitionId": decision.decision_id,
        "decisionDefinitionKey": format_key(decision.key),
        "decisionRequirementsId": decision.requirements.requirements_id,
        "decisionRequirementsKey": format_key(decision.requirements.key),
        "name": decision.name or decision.decision_id,
        "version": decision.version,
        "tenantId": TENANT,
    }


def _render_requirements(decisions: Iterable[DecisionDefinition]) -> Iterable[dict[str, object]]:
    """Return each DMN file once, whatever number of decisions it holds."""
    files = {decision.requirements.key: decision for decision in decisions}
    return [
        {
            "decisionRequirementsId": decision.requirements.requirements_id,
            "decisionRequirementsKey": format_key(decision.requirements.key),
            "decisionRequirementsName": decision.requirements.name,
            "version": decision.requirements.version,
            "resourceName": decision.resource_name,
            "tenantId": TENANT,
        }
        for decision in files.values()
    ]


def _render_form(form: FormDefinition) -> dict[str, object]:
    return {
        "formId": form.form_id,
        "formKey": format_key(form.key),
        "version": form.version,
        "resourceName": form.resource_name,
        "tenantId": TENANT,
    }
