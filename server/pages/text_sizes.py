"""How large the text of pages is: as usual, or large (大字版); a choice is kept in a cookie."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flask import g, request

from server.api.cookies import read_cookie, set_cookie

if TYPE_CHECKING:
    from flask import Response

USUAL, LARGE = "usual", "large"
SIZES = (USUAL, LARGE)
FIELD = "text"
"""The name of the buttons that choose: they send along what was typed, so that nothing is lost by it."""
COOKIE = "muster-text"
COOKIE_LIFE = timedelta(days=400)


def find_text_size() -> str:
    """Return the size for this request: as it chooses, else as was chosen before, else the usual one."""
    if "text_size" not in g:
        wanted = (read_choice(), read_cookie(COOKIE))
        g.text_size = next((one for one in wanted if one in SIZES), USUAL)
    size: str = g.text_size
    return size


def read_choice() -> str:
    """Return the size that the button of this request chooses, or an empty text."""
    chosen = request.form.get(FIELD, "") if request.method == "POST" else ""
    return chosen if chosen in SIZES else ""


def keep_text_size(response: Response) -> Response:
    """Have the browser remember what this request chose."""
    chosen = read_choice()
    if chosen:
        set_cookie(response, COOKIE, chosen, life=COOKIE_LIFE)
    return response
