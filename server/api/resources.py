"""Resources: deployed files by the key of what they define, and their deletion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate

from server.api.authentication import current_actor, current_context
from server.api.blueprint import CHANGING, READING_ONE, Blueprint
from server.api.fields import Key, WireSchema
from server.api.responses import TENANT, format_key, render_file, render_json
from server.model import ResourceKind
from server.service import resources

if TYPE_CHECKING:
    from flask import Response

    from server.model import DeployedResource

blueprint = Blueprint("resources", prefix="/v2", description="Deployed files.")
_MEDIA_TYPES = {
    ResourceKind.PROCESS: "text/xml",
    ResourceKind.FORM: "application/json",
    ResourceKind.DECISIONS: "text/xml",
}
_BYTES = "application/octet-stream"


class ResourceSchema(WireSchema):
    """A deployed process definition, form, or DMN file."""

    resource_key = Key(required=True)
    resource_id = fields.String(required=True)
    resource_name = fields.String(required=True)
    version = fields.Integer(required=True)
    version_tag = fields.String(required=True, allow_none=True)
    tenant_id = fields.String(required=True)


class DeletionSchema(WireSchema):
    """What is to be deleted; instances and their history always stay."""

    operation_reference = fields.Integer(allow_none=True, metadata={"description": "accepted, without meaning here"})
    delete_history = fields.Boolean(
        truthy={True},
        falsy={False},
        allow_none=True,
        validate=validate.NoneOf([True], error="not supported: the history of instances is kept"),
    )


class DeletedSchema(WireSchema):
    """What was deleted."""

    resource_key = Key(required=True)
    batch_operation = fields.Dict(required=True, allow_none=True)


@blueprint.endpoint("GET", "/resources/<key:key>", answer=ResourceSchema(), refusals=READING_ONE)
def get_resource(key: int) -> Response:
    """Get a deployed process definition, form or DMN file by its key."""
    return render_json(_render(resources.get_resource(current_context(), current_actor(), key)))


@blueprint.endpoint(
    "GET",
    "/resources/<key:key>/content",
    answer=None,
    refusals=READING_ONE,
    documentation={
        "responses": {200: {"content": {one: {"schema": {}} for one in sorted(set(_MEDIA_TYPES.values()))}}}
    },
)
def get_resource_content(key: int) -> Response:
    """Get the file as it was deployed."""
    record, content = resources.get_content(current_context(), current_actor(), key)
    return render_file(content, _MEDIA_TYPES[record.kind])


@blueprint.endpoint(
    "GET",
    "/resources/<key:key>/content/binary",
    answer=None,
    refusals=READING_ONE,
    documentation={"responses": {200: {"content": {_BYTES: {"schema": {"type": "string", "format": "binary"}}}}}},
)
def get_resource_content_binary(key: int) -> Response:
    """Get the file as it was deployed, as a download."""
    record, content = resources.get_content(current_context(), current_actor(), key)
    return render_file(content, _BYTES, record.resource_name)


@blueprint.endpoint(
    "POST", "/resources/<key:key>/deletion", body=DeletionSchema(), answer=DeletedSchema(), refusals=CHANGING
)
def delete_resource(body: dict[str, Any], key: int) -> Response:
    """Delete a resource: nothing begins with it any more, what runs goes on, and the version before is the latest."""
    del body
    resources.delete_resource(current_context(), current_actor(), key)
    return render_json({"resourceKey": format_key(key), "batchOperation": None})


def _render(record: DeployedResource) -> dict[str, object]:
    return {
        "resourceKey": format_key(record.key),
        "resourceId": record.resource_id,
        "resourceName": record.resource_name,
        "version": record.version,
        "versionTag": record.version_tag,
        "tenantId": TENANT,
    }
