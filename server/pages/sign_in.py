"""Signing in and out, and the language: what every reader needs, signed in or not."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode

from flask import Response, request

from server.api.authentication import current_context, current_visitor
from server.api.cookies import DEVICE, FORM, SESSION, drop_cookie, read_cookie, set_cookie
from server.api.sessions import check_next
from server.errors import Forbidden, InvalidArgument, PayloadTooLarge, TooManyRequests, Unauthenticated
from server.pages.blueprint import Blueprint
from server.pages.languages import COOKIE, COOKIE_LIFE, LANGUAGES, gettext
from server.pages.rendering import redirect, render_page
from server.pages.visitors import CSRF_FIELD, check_form, keep_form, look_for_person, open_form
from server.service import guesses, openid_sign_ins, sessions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server.errors import MusterError

blueprint = Blueprint("sign_in", public=True)
owned = Blueprint("sign_out")
HOME = "/tasks"
MOST_TYPED = 2_000_000
"""Characters of what is kept of a form over the sign-in."""


@blueprint.page("GET", "/")
def go_home() -> Response:
    """Lead to where the day begins."""
    return redirect(HOME)


@blueprint.page("GET", "/login")
def show_sign_in() -> Response:
    """Show the form to sign in; who is signed in already goes on."""
    following = check_next(request.args.get("next"))
    if look_for_person():
        return redirect(following or HOME)
    return render_sign_in(following=following)


@blueprint.page("POST", "/sign-in")
def sign_in() -> Response:
    """Sign in and go on: to where the reader wanted to go, or to the form with what was typed before."""
    check_form()
    form = request.form
    following = check_next(form.get("next")) or HOME
    resume, typed = check_next(form.get("resume")), _read_typed(form.get("typed", ""))
    name, password = form.get("username", ""), form.get("password", "")
    try:
        opened = sessions.sign_in(current_context(), name, password, current_visitor(), read_cookie(SESSION))
    except (Unauthenticated, TooManyRequests) as error:
        return render_sign_in(error.status, error=error, following=following, resume=resume, typed=typed, name=name)
    response = redirect(following) if resume is None else render_page("resume.html", resume=resume, typed=typed)
    set_cookie(response, SESSION, opened.secret)
    set_cookie(response, DEVICE, opened.device, life=guesses.REMEMBERED_FOR)
    drop_cookie(response, FORM)
    return response


@owned.page("POST", "/sign-out")
def sign_out() -> Response:
    """Sign out; where a provider signs people in, its own sign-out is a link on the page that follows."""
    sessions.sign_out(current_context(), read_cookie(SESSION))
    elsewhere = openid_sign_ins.find_sign_out_url(current_context()) if current_context().openid else None
    response = redirect("/login") if elsewhere is None else render_page("signed_out.html", elsewhere=elsewhere)
    drop_cookie(response, SESSION)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@blueprint.page("POST", "/language")
def choose_language() -> Response:
    """Keep the language in a cookie and go back to the page."""
    chosen = request.form.get("language", "")
    if chosen not in LANGUAGES:
        raise InvalidArgument(f"expected one of {', '.join(LANGUAGES)} as language, found {chosen!r:.40}")
    response = redirect(check_next(request.form.get("next")) or HOME)
    set_cookie(response, COOKIE, chosen, life=COOKIE_LIFE)
    return response


def render_sign_in(
    status: int = 200,
    *,
    error: MusterError | None = None,
    ended: bool = False,
    following: str | None = None,
    resume: str | None = None,
    typed: Sequence[tuple[str, str]] = (),
    name: str = "",
) -> Response:
    """Return the page to sign in; `typed` is what was in the form that could not be taken, shown again at `resume`."""
    open_form()
    context = current_context()
    response = render_page(
        "sign_in.html",
        status,
        problem=None if error is None else _explain(error),
        ended=ended,
        following=following,
        resume=resume,
        typed=urlencode(typed),
        restored=typed,
        name=name,
        elsewhere=f"/oidc/login?next={quote(following or HOME)}" if context.openid is not None else None,
    )
    return keep_form(response)


def take_typed() -> Sequence[tuple[str, str]]:
    """Return what the form of this request holds, but for its token; files are not among it.

    Raises `PayloadTooLarge`.
    """
    typed = [(name, value) for name, value in request.form.items(multi=True) if name != CSRF_FIELD]
    if sum(len(name) + len(value) for name, value in typed) > MOST_TYPED:
        raise PayloadTooLarge
    return typed


def _read_typed(text: str) -> Sequence[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=10_000, strict_parsing=bool(text))
    except ValueError as error:
        raise InvalidArgument("expected what was typed, encoded as a form") from error


def _explain(error: MusterError) -> str:
    if isinstance(error, TooManyRequests):
        return gettext("Too many attempts: try again in %(seconds)s seconds.", seconds=error.retry_after)
    if isinstance(error, Unauthenticated):
        return gettext("Name or password is wrong, or the account is closed.")
    if isinstance(error, Forbidden):
        return gettext("This page was open for too long: try again.")
    return gettext("Signing in did not work: %(reason)s", reason=error.message)
