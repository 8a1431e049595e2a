"""The languages of pages: which one a reader gets, and what messages, numbers and times look like in it.

Messages stand in the code in English; `locale/<language>/messages.po` has them in the other languages, and is read as
it is: nothing has to be compiled.
"""

from __future__ import annotations

import io
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import g, request

from server.api.cookies import read_cookie

if TYPE_CHECKING:
    from collections.abc import Mapping

LANGUAGES: Mapping[str, str] = {"zh-CN": "中文", "en": "English"}
"""Every language with its name in itself; the first is the one for readers of whom nothing is known."""
DEFAULT = next(iter(LANGUAGES))
COOKIE = "muster-language"
COOKIE_LIFE = timedelta(days=400)
CATALOGUES = Path(__file__).resolve().parent.parent / "locale"
SOURCE = "en"
"""The language that messages are written in; it needs no catalogue."""


def find_language() -> str:
    """Return the language of this request: as chosen before, else as the browser asks, else Chinese."""
    if "language" not in g:
        chosen = read_cookie(COOKIE)
        asked = request.accept_languages.best_match(tuple(LANGUAGES)) or DEFAULT
        g.language = chosen if chosen in LANGUAGES else asked
    language: str = g.language
    return language


@cache
def load_messages(language: str) -> NullTranslations:
    """Return the messages of a language."""
    path = CATALOGUES / language.replace("-", "_") / "messages.po"
    if language == SOURCE:
        return NullTranslations()
    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language.replace("-", "_")))
    compiled.seek(0)
    return Translations(compiled)


def gettext(message: str, **values: object) -> str:
    """Return a message in the reader's language; values replace `%(name)s` in it."""
    text: str = load_messages(find_language()).ugettext(message)
    return text % values if values else text


def ngettext(one: str, many: str, number: int, **values: object) -> str:
    """Return the message for a number of things, which is its `%(num)s`."""
    text: str = load_messages(find_language()).ungettext(one, many, number)
    return text % {"num": number, **values}


def mark(message: str) -> str:
    """Return a message as it is: it is translated where it is shown, as `gettext(…)` of a constant."""
    return message
