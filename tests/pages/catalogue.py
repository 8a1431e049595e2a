"""The messages of the pages: found in modules and templates, and brought into the catalogues.

`python -m tests.pages.catalogue` adds what is new without a translation, drops what nobody says any more, and lists
what has to be translated.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "server" / "pages"
LOCALE = ROOT / "server" / "locale"
METHODS = [("**.py", "python"), ("**.html", "jinja2.ext:babel_extract")]
KEYWORDS = {"_": None, "gettext": None, "mark": None, "ngettext": (1, 2)}
OPTIONS = {"**.html": {"trimmed": "true"}}
NOISE = tuple(f'"{name}' for name in ("POT-", "PO-", "Last-T", "Generated", "Project", "Report", "Language-Team"))
HEADER = "# What pages say in Chinese. `make messages` adds what is new; a test fails where a translation is missing."


def find_messages() -> Catalog:
    """Return every message that the pages say."""
    found = Catalog(fuzzy=False)
    rows = extract_from_dir(PAGES, method_map=METHODS, options_map=OPTIONS, keywords=KEYWORDS, strip_comment_tags=True)
    for path, _, message, _, context in sorted(rows, key=lambda row: (row[0], row[1])):
        found.add(message, locations=[(path, 0)], context=context)
    return found


def read_catalogue(language: str) -> Catalog:
    """Return what a language says."""
    with (LOCALE / language / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def list_languages() -> list[str]:
    """Return the languages that have a catalogue."""
    return sorted(path.parent.name for path in LOCALE.glob("*/messages.po"))


def write_catalogue(language: str) -> list[str]:
    """Bring a catalogue to what the pages say, and return what it does not translate."""
    old, new = read_catalogue(language), Catalog(locale=language, fuzzy=False, header_comment=HEADER)
    for message in find_messages():
        if message.id:
            known = old.get(message.id)
            new.add(message.id, known.string if known is not None else "", locations=message.locations)
    out = io.BytesIO()
    write_po(out, new, width=120, sort_output=True, include_lineno=False, omit_header=False, ignore_obsolete=True)
    text = out.getvalue().decode("utf-8")
    kept = [
        line
        for line in text.splitlines()
        if not line.startswith(('"POT-', '"PO-', '"Last-T', '"Generated', '"Project', '"Report', '"Language-Team'))
    ]
    (LOCALE / language / "messages.po").write_text("\n".join(kept) + "\n", encoding="utf-8")
    return list_missing(new)


def list_missing(catalogue: Catalog) -> list[str]:
    """Return the messages without a translation, or with one for a number only in part."""
    missing = []
    for message in catalogue:
        texts = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
        if message.id and not all(texts):
            missing.append(message.id if isinstance(message.id, str) else message.id[0])
    return missing


if __name__ == "__main__":
    for one in list_languages():
        for text in write_catalogue(one):
            sys.stdout.write(f"{one}: not translated: {text}\n")
