"""Signing in and out with a browser, and passwords."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Response, request
from marshmallow import fields
from werkzeug.exceptions import UnsupportedMediaType

from server.api.authentication import (
    CSRF_HEADER,
    current_actor,
    current_context,
    current_session,
    current_visitor,
    refuse_foreign_pages,
    require_actor,
)
from server.api.blueprint import CHANGING, Blueprint
from server.api.bodies import JSON_LIMIT, read_json_object
from server.api.cookies import DEVICE, FORM, SESSION, drop_cookie, read_cookie, set_cookie
from server.api.fields import Moment, WireSchema
from server.api.responses import format_time, render_json, render_nothing
from server.errors import InvalidArgument, Unauthenticated
from server.service import credentials, guesses, openid_sign_ins, passwords, sessions

if TYPE_CHECKING:
    from server.service.sessions import CurrentSession, OpenedSession

blueprint = Blueprint("sessions", prefix="", description="Signing in and out with a browser.", public=True)
owned = Blueprint("passwords", prefix="/api", description="Passwords and sessions of people.")
FORM_TYPE = "application/x-www-form-urlencoded"
CSRF_FIELD = "csrf_token"
_CREDENTIALS = {
    "type": "object",
    "required": ["username", "password"],
    "properties": {
        "username": {"type": "string"},
        "password": {"type": "string", "format": "password"},
        "next": {"type": "string", "description": "path on this server to go on to"},
        CSRF_FIELD: {"type": "string", "description": "needed in forms; `GET /api/session` tells it"},
    },
}
_SIGN_IN_BODY = {
    "requestBody": {
        "required": True,
        "content": {kind: {"schema": _CREDENTIALS} for kind in ("application/json", FORM_TYPE)},
    },
    "responses": {303: {"description": "signed in, and on to `next`"}},
}


class SessionSchema(WireSchema):
    """Whether this browser is signed in, and the token that its changes need."""

    authenticated = fields.Boolean(required=True)
    username = fields.String(required=True, allow_none=True)
    display_name = fields.String(required=True, allow_none=True)
    groups = fields.List(fields.String(), required=True)
    roles = fields.List(fields.String(), required=True)
    ends_at = Moment(required=True, allow_none=True)
    oidc = fields.Boolean(required=True, metadata={"description": "whether `/oidc/login` leads to a provider"})
    csrf_token = fields.String(required=True, metadata={"description": f"goes into the header {CSRF_HEADER}"})


class SignedOutSchema(WireSchema):
    """Where to go next."""

    redirect_to = fields.String(required=True, metadata={"description": "the provider's own sign-out"})


class NewPasswordSchema(WireSchema):
    """The present password and the new one."""

    current_password = fields.String(required=True)
    new_password = fields.String(required=True)


class ResetSchema(WireSchema):
    """A reset to be made."""

    revoke_tokens = fields.Boolean(load_default=False, metadata={"description": "end the personal tokens, too"})


class MadeResetSchema(WireSchema):
    """What the person is given; shown this once."""

    token = fields.String(required=True)
    link = fields.String(required=True)
    expires_at = Moment(required=True)


class UsedResetSchema(WireSchema):
    """A reset, and the password to be set by it."""

    token = fields.String(required=True)
    new_password = fields.String(required=True)


@blueprint.endpoint("GET", "/api/session", answer=SessionSchema(), refusals=(500, 503))
def get_session() -> Response:
    """Tell whether this browser is signed in; the token it needs for changes, or for signing in."""
    context = current_context()
    secret = read_cookie(SESSION)
    if secret:
        try:
            return _describe(sessions.find_session(context, secret), secret)
        except Unauthenticated:
            pass
    form = read_cookie(FORM) or credentials.make_secret()
    response = _describe(None, form)
    set_cookie(response, FORM, form, same_site="Strict")
    if secret:
        drop_cookie(response, SESSION)
    return response


@blueprint.endpoint(
    "POST",
    "/login",
    answer=SessionSchema(),
    refusals=(400, 401, 403, 413, 415, 429, 500, 503),
    documentation=_SIGN_IN_BODY,
)
def sign_in() -> Response:
    """Sign in with name and password: a session under a new secret, in a cookie.

    Forms need the token of `GET /api/session`; JSON does not, as no page of another site can send it.
    """
    refuse_foreign_pages(request)
    name, password, following = _read_sign_in()
    opened = sessions.sign_in(current_context(), name, password, current_visitor(), read_cookie(SESSION))
    return hand_over(opened, following)


@blueprint.endpoint(
    "POST",
    "/logout",
    answer=SignedOutSchema(),
    refusals=(401, 403, 500, 503),
    documentation={"responses": {204: {"description": "signed out"}}},
)
def sign_out() -> Response:
    """Sign out: the session ends here, whatever the browser keeps; 200 says where to sign out of the provider, too."""
    session = require_session()
    sessions.sign_out(current_context(), read_cookie(SESSION))
    elsewhere = openid_sign_ins.find_sign_out_url(current_context()) if session.via == "oidc" else None
    response = render_nothing() if elsewhere is None else render_json({"redirectTo": elsewhere})
    drop_cookie(response, SESSION)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@owned.endpoint("POST", "/password", body=NewPasswordSchema(), status=204, refusals=CHANGING)
def change_password(body: dict[str, Any]) -> Response:
    """Change one's own password; every session ends, this one too: sign in again."""
    old, new = body["current_password"], body["new_password"]
    passwords.change_own_password(current_context(), current_actor(), old, new, current_visitor())
    return render_nothing()


@owned.endpoint(
    "POST",
    "/users/<string:name>/password-reset",
    body=ResetSchema(),
    answer=MadeResetSchema(),
    status=201,
    refusals=CHANGING,
)
def create_password_reset(body: dict[str, Any], name: str) -> Response:
    """Make what lets a person set a password once, within a day; for administrators, who hand it over."""
    made = passwords.make_reset(current_context(), current_actor(), name, ends_tokens=body["revoke_tokens"])
    return render_json({"token": made.token, "link": made.link, "expiresAt": format_time(made.expires_at)}, 201)


@owned.endpoint("DELETE", "/users/<string:name>/sessions", status=204, refusals=CHANGING)
def end_sessions(name: str) -> Response:
    """End every session of a person: one's own, or anybody's as an administrator."""
    sessions.end_sessions(current_context(), current_actor(), name)
    return render_nothing()


@blueprint.endpoint(
    "POST", "/api/password-reset", body=UsedResetSchema(), status=204, refusals=(400, 403, 413, 415, 429, 500, 503)
)
def reset_password(body: dict[str, Any]) -> Response:
    """Set a password by a reset; it works once, and ends every session."""
    refuse_foreign_pages(request)
    passwords.use_reset(current_context(), body["token"], body["new_password"], current_visitor())
    return render_nothing()


def require_session() -> CurrentSession:
    """Return the session; raises `Unauthenticated` unless a browser asks, `Forbidden` when its token is missing."""
    require_actor()
    session = current_session()
    if session is None:
        raise Unauthenticated("Only a browser's session can be signed out; tokens are revoked at /api/tokens.")
    return session


def hand_over(opened: OpenedSession, following: str | None) -> Response:
    """Give a browser its new session, and send it on when it said where to."""
    if following is None:
        response = _describe(sessions.find_session(current_context(), opened.secret), opened.secret)
    else:
        response = Response(status=303, headers={"Location": following, "Cache-Control": "no-store"})
    set_cookie(response, SESSION, opened.secret)
    set_cookie(response, DEVICE, opened.device, life=guesses.REMEMBERED_FOR)
    drop_cookie(response, FORM)
    return response


def check_next(following: str | None) -> str | None:
    """Return a path on this server, or None. Raises `InvalidArgument` for what would lead a browser elsewhere."""
    if not following:
        return None
    parts = urlsplit(following)
    plain = following.isprintable() and "\\" not in following
    if parts.scheme or parts.netloc or not plain or not following.startswith("/") or following.startswith("//"):
        raise InvalidArgument(f"expected a path on this server as next, found {following!r:.100}")
    return following


def _read_sign_in() -> tuple[str, str, str | None]:
    """Return name, password and where to go on, from a form or from JSON."""
    request.max_content_length = JSON_LIMIT
    sent: dict[str, object]
    if request.mimetype == FORM_TYPE:
        sent = dict(request.form)
        _check_form_token(str(sent.get(CSRF_FIELD, "")))
    elif request.mimetype == "application/json":
        sent = read_json_object(request)
    else:
        raise UnsupportedMediaType(f"Expected {FORM_TYPE} or application/json, found {request.mimetype or 'none'}.")
    name, password, following = sent.get("username"), sent.get("password"), sent.get("next")
    if not isinstance(name, str) or not isinstance(password, str):
        raise InvalidArgument("expected username and password")
    return name, password, check_next(following if isinstance(following, str) else None)


def _check_form_token(token: str) -> None:
    """Let nobody sign a browser in as somebody else by a form of another site."""
    sessions.check_csrf_token(current_context(), read_cookie(FORM) or read_cookie(SESSION), token)


def _describe(session: CurrentSession | None, secret: str) -> Response:
    actor = None if session is None else session.actor
    return render_json(
        {
            "authenticated": actor is not None,
            "username": None if actor is None else actor.name,
            "displayName": None if session is None else session.display_name,
            "groups": [] if actor is None else sorted(actor.groups),
            "roles": ["admin"] if actor is not None and actor.admin else [],
            "endsAt": None if session is None else format_time(session.ends_at),
            "oidc": current_context().openid is not None,
            "csrfToken": sessions.make_csrf_token(current_context(), secret),
        }
    )
