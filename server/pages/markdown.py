"""Texts of forms: Markdown as form-js shows it, without HTML of their own and without links that run something."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markupsafe import Markup

_READER = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"]).disable("image")


def write_markdown(text: object) -> Markup:
    """Return a text as HTML; what looks like HTML in it is shown as it stands."""
    return Markup(_READER.render(str(text or "")))  # noqa: S704 - the reader escapes everything that it does not write
