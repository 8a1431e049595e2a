"""Personal tokens of whoever asks, and of others for administrators."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate

from server.api.authentication import current_actor, current_context
from server.api.blueprint import CHANGING, READING_ONE, Blueprint
from server.api.fields import Moment, WireSchema
from server.api.responses import format_time, render_json, render_nothing
from server.api.scopes import TokenScopesSchema, read_token_scopes, render_token_scopes
from server.service import identity, tokens

if TYPE_CHECKING:
    from flask import Response

    from server.model import Token

blueprint = Blueprint("tokens", prefix="/api", description="Personal tokens.")


class TokenSchema(WireSchema):
    """A token, without what is secret."""

    token_id = fields.String(required=True)
    username = fields.String(required=True)
    name = fields.String(required=True)
    scopes = fields.Nested(
        TokenScopesSchema, required=True, allow_none=True, metadata={"description": "null: all that the person may do"}
    )
    created_at = Moment(required=True)
    expires_at = Moment(required=True, allow_none=True)
    last_used_at = Moment(required=True, allow_none=True)


class TokensSchema(WireSchema):
    """A person's tokens, oldest first."""

    items = fields.List(fields.Nested(TokenSchema), required=True)


class TokensQuerySchema(WireSchema):
    """Whose tokens: one's own unless said otherwise."""

    username = fields.String()


class NewTokenSchema(WireSchema):
    """A token to be made."""

    username = fields.String(metadata={"description": "for whom; oneself unless said otherwise"})
    name = fields.String(load_default="", metadata={"description": "what it is for"})
    days = fields.Integer(
        load_default=identity.PERSONAL_TOKEN_LIFE.days, validate=validate.Range(1, identity.LONGEST_TOKEN_LIFE.days)
    )
    scopes = fields.Nested(TokenScopesSchema, load_default=None, allow_none=True)


class MadeTokenSchema(WireSchema):
    """The token, shown this once."""

    token = fields.String(required=True)


@blueprint.endpoint("GET", "/tokens", query=TokensQuerySchema(), answer=TokensSchema(), refusals=READING_ONE)
def list_tokens(asked: dict[str, str]) -> Response:
    """List one's own tokens, or for administrators those of a person."""
    found = tokens.list_tokens(current_context(), current_actor(), asked.get("username", current_actor().name))
    return render_json({"items": [_render(one) for one in found]})


@blueprint.endpoint("POST", "/tokens", body=NewTokenSchema(), answer=MadeTokenSchema(), status=201, refusals=CHANGING)
def create_token(body: dict[str, Any]) -> Response:
    """Make a token; the answer holds it, and it is never shown again."""
    actor = current_actor()
    scopes = None if body["scopes"] is None else read_token_scopes(body["scopes"])
    life, user = timedelta(days=body["days"]), body.get("username", actor.name)
    token = identity.add_token(current_context(), actor, user, name=body["name"], life=life, scopes=scopes)
    return render_json({"token": token}, 201)


@blueprint.endpoint("DELETE", "/tokens/<string:token_id>", status=204, refusals=CHANGING)
def revoke_token(token_id: str) -> Response:
    """End a token at once."""
    tokens.revoke_token(current_context(), current_actor(), token_id)
    return render_nothing()


def _render(token: Token) -> dict[str, object]:
    scopes = token.scopes
    return {
        "tokenId": token.token_id,
        "username": token.user_name,
        "name": token.name,
        "scopes": None if scopes is None else render_token_scopes(scopes),
        "createdAt": format_time(token.created_at),
        "expiresAt": format_time(token.expires_at),
        "lastUsedAt": format_time(token.last_used_at),
    }
