"""Tokens for clients: OAuth 2.0 client credentials (RFC 6749, section 4.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request
from marshmallow import fields
from werkzeug.exceptions import UnsupportedMediaType

from server.api.authentication import current_context, current_visitor, read_basic, refuse_foreign_pages
from server.api.blueprint import Blueprint
from server.api.bodies import JSON_LIMIT
from server.api.fields import WireSchema
from server.api.problems import OAuthClientRefused, OAuthRefused
from server.api.responses import render_json
from server.errors import Unauthenticated
from server.service import sign_ins

if TYPE_CHECKING:
    from flask import Response

blueprint = Blueprint("oauth", prefix="/oauth", description="Tokens for clients.", public=True)
_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["grant_type"],
                    "properties": {
                        "grant_type": {"type": "string", "enum": ["client_credentials"]},
                        "client_id": {"type": "string"},
                        "client_secret": {"type": "string"},
                        "audience": {"type": "string", "description": "accepted, without meaning here"},
                        "scope": {"type": "string", "description": "accepted, without meaning here"},
                    },
                }
            }
        },
    }
}


class AccessTokenSchema(WireSchema):
    """A token for `Authorization: Bearer`."""

    access_token = fields.String(required=True, data_key="access_token")
    token_type = fields.String(required=True, data_key="token_type")
    expires_in = fields.Integer(required=True, data_key="expires_in", metadata={"description": "seconds"})


@blueprint.endpoint(
    "POST", "/token", answer=AccessTokenSchema(), refusals=(400, 401, 413, 415, 429, 500, 503), documentation=_FORM
)
def create_access_token() -> Response:
    """Exchange a client's id and secret, in the form or as Basic, for a token of a quarter of an hour."""
    refuse_foreign_pages(request)
    request.max_content_length = JSON_LIMIT
    if request.mimetype != "application/x-www-form-urlencoded":
        raise UnsupportedMediaType(
            f"Expected application/x-www-form-urlencoded, found {request.mimetype or 'no content type'}."
        )
    grant = request.form.get("grant_type")
    if grant is None:
        raise OAuthRefused("invalid_request", "expected the parameter grant_type")
    if grant != "client_credentials":
        raise OAuthRefused("unsupported_grant_type", f"expected client_credentials, found {grant!r:.60}")
    try:
        token, seconds = sign_ins.issue_client_token(current_context(), *_read_client(), current_visitor())
    except Unauthenticated as error:
        raise OAuthClientRefused(error.message) from error
    return render_json({"access_token": token, "token_type": "Bearer", "expires_in": seconds})


def _read_client() -> tuple[str, str]:
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        return read_basic(credentials.strip())
    client_id, secret = request.form.get("client_id"), request.form.get("client_secret")
    if not client_id or not secret:
        raise Unauthenticated("expected client_id and client_secret, in the form or as Basic")
    return client_id, secret
