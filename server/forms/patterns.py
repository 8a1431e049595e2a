"""Regular expressions: JavaScript patterns of form-js, carried over to RE2, which never backtracks.

JavaScript's look-around and back references do not exist in RE2; a pattern that uses them does not compile, and the
deployment check says so.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Protocol

import re2


class Pattern(Protocol):
    """A compiled pattern; `search` finds it anywhere in the text, as JavaScript's `test` does."""

    def search(self, text: str, /) -> object | None:
        """Return something truthy when the pattern occurs in the text."""


class PatternError(ValueError):
    """The pattern cannot be compiled; the message says why."""


_SPACES: Final = r"\t\n\v\f\r \x{00a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}"
_NOT_SPACES: Final = f"[^{_SPACES}]"
_TOKEN: Final = re.compile(
    r"\\u\{(?P<brace>[0-9a-fA-F]+)\}|\\u(?P<unit>[0-9a-fA-F]{4})|\\x(?P<byte>[0-9a-fA-F]{2})|\\(?P<escaped>.)"
    r"|(?P<any>\[\^\])|(?P<none>\[\])|(?P<other>.)",
    re.DOTALL,
)
_KEPT_ESCAPES: Final = frozenset("bBdDwWnrtfv0pP")
_OPTIONS: Final = re2.Options()
_OPTIONS.log_errors = False
_OPTIONS.max_mem = 4 << 20


@lru_cache(maxsize=1024)
def compile_pattern(pattern: str) -> Pattern:
    """Compile a JavaScript pattern.

    Raises:
        PatternError: RE2 cannot express it, or it is no pattern at all.

    """
    try:
        compiled: Pattern = re2.compile(translate_pattern(pattern), _OPTIONS)
    except re2.error as error:
        reason = error.args[0].decode("utf-8", "replace") if error.args else "unknown reason"
        raise PatternError(reason) from error
    return compiled


def translate_pattern(pattern: str) -> str:
    r"""Rewrite what JavaScript and RE2 spell differently: `\\uXXXX`, `\\s` with all Unicode spaces, `[^]`, `[]`."""
    parts: list[str] = []
    inside = False
    for token in _TOKEN.finditer(pattern):
        code = token["brace"] or token["unit"] or token["byte"]
        if code:
            parts.append(f"\\x{{{code}}}")
        elif token["escaped"] is not None:
            parts.append(_translate_escape(token["escaped"], inside=inside))
        elif token["any"] and not inside:
            parts.append(r"[\x{0}-\x{10ffff}]")
        elif token["none"] and not inside:
            parts.append(r"[^\x{0}-\x{10ffff}]")
        else:
            text = token[0]
            inside = _is_inside(text, inside=inside)
            parts.append(text)
    return "".join(parts)


def _is_inside(text: str, *, inside: bool) -> bool:
    if not inside:
        return text == "["
    return not text.endswith("]")


def _translate_escape(character: str, *, inside: bool) -> str:
    if character == "s":
        return _SPACES if inside else f"[{_SPACES}]"
    if character == "S":
        return r"\S" if inside else _NOT_SPACES
    if character == "b" and inside:
        return r"\x{8}"
    if character in _KEPT_ESCAPES or (character.isascii() and not character.isalnum()) or character.isdigit():
        return "\\" + character
    return character


EMAIL: Final[Pattern] = re2.compile(
    r"^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
    r"(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$",
    _OPTIONS,
)
"""A valid e-mail address in the words of the HTML Living Standard, section 4.10.5.1.5."""

PHONE: Final[Pattern] = re2.compile(
    r"^(?:"
    r"(?:(?:\+|00)?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}"  # mobile
    r"|(?:0[1-9]\d{1,2}|\(0[1-9]\d{1,2}\)|(?:\+|00)86[ -]?0?[1-9]\d{1,2})[ -]?\d{7,8}"  # landline …
    r"(?:(?:-|转| ?ext\.? ?)\d{1,6})?"  # … with an extension
    r"|(?:400|800)-?\d{3}-?\d{4}"  # service lines
    r"|(?:\+|00)[1-9]\d{5,14}"  # E.164
    r")$",
    _OPTIONS,
)
"""Chinese mobiles and landlines (with area code and extension), 400/800 lines, and international numbers (E.164)."""
