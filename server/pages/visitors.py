"""Who looks at a page, and that what is sent comes from a page of ours."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, cast

from flask import g, request

from server.access import ANYBODY
from server.api.authentication import (
    CSRF_HEADER,
    current_context,
    let_anybody_in,
    refuse_foreign_pages,
)
from server.api.cookies import FORM, SESSION, read_cookie, set_cookie
from server.errors import Unauthenticated
from server.service import credentials, sessions

if TYPE_CHECKING:
    from flask import Response

    from server.access import Actor
    from server.service.sessions import CurrentSession

CSRF_FIELD = "csrf_token"
READS = frozenset({"GET", "HEAD", "OPTIONS"})


def require_person(*, without_token: bool = False) -> None:
    """Find out who is there. Raises `Unauthenticated` (the reader is shown where to sign in) and `Forbidden`.

    A page needs a browser's session; tokens and Basic are for programs. `without_token` is for what changes nothing.
    """
    refuse_foreign_pages(request)
    context, secret = current_context(), read_cookie(SESSION)
    if secret:
        session = sessions.find_session(context, secret)
        if request.method not in READS and not without_token:
            sessions.check_csrf_token(context, secret, _read_token())
        g.session, g.actor, g.form_secret = session, session.actor, secret
    elif context.config.open_access:
        g.actor = let_anybody_in(request)
    else:
        raise Unauthenticated


def look_for_person() -> bool:
    """Find out who is there, on a page that is for everybody; tell whether somebody is signed in."""
    try:
        require_person(without_token=True)
    except Unauthenticated:
        return False
    return True


def find_person() -> Actor | None:
    """Return who is signed in, or None; `require_person` has put it there, if it was asked."""
    return cast("Actor | None", g.get("actor"))


def current_person() -> Actor:
    """Return who is signed in."""
    return cast("Actor", g.actor)


def find_display_name() -> str:
    """Return how who is signed in is called."""
    session = cast("CurrentSession | None", g.get("session"))
    return ANYBODY.name if session is None else session.display_name


def open_form() -> None:
    """Give the forms of a public page a secret, kept in a cookie; `keep_form` sends it."""
    g.form_secret = read_cookie(FORM) or credentials.make_secret()


def keep_form(response: Response) -> Response:
    """Send the secret of a public page's forms along."""
    set_cookie(response, FORM, g.form_secret, same_site="Strict")
    return response


def check_form() -> None:
    """Raise `Forbidden` unless what a public page's form sends comes from that page, in the same browser."""
    refuse_foreign_pages(request)
    sessions.check_csrf_token(current_context(), read_cookie(FORM), _read_token())


def make_page_token() -> str:
    """Return the token for the forms of this page, which looks different each time.

    Pages are sent compressed and show what was typed; of a token that stays the same the sizes would tell.
    """
    if "form_secret" not in g:
        return ""
    token = bytes.fromhex(sessions.make_csrf_token(current_context(), g.form_secret))
    pad = secrets.token_bytes(len(token))
    return (pad + _combine(pad, token)).hex()


def _read_token() -> str:
    """Return the token that was sent, in the looks in which it is compared."""
    try:
        both = bytes.fromhex(request.headers.get(CSRF_HEADER) or request.form.get(CSRF_FIELD, ""))
    except ValueError:
        return ""
    half = len(both) // 2
    return _combine(both[:half], both[half:]).hex()


def _combine(one: bytes, other: bytes) -> bytes:
    return bytes(left ^ right for left, right in zip(one, other, strict=False))
