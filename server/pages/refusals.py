"""What goes wrong, told on a page in the reader's language: what happened, what to do, and nothing of the inside."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import g, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from server.api import problems
from server.api.cookies import SESSION, drop_cookie, read_cookie
from server.errors import MusterError, NotFound, Unauthenticated
from server.pages.blueprint import find_resumption, is_page
from server.pages.languages import gettext, mark
from server.pages.rendering import redirect, render_page
from server.pages.sign_in import render_sign_in, take_typed
from server.pages.visitors import READS

if TYPE_CHECKING:
    from flask import Flask, Response
    from werkzeug.wrappers import Response as WerkzeugResponse

MACHINES = ("/v2/", "/api/", "/oauth/", "/open311/", "/static/")
"""Paths of programs: what goes wrong there is always told as a problem."""
SIGN_IN = ("/login", "/sign-in", "/oidc/login", "/oidc/callback")
TITLES = {
    400: mark("This request cannot be understood"),
    403: mark("You are not allowed to do this"),
    404: mark("There is nothing here for you"),
    405: mark("This is not possible here"),
    409: mark("Somebody was faster"),
    412: mark("This has changed since you read it"),
    413: mark("This is too large"),
    415: mark("This request cannot be understood"),
    422: mark("Something does not fit the form"),
    429: mark("Too many attempts"),
    500: mark("Something went wrong on our side"),
    503: mark("The server is busy"),
}
ADVICE = {
    400: mark("Go back and try again; if a link brought you here, it may be damaged."),
    403: mark("If you think you should be, ask the lead of your unit or an administrator."),
    404: mark("It may have been removed, may never have existed, or is for others to see."),
    405: mark("Go back and try again; if a link brought you here, it may be damaged."),
    409: mark("Go back and look how it stands now."),
    412: mark("Go back, load the page again and look how it stands now."),
    413: mark("Choose a smaller file or a shorter text."),
    415: mark("Go back and try again; if a link brought you here, it may be damaged."),
    422: mark("Go back and look at what you entered."),
    429: mark("Wait a little, then try again."),
    500: mark("Nothing you entered was changed. Try again; if it happens again, tell an administrator this number:"),
    503: mark("Wait a moment and try again."),
}


def register_refusals(app: Flask) -> None:
    """Answer errors of pages with pages, and all others as before."""
    app.register_error_handler(MusterError, _answer_own_error)
    app.register_error_handler(HTTPException, _answer_http_error)
    app.register_error_handler(Exception, _answer_unexpected_error)


def render_refusal(status: int, detail: str = "", *, error_id: str = "") -> Response:
    """Return the page that tells of an error; `detail` is shown to those who want to know more."""
    known = status if status in TITLES else (400 if status < HTTPStatus.INTERNAL_SERVER_ERROR else 500)
    title, advice = gettext(TITLES[known]), gettext(ADVICE[known])
    return render_page("refusal.html", status, title=title, advice=advice, detail=detail, error_id=error_id)


def _answer_own_error(error: MusterError) -> Response:
    if not _wants_page():
        return problems.answer_own_error(error)
    if isinstance(error, Unauthenticated):
        return _ask_to_sign_in(error)
    if error.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return _answer_unexpected_error(error)
    if request.path in SIGN_IN:
        return render_sign_in(error.status, error=error)
    detail = "" if isinstance(error, NotFound) else error.message
    response = render_refusal(error.status, detail)
    problems.add_retry_after(response, error)
    return response


def _answer_http_error(error: HTTPException) -> WerkzeugResponse:
    if isinstance(error, RequestRedirect) or error.code is None or not _wants_page():
        return problems.answer_http_error(error)
    if error.code == HTTPStatus.INTERNAL_SERVER_ERROR:
        return _answer_unexpected_error(getattr(error, "original_exception", None) or error)
    response = render_refusal(error.code)
    kept = ((name, value) for name, value in error.get_headers(request.environ) if name != "Content-Type")
    response.headers.extend(kept)
    return response


def _answer_unexpected_error(error: Exception) -> Response:
    if not _wants_page():
        return problems.answer_unexpected_error(error)
    return render_refusal(500, error_id=problems.note_unexpected_error(error))


def _ask_to_sign_in(error: Unauthenticated) -> Response:
    """Lead to the sign-in and back; what was typed into a form goes along."""
    if request.path in SIGN_IN:
        return render_sign_in(error.status, error=error)
    if request.method in READS:
        response = redirect(f"/login?next={quote(request.full_path.rstrip('?'))}")
    else:
        resume = find_resumption()
        typed = take_typed() if resume is not None else ()
        response = render_sign_in(401, ended=True, resume=resume, typed=typed)
        if "HX-Request" in request.headers:  # the form in the page still holds what was typed
            response.headers.update({"HX-Retarget": "#notice", "HX-Reswap": "innerHTML"})
    if read_cookie(SESSION) and not g.get("session"):
        drop_cookie(response, SESSION)
    return response


def _wants_page() -> bool:
    """Tell whether a person reads the answer: of a page, or of an address that is nobody's, in a browser."""
    if is_page():
        return True
    browses = request.accept_mimetypes.quality("text/html") > 0 and "text/html" in request.headers.get("Accept", "")
    nobodys = request.endpoint is None and not request.path.startswith(MACHINES)
    return browses and (nobodys or request.path in SIGN_IN)
