"""Process definitions: which processes there are, their diagrams and start forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marshmallow import fields

from server.api import queries
from server.api.authentication import current_actor, current_context
from server.api.blueprint import READING_ONE, SEARCHING, Blueprint
from server.api.fields import Key, WireSchema, list_schema
from server.api.responses import TENANT, format_key, render_file, render_json, render_nothing, render_page
from server.service import process_definitions

if TYPE_CHECKING:
    from flask import Response

    from server.model import FormDefinition, ProcessDefinition, Query

blueprint = Blueprint("process-definitions", prefix="/v2", description="Which processes there are.")


class ProcessDefinitionSchema(WireSchema):
    """One version of a process."""

    process_definition_key = Key(required=True)
    process_definition_id = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)
    resource_name = fields.String(required=True)
    version = fields.Integer(required=True)
    version_tag = fields.String(required=True, allow_none=True)
    tenant_id = fields.String(required=True)
    has_start_form = fields.Boolean(required=True)
    state = fields.String(required=True)


class FormSchema(WireSchema):
    """A form; `schema` is the form-js schema as JSON text."""

    form_key = Key(required=True)
    form_id = fields.String(required=True)
    version = fields.Integer(required=True)
    schema = fields.String(required=True)
    tenant_id = fields.String(required=True)


_SEARCH = queries.search_schema(
    "ProcessDefinition",
    {
        "processDefinitionKey": queries.key("key"),
        "processDefinitionId": queries.text("process_id"),
        "name": queries.text(),
        "resourceName": queries.text(),
        "version": queries.number(),
        "versionTag": queries.text(),
        "isLatestVersion": queries.flag(),
        "hasStartForm": queries.flag(),
        "state": queries.fixed("ACTIVE", ("ACTIVE", "DELETED", "DRAINING")),
    },
    {
        "processDefinitionKey": "key",
        "processDefinitionId": "process_id",
        "name": "name",
        "resourceName": "resource_name",
        "version": "version",
        "versionTag": "version_tag",
    },
)


@blueprint.endpoint(
    "POST",
    "/process-definitions/search",
    body=_SEARCH,
    answer=list_schema("ProcessDefinitionPage", ProcessDefinitionSchema),
    refusals=SEARCHING,
)
def search_process_definitions(query: Query) -> Response:
    """Search process definitions."""
    latest, query = queries.take_flag(query, "is_latest_version")
    page = process_definitions.search_process_definitions(
        current_context(), current_actor(), query, latest_only=latest is True
    )
    return render_page(page, [render_process_definition(definition) for definition in page.items])


@blueprint.endpoint("GET", "/process-definitions/<key:key>", answer=ProcessDefinitionSchema(), refusals=READING_ONE)
def get_process_definition(key: int) -> Response:
    """Get one version of a process."""
    definition = process_definitions.get_process_definition(current_context(), current_actor(), key)
    return render_json(render_process_definition(definition))


@blueprint.endpoint(
    "GET",
    "/process-definitions/<key:key>/xml",
    answer=None,
    refusals=READING_ONE,
    documentation={"responses": {200: {"content": {"text/xml": {"schema": {"type": "string"}}}}}},
)
def get_process_definition_xml(key: int) -> Response:
    """Get the diagram as it was deployed."""
    return render_file(process_definitions.get_xml(current_context(), current_actor(), key), "text/xml")


@blueprint.endpoint(
    "GET",
    "/process-definitions/<key:key>/form",
    answer=FormSchema(),
    refusals=READING_ONE,
    documentation={"responses": {204: {"description": "The process starts without a form"}}},
)
def get_start_process_form(key: int) -> Response:
    """Get the form with which the process starts, or 204 when it has none."""
    return render_form(process_definitions.get_start_form(current_context(), current_actor(), key))


def render_process_definition(definition: ProcessDefinition) -> dict[str, object]:
    """Return the definition as clients expect it."""
    return {
        "processDefinitionKey": format_key(definition.key),
        "processDefinitionId": definition.process_id,
        "name": definition.name,
        "resourceName": definition.resource_name,
        "version": definition.version,
        "versionTag": definition.version_tag,
        "tenantId": TENANT,
        "hasStartForm": definition.start_form_id is not None,
        "state": "ACTIVE",
    }


def render_form(form: FormDefinition | None) -> Response:
    """Return the form, or 204 for none."""
    if form is None:
        return render_nothing()
    return render_json(
        {
            "formKey": format_key(form.key),
            "formId": form.form_id,
            "version": form.version,
            "schema": form.schema,
            "tenantId": TENANT,
        }
    )
