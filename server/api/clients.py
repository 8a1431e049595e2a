"""Programs that use the API, managed by administrators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate

from server.api.authentication import current_actor, current_context
from server.api.blueprint import CHANGING, READING, READING_ONE, Blueprint
from server.api.fields import Moment, WireSchema
from server.api.preconditions import IF_MATCH, TAGGED, add_tag, read_precondition
from server.api.responses import format_time, render_json, render_nothing
from server.api.scopes import ClientScopesSchema, read_client_scopes, render_client_scopes
from server.service import clients, identity
from server.service.preconditions import make_tag

if TYPE_CHECKING:
    from flask import Response

    from server.model import Client

blueprint = Blueprint("clients", prefix="/api", description="Programs that use the API.")


class ClientSchema(WireSchema):
    """A client; its secret is never shown again."""

    client_id = fields.String(required=True)
    name = fields.String(required=True)
    scopes = fields.Nested(ClientScopesSchema, required=True)
    revoked = fields.Boolean(required=True)
    created_at = Moment(required=True)


class ClientsSchema(WireSchema):
    """Every client, by id."""

    items = fields.List(fields.Nested(ClientSchema), required=True)


class NewClientSchema(WireSchema):
    """A client to be added; without scopes it may do nothing."""

    client_id = fields.String(required=True)
    name = fields.String(load_default="", validate=validate.Length(max=200))
    scopes = fields.Nested(ClientScopesSchema, load_default=lambda: ClientScopesSchema().load({}))


class SecretSchema(WireSchema):
    """The secret, shown this once."""

    client_id = fields.String(required=True)
    client_secret = fields.String(required=True)


class ChangedClientSchema(WireSchema):
    """What the client may do from now on."""

    scopes = fields.Nested(ClientScopesSchema, required=True)


@blueprint.endpoint("GET", "/clients", answer=ClientsSchema(), refusals=READING)
def list_clients() -> Response:
    """List the clients, with what they may do."""
    found = clients.list_clients(current_context(), current_actor())
    return render_json({"items": [_render(one) for one in found]})


@blueprint.endpoint("POST", "/clients", body=NewClientSchema(), answer=SecretSchema(), status=201, refusals=CHANGING)
def create_client(body: dict[str, Any]) -> Response:
    """Add a client; the answer holds its secret, which is never shown again."""
    scopes = read_client_scopes(body["scopes"])
    client_id, secret = identity.add_client(
        current_context(), current_actor(), body["client_id"], scopes=scopes, title=body["name"]
    )
    return render_json({"clientId": client_id, "clientSecret": secret}, 201)


@blueprint.endpoint(
    "GET",
    "/clients/<string:client_id>",
    answer=ClientSchema(),
    refusals=READING_ONE,
    documentation={"responses": {200: TAGGED}},
)
def get_client(client_id: str) -> Response:
    """Get one client."""
    found = clients.get_client(current_context(), current_actor(), client_id)
    return add_tag(render_json(_render(found)), make_tag(found))


@blueprint.endpoint(
    "PATCH",
    "/clients/<string:client_id>",
    body=ChangedClientSchema(),
    answer=ClientSchema(),
    refusals=(*CHANGING, 412),
    documentation={"parameters": [IF_MATCH], "responses": {200: TAGGED}},
)
def update_client(body: dict[str, Any], client_id: str) -> Response:
    """Let a client do exactly this; it counts at once, for the tokens it has too."""
    scopes = read_client_scopes(body["scopes"])
    clients.change_scopes(current_context(), current_actor(), client_id, scopes, read_precondition())
    return get_client(client_id)


@blueprint.endpoint("POST", "/clients/<string:client_id>/secret", answer=SecretSchema(), status=201, refusals=CHANGING)
def rotate_client_secret(client_id: str) -> Response:
    """Give a client another secret; the old one and its tokens end at once, a revoked client is let in again."""
    secret = clients.rotate_secret(current_context(), current_actor(), client_id)
    return render_json({"clientId": client_id, "clientSecret": secret}, 201)


@blueprint.endpoint("DELETE", "/clients/<string:client_id>", status=204, refusals=CHANGING)
def revoke_client(client_id: str) -> Response:
    """Let a client in no more; its id stays taken."""
    clients.revoke_client(current_context(), current_actor(), client_id)
    return render_nothing()


def _render(client: Client) -> dict[str, object]:
    return {
        "clientId": client.client_id,
        "name": client.name,
        "scopes": render_client_scopes(client.scopes),
        "revoked": client.disabled,
        "createdAt": format_time(client.created_at),
    }
