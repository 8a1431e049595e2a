"""Templates become answers: one environment, strict, with what every page needs."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, cast
from urllib.parse import quote, unquote

from flask import Response, current_app, g, request
from jinja2 import Environment, PackageLoader, StrictUndefined

from server.api.authentication import current_context
from server.api.cookies import drop_cookie, read_cookie, set_cookie
from server.pages import moments
from server.pages.assets import EXTENSION as ASSETS
from server.pages.assets import compress
from server.pages.form_view import is_chosen, write_picker
from server.pages.languages import LANGUAGES, find_language, gettext, ngettext
from server.pages.markdown import write_markdown
from server.pages.navigation import list_entries
from server.pages.text_sizes import find_text_size
from server.pages.visitors import find_display_name, find_person, make_page_token

if TYPE_CHECKING:
    from flask import Flask

    from server.pages.assets import Assets, Sheet

EXTENSION = "muster-pages"
NOTICE = "muster-notice"
NOTICE_LIFE = timedelta(minutes=1)
SHEET = "muster-sheet"
SHEET_LIFE = timedelta(days=90)
STYLES = "style-src 'self'"
POLICY = (
    f"default-src 'none'; script-src 'self'; {STYLES}; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PAGE_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",  # with none at all, browsers hide whence a form comes, and it is refused
    "Cache-Control": "no-store",
}


def make_environment(app: Flask) -> Environment:
    """Return the environment that templates are rendered in; an unknown name in one is an error."""
    assets: Assets = app.extensions[ASSETS]
    environment = Environment(
        loader=PackageLoader("server.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        _=gettext,
        ngettext=ngettext,
        asset=assets.find_url,
        languages=LANGUAGES,
        is_chosen=is_chosen,
        person=find_person,
    )
    environment.filters.update(moments.FILTERS, as_json=json.dumps, markdown=write_markdown, picker=write_picker)
    return environment


def render_page(template: str, status: int = 200, *, compressed: bool = True, **values: object) -> Response:
    """Return a page, or a part of one that is exchanged in place.

    `compressed` is false for pages whose form token is always the same: sizes would tell it.
    """
    response = Response(render_text(template, **values), status=status, mimetype="text/html")
    sheet = _find_new_sheet()
    if sheet is not None:
        response.headers["Content-Security-Policy"] = POLICY.replace(STYLES, f"{STYLES} {sheet.source}")
        set_cookie(response, SHEET, sheet.version, life=SHEET_LIFE)
    for name, value in PAGE_HEADERS.items():
        response.headers.setdefault(name, value)
    response.vary.add("Cookie")
    if read_cookie(NOTICE) and "HX-Request" not in request.headers:
        drop_cookie(response, NOTICE)
    if compressed:
        compress(response)
    return response


def render_text(template: str, **values: object) -> str:
    """Return what a template gives."""
    environment = cast("Environment", current_app.extensions[EXTENSION])
    actor = find_person()
    shared = {
        "language": find_language(),
        "text_size": find_text_size(),
        "actor": actor,
        "display_name": find_display_name(),
        "navigation": list_entries(actor),
        "path": request.path,
        "here": request.full_path.rstrip("?"),
        "csrf_token": make_page_token(),
        "now": current_context().now(),
        "partial": "HX-Request" in request.headers,
        "notice": g.get("notice") or _read_notice(),
        "new_sheet": _find_new_sheet(),
    }
    return environment.get_template(template).render({**shared, **values})


def redirect(path: str, notice: str = "") -> Response:
    """Send the browser on to a page, with GET; parts that htmx asked for load the whole page there.

    `notice` is said at the top of that page, once.
    """
    if "HX-Request" in request.headers:
        response = Response(status=200, headers={"HX-Redirect": path, "Cache-Control": "no-store"})
    else:
        response = Response(status=303, headers={"Location": path, "Cache-Control": "no-store"})
    if notice:
        set_cookie(response, NOTICE, quote(notice), life=NOTICE_LIFE)
    return response


def _find_new_sheet() -> Sheet | None:
    """Return the style sheet for a browser that does not have it yet, or None.

    It comes within the page: nothing is shown before it is there, and a slow line would be waited for once more.
    """
    assets: Assets = current_app.extensions[ASSETS]
    known = "HX-Request" in request.headers or read_cookie(SHEET) == assets.sheet.version
    return None if known else assets.sheet


def _read_notice() -> str:
    """Return what the page before wanted to be said here; parts of pages leave it to the whole one."""
    return "" if "HX-Request" in request.headers else unquote(read_cookie(NOTICE))
