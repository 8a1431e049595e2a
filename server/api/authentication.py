"""Who is asking: Basic, tokens, a browser's session, or nobody where an explicit flag allows it on loopback."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from flask import current_app, g, request

from server.access import ANYBODY
from server.api.cookies import DEVICE, SESSION, read_cookie
from server.errors import Forbidden, Unauthenticated
from server.service import openid_sign_ins, sessions, sign_ins
from server.service.guesses import Visitor

if TYPE_CHECKING:
    from flask import Request

    from server.access import Actor
    from server.service.context import Context
    from server.service.sessions import CurrentSession

CSRF_HEADER = "X-CSRF-Token"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_READS = frozenset({"GET", "HEAD", "OPTIONS"})


def current_context() -> Context:
    """Return the context of the application: configuration, clock, store, definitions, actions."""
    return cast("Context", current_app.extensions["muster"])


def current_actor() -> Actor:
    """Return the actor of this request; `require_actor` has put it there."""
    return cast("Actor", g.actor)


def current_session() -> CurrentSession | None:
    """Return the session of this request, or None for programs; `require_actor` has put it there."""
    return cast("CurrentSession | None", g.get("session"))


def current_visitor() -> Visitor:
    """Return whence the request comes."""
    return Visitor(request.remote_addr or "", read_cookie(DEVICE))


def require_actor() -> None:
    """Find out who asks, before every view that is not public. Raises `Unauthenticated` or `Forbidden`."""
    refuse_foreign_pages(request)
    g.actor = _find_actor(current_context(), request)


def read_basic(credentials: str) -> tuple[str, str]:
    """Return name and secret of Basic credentials (RFC 7617, UTF-8). Raises `Unauthenticated` when malformed."""
    try:
        name, separator, secret = base64.b64decode(credentials, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise Unauthenticated("The Basic credentials cannot be read: expected base64 of name:secret.") from error
    if not separator:
        raise Unauthenticated("The Basic credentials cannot be read: expected base64 of name:secret.")
    return name, secret


def refuse_foreign_pages(asked: Request) -> None:
    """Refuse changes that a page of another site makes a browser send along with what it knows of us.

    Browsers say so with `Sec-Fetch-Site` or `Origin`; programs send neither. Raises `Forbidden`.
    """
    if asked.method in _READS:
        return
    origin = asked.headers.get("Origin")
    own = {asked.host, urlsplit(current_context().config.public_url).netloc}
    foreign = asked.headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"}
    if foreign or (origin is not None and urlsplit(origin).netloc not in own):
        raise Forbidden("This request comes from a page of another site.")


def _find_actor(context: Context, asked: Request) -> Actor:
    header = asked.headers.get("Authorization", "").strip()
    if not header:
        secret = read_cookie(SESSION)
        if secret:
            return _find_session_actor(context, asked, secret)
        if context.config.open_access:
            return let_anybody_in(asked)
        raise Unauthenticated
    scheme, _, credentials = header.partition(" ")
    credentials = credentials.strip()
    if scheme.lower() == "basic":
        return sign_ins.authenticate_basic(context, *read_basic(credentials), current_visitor())
    if scheme.lower() == "bearer":
        if context.openid is not None and credentials.count(".") == 2 and credentials.startswith("eyJ"):
            return openid_sign_ins.authenticate_access_token(context, credentials)
        return sign_ins.authenticate_bearer(context, credentials)
    raise Unauthenticated(f"Expected Basic or Bearer credentials, found the scheme {scheme!r:.40}.")


def _find_session_actor(context: Context, asked: Request, secret: str) -> Actor:
    """Return whose browser it is; what changes something needs the session's token, which other sites cannot know."""
    session = sessions.find_session(context, secret)
    if asked.method not in _READS:
        sessions.check_csrf_token(context, secret, asked.headers.get(CSRF_HEADER, ""))
    g.session = session
    return session.actor


def let_anybody_in(asked: Request) -> Actor:
    """Let a program on this machine in; a foreign name in `Host` is a web page that rebinds its name to us."""
    if urlsplit(f"//{asked.host}").hostname not in _LOOPBACK:
        raise Forbidden(f"Authentication is switched off, so only this machine is served, not {asked.host!r:.100}.")
    return ANYBODY
