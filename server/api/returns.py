"""Going back: the token of an element instance returns to an earlier element, which Camunda has no word for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate

from server.api.authentication import current_actor, current_context
from server.api.blueprint import CHANGING, READING_ONE, Blueprint
from server.api.fields import WireSchema
from server.api.responses import render_json, render_nothing
from server.service import modification

if TYPE_CHECKING:
    from flask import Response

blueprint = Blueprint("returns", prefix="/api", description="Going back to an earlier element.")


class ReturnTargetSchema(WireSchema):
    """An earlier user task."""

    element_id = fields.String(required=True)
    element_name = fields.String(required=True, metadata={"description": "the id where the diagram gives no name"})


class ReturnTargetsSchema(WireSchema):
    """The user tasks that may be returned to, the oldest first."""

    items = fields.List(fields.Nested(ReturnTargetSchema), required=True)


class ReturnSchema(WireSchema):
    """Where to return to."""

    element_id = fields.String(required=True, validate=validate.Length(1))


@blueprint.endpoint(
    "GET",
    "/element-instances/<key:key>/return-targets",
    answer=ReturnTargetsSchema(),
    refusals=(*READING_ONE, 409),
)
def get_return_targets(key: int) -> Response:
    """List the user tasks to which an active element instance may be returned. For administrators."""
    found = modification.list_return_targets(current_context(), current_actor(), key)
    return render_json(
        {"items": [{"elementId": one.element_id, "elementName": one.name or one.element_id} for one in found]}
    )


@blueprint.endpoint("POST", "/element-instances/<key:key>/return", body=ReturnSchema(), status=204, refusals=CHANGING)
def return_element_instance(body: dict[str, Any], key: int) -> Response:
    """Return an active element instance to an earlier activity of the same scope. For administrators."""
    modification.return_element_instance(current_context(), current_actor(), key, body["element_id"])
    return render_nothing()
