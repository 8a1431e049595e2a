"""The query string of the inbox, read and written: every view of it is a link."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import parse_qsl, urlencode

from server.api.authentication import current_context
from server.errors import InvalidArgument
from server.model import InboxDue, InboxFilter, InboxGroup, InboxSort, InboxView
from server.pages.moments import in_zone

if TYPE_CHECKING:
    from collections.abc import Mapping
    from enum import StrEnum

    Word = TypeVar("Word", bound=StrEnum)

MOST_SEARCHED = 100
"""Characters of a search."""


def read_filter(asked: Mapping[str, str]) -> InboxFilter:
    """Return what a query string asks for. Raises `InvalidArgument` for words that mean nothing."""
    now = current_context().now()
    local = in_zone(now)
    midnight = datetime.combine(local.date() + timedelta(days=1), time(), local.tzinfo)
    return InboxFilter(
        now,
        midnight,
        view=_read_word(InboxView, asked, "view") or InboxView.ALL,
        due=_read_word(InboxDue, asked, "due"),
        process_id=_read_text(asked, "process") or None,
        community=_read_text(asked, "community") or None,
        urgent=asked.get("urgent") == "1",
        text=_read_text(asked, "q").strip(),
        sort=_read_word(InboxSort, asked, "sort") or InboxSort.DUE,
        group=_read_word(InboxGroup, asked, "group"),
    )


def read_query(text: str) -> InboxFilter:
    """Return what a query string that a link carries along asks for; a damaged one asks for everything."""
    try:
        return read_filter(dict(parse_qsl(text)))
    except (InvalidArgument, ValueError):
        return read_filter({})


def read_page(asked: Mapping[str, str]) -> int:
    """Return the number of the page, 1 being the first. Raises `InvalidArgument`."""
    text = asked.get("page", "1")
    if not (text.isascii() and text.isdigit() and len(text) < 5):
        raise InvalidArgument(f"expected the number of a page, found {text!r:.20}")
    return int(text)


def write_query(wanted: InboxFilter, page: int = 1, **changes: object) -> str:
    """Return the query string for a filter with changes; what is usual is left out."""
    changed = replace(wanted, **changes)  # type: ignore[arg-type] # named as the fields are
    parts = {
        "view": "" if changed.view is InboxView.ALL else changed.view,
        "due": changed.due or "",
        "process": changed.process_id or "",
        "community": changed.community or "",
        "urgent": "1" if changed.urgent else "",
        "q": changed.text,
        "sort": "" if changed.sort is InboxSort.DUE else changed.sort,
        "group": changed.group or "",
        "page": "" if page == 1 else str(page),
    }
    return urlencode({name: value for name, value in parts.items() if value})


def _read_word(words: type[Word], asked: Mapping[str, str], name: str) -> Word | None:
    text = asked.get(name, "")
    if not text:
        return None
    try:
        return words(text)
    except ValueError as error:
        raise InvalidArgument(f"expected one of {', '.join(words)} as {name}, found {text!r:.40}") from error


def _read_text(asked: Mapping[str, str], name: str) -> str:
    text = asked.get(name, "")
    if len(text) > MOST_SEARCHED or not text.isprintable():
        raise InvalidArgument(f"expected up to {MOST_SEARCHED} characters as {name}, found {text!r:.40}")
    return text
