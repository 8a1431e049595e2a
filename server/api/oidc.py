"""Signing in by an OpenID Connect provider: the way there, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response
from marshmallow import EXCLUDE, Schema, fields

from server.api.authentication import current_context
from server.api.blueprint import Blueprint
from server.api.cookies import SESSION, SIGN_IN, drop_cookie, read_cookie, set_cookie
from server.api.sessions import check_next, hand_over
from server.errors import InvalidArgument, Unauthenticated
from server.service import openid_sign_ins

if TYPE_CHECKING:
    from typing import Any

blueprint = Blueprint("oidc", prefix="/oidc", description="Signing in by an OpenID Connect provider.", public=True)


class LoginQuerySchema(Schema):
    """Where to go on to."""

    next = fields.String(load_default=None, metadata={"description": "path on this server"})


class CallbackQuerySchema(Schema):
    """What the provider sends along."""

    class Meta:
        """Providers add what they like, such as `session_state`."""

        unknown = EXCLUDE

    state = fields.String(required=True)
    code = fields.String(load_default=None)
    iss = fields.String(load_default=None)
    error = fields.String(load_default=None)


@blueprint.endpoint("GET", "/login", query=LoginQuerySchema(), status=303, refusals=(400, 404, 500, 503))
def begin_sign_in(asked: dict[str, Any]) -> Response:
    """Send the browser to the provider."""
    begun = openid_sign_ins.begin_sign_in(current_context(), check_next(asked["next"]))
    response = _redirect(begun.url)
    set_cookie(response, SIGN_IN, begun.browser, life=openid_sign_ins.REQUEST_LIFE)
    return response


@blueprint.endpoint(
    "GET", "/callback", query=CallbackQuerySchema(), status=303, refusals=(400, 401, 403, 404, 500, 503)
)
def finish_sign_in(asked: dict[str, Any]) -> Response:
    """Take the browser back: a session under a new secret, and on to where it wanted to go."""
    if asked["error"] is not None:
        raise Unauthenticated(f"The identity provider refused the sign-in: {asked['error']:.100}.")
    if asked["code"] is None:
        raise InvalidArgument("expected the parameter code")
    opened, following = openid_sign_ins.finish_sign_in(
        current_context(), asked["state"], asked["code"], asked["iss"], read_cookie(SIGN_IN), read_cookie(SESSION)
    )
    response = hand_over(opened, following or "/")
    drop_cookie(response, SIGN_IN)
    return response


def _redirect(url: str) -> Response:
    return Response(
        status=303, headers={"Location": url, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    )
