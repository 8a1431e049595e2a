"""Variables: what instances hold, of every scope, by name and value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from marshmallow import fields

from server.api import queries
from server.api.authentication import current_actor, current_context
from server.api.blueprint import SEARCHING, Blueprint
from server.api.fields import Key, WireSchema, list_schema
from server.api.responses import TENANT, dump_json_text, format_key, render_page
from server.service import variables

if TYPE_CHECKING:
    from flask import Response

    from server.model import Query

blueprint = Blueprint("variables", prefix="/v2", description="What process instances hold.")


class VariableView(Protocol):
    """A variable as the services hand it over."""

    @property
    def key(self) -> int: ...  # noqa: D102 - see `model.Variable`
    @property
    def scope_key(self) -> int: ...  # noqa: D102 - see `model.Variable`
    @property
    def process_instance_key(self) -> int: ...  # noqa: D102 - see `model.Variable`
    @property
    def root_key(self) -> int: ...  # noqa: D102 - see `model.Variable`
    @property
    def name(self) -> str: ...  # noqa: D102 - see `model.Variable`
    @property
    def value(self) -> object: ...  # noqa: D102 - see `model.Variable`


class VariableSchema(WireSchema):
    """A variable in its scope; `value` is JSON text."""

    variable_key = Key(required=True)
    name = fields.String(required=True)
    value = fields.String(required=True, metadata={"description": "the value as JSON text"})
    is_truncated = fields.Boolean(required=True, metadata={"description": "always false: values come whole"})
    scope_key = Key(required=True)
    process_instance_key = Key(required=True)
    root_process_instance_key = Key(required=True, allow_none=True)
    tenant_id = fields.String(required=True)


_FILTERS = {
    "name": queries.text(),
    "value": queries.text(),
    "variableKey": queries.key("key"),
    "scopeKey": queries.key(),
    "processInstanceKey": queries.key(),
    "isTruncated": queries.fixed_flag(value=False),
}
_SORTS = {
    "name": "name",
    "value": "value",
    "variableKey": "key",
    "scopeKey": "scope_key",
    "processInstanceKey": "process_instance_key",
}
SEARCH_OF_TASK = queries.search_schema("UserTaskVariable", {"name": queries.text()}, _SORTS)


@blueprint.endpoint(
    "POST",
    "/variables/search",
    body=queries.search_schema("Variable", _FILTERS, _SORTS),
    answer=list_schema("VariablePage", VariableSchema),
    refusals=SEARCHING,
)
def search_variables(query: Query) -> Response:
    """Search the variables of all scopes.

    A filter on `value` compares the JSON text: the text `handle` is found as `"handle"`, with its quotes.
    """
    page = variables.search_variables(current_context(), current_actor(), query)
    return render_page(page, [render_variable(variable) for variable in page.items])


def render_variable(variable: VariableView) -> dict[str, object]:
    """Return the variable as clients expect it."""
    return {
        "variableKey": format_key(variable.key),
        "name": variable.name,
        "value": dump_json_text(variable.value),
        "isTruncated": False,
        "scopeKey": format_key(variable.scope_key),
        "processInstanceKey": format_key(variable.process_instance_key),
        "rootProcessInstanceKey": format_key(variable.root_key),
        "tenantId": TENANT,
    }
