"""Names of FEEL (DMN 1.5 §10.3.1.2 rules 27–32): which characters they have and how a text is searched for known ones.

A name may contain spaces and the symbols ``. / - ' + *``, so only somebody who knows the names in scope can tell the
name ``a-b`` from a subtraction.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_START = (
    "?A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufefe\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff66-\uffdc"
    "\U00010000-\U000effff"
)
# Chinese punctuation is no part of a name: “、。「」” would otherwise be swallowed silently.
_PUNCTUATION = "\u3001-\u3003\u3008-\u3011\u3014-\u301f\u1680\u180e"
_PART = _START + "'0-9\u00b7\u0300-\u036f\u203f-\u2040"

WORD = re.compile(f"(?![{_PUNCTUATION}'0-9\u00b7\u0300-\u036f\u203f-\u2040])(?:(?![{_PUNCTUATION}])[{_PART}])+")
NAME_PART = re.compile(f"(?:(?![{_PUNCTUATION}])[{_PART}])+")
SYMBOLS = "./-+*"  # and the apostrophe, which is no operator and so a part of words
BLANK = re.compile(r"(?:[\s\u180e\u200b\ufeff]+|//[^\n\r]*|/\*(?s:.*?)\*/)*")

KEYWORDS = frozenset(
    {"and", "or", "in", "between", "then", "else", "return", "satisfies", "instance", "if", "for", "some", "every"}
    | {"function", "true", "false", "null"}
)
LITERAL_WORDS = {"true": True, "false": False, "null": None}
_TOKEN = re.compile(f"(?:(?![{_PUNCTUATION}])[{_PART}])+|[{re.escape(SYMBOLS)}]")


def split_name(name: str) -> tuple[str, ...]:
    """Split a name into its words and symbols: ``"a + b c"`` becomes ``("a", "+", "b", "c")``."""
    return tuple(_TOKEN.findall(name))


def read_tokens(text: str, position: int, limit: int) -> Iterator[tuple[str, int, int]]:
    """Yield up to ``limit`` (token, start, end) of words and symbols that follow each other from a position on."""
    for _ in range(limit):
        match = _TOKEN.match(text, position)
        if match is None:
            return
        yield match.group(), match.start(), match.end()
        blank = BLANK.match(text, match.end())
        position = blank.end() if blank else match.end()


class NameIndex:
    """The names known at one place of a text, found by their first word."""

    __slots__ = ("_by_first", "outer")

    def __init__(self, names: Iterable[str] = (), outer: NameIndex | None = None) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        self.outer = outer
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        """Make a name known. Names of one word need no entry: they are read as they stand."""
        tokens = split_name(name)
        if len(tokens) > 1:
            known = self._by_first.setdefault(tokens[0], [])
            if not any(entry[0] == tokens for entry in known):
                known.append((tokens, name))
                known.sort(key=lambda entry: -len(entry[0]))

    def match(self, text: str, position: int, first: str) -> tuple[str, int] | None:
        """Return the longest known name of several words that starts here, and where it ends."""
        best: tuple[str, int] | None = None
        index: NameIndex | None = self
        while index is not None:
            for tokens, name in index._by_first.get(first, ()):  # noqa: SLF001 - the same class
                end = _match_tokens(text, position, tokens)
                if end is not None and (best is None or end > best[1]):
                    best = name, end
                    break
            index = index.outer
        return best


def _match_tokens(text: str, position: int, tokens: tuple[str, ...]) -> int | None:
    end = position
    count = 0
    for expected, (token, _, stop) in zip(tokens, read_tokens(text, position, len(tokens)), strict=False):
        if token != expected:
            return None
        end = stop
        count += 1
    return end if count == len(tokens) else None


_LONGEST_CALLED = 100
_BRACKET = re.compile(f"(?<=[{_PART}])\\(")
_CALLED = re.compile(f"(?:(?![{_PUNCTUATION}])[{_PART}]|[^\\S\\n])+$")


_JOINING = frozenset({"and", "else", "if", "or", "return", "satisfies", "then"})


def find_called_names(text: str) -> frozenset[str]:
    """Return the runs of several words with a keyword among them that stand before a ``(``.

    A run begins behind a word that only joins expressions, as the ``and`` in ``open and working days between(a, b)``.
    """
    found = set()
    for bracket in _BRACKET.finditer(text):
        before = _CALLED.search(text[max(0, bracket.start() - _LONGEST_CALLED) : bracket.start()])
        words = before.group().split() if before else []
        joined = max((place for place, word in enumerate(words, 1) if word in _JOINING), default=0)
        words = words[joined:]
        if len(words) > 1 and not KEYWORDS.isdisjoint(words):
            found.add(" ".join(words))
    return frozenset(found)
