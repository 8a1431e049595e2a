"""Answers: JSON, nothing, or a file."""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import UTC
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson
from flask import Response

if TYPE_CHECKING:
    from datetime import datetime

    from server.model import Page

_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
TENANT = "<default>"
"""The only tenant: accepted as an input everywhere, always returned."""


def render_json(payload: object, status: int = 200) -> Response:
    """Return a JSON answer."""
    return _private(Response(dump_json(payload), status=status, mimetype="application/json"))


def render_nothing() -> Response:
    """Return 204 with an empty body."""
    response = _private(Response(status=204))
    response.headers.pop("Content-Type", None)
    return response


def render_file(content: bytes | str, media_type: str, name: str | None = None) -> Response:
    """Return a file; with a name it is offered for download."""
    response = _private(Response(content, mimetype=media_type))
    if name is not None:
        response.headers.set("Content-Disposition", "attachment", **_file_name(_CONTROLS.sub("", name)))
    return response


def _file_name(name: str) -> dict[str, str]:
    """Return the parameters that carry a file name: headers are ASCII, other names are written as in RFC 8187."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    if plain == name:
        return {"filename": name}
    return {"filename": f"file{plain}", "filename*": f"UTF-8''{quote(name, safe='')}"}


def render_page(page: Page[Any], items: list[dict[str, object]]) -> Response:
    """Return one page of a search with its rendered items."""
    paging = {
        "totalItems": page.total,
        "hasMoreTotalItems": page.has_more_total,
        "startCursor": format_cursor(page.start_cursor),
        "endCursor": format_cursor(page.end_cursor),
    }
    return render_json({"items": items, "page": paging})


def dump_json(value: object) -> bytes:
    """Return JSON text in UTF-8; integers keep any size."""
    try:
        return orjson.dumps(value)
    except TypeError:  # an integer beyond 64 bits
        return json.dumps(value, separators=(",", ":"), allow_nan=False).encode("ascii")


def dump_json_text(value: object) -> str:
    """Return JSON text as a string, the form in which searches show a variable's value."""
    return dump_json(value).decode("utf-8")


def format_key(key: int | None) -> str | None:
    """Return a key as the decimal string that travels."""
    return None if key is None else str(key)


def format_cursor(cursor: str | None) -> str | None:
    """Return a cursor in the alphabet and with the padding of plain base64, which Camunda's clients check."""
    if cursor is None:
        return None
    return cursor.replace("-", "+").replace("_", "/") + "=" * (-len(cursor) % 4)


def parse_cursor(text: str | None) -> str | None:
    """Return the cursor that a client sent back, in the alphabet of the store; None for none."""
    return text.replace("+", "-").replace("/", "_").rstrip("=") if text else None


def format_time(time: datetime | None) -> str | None:
    """Return a time as ISO 8601 in UTC with milliseconds and `Z`."""
    if time is None:
        return None
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _private(response: Response) -> Response:
    """Keep answers to one person out of caches, and their type as it is said."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
