"""A place in a text that is being parsed, and what can be read there without knowing the grammar."""

from __future__ import annotations

import re
from typing import Final

from .errors import FeelSyntaxError
from .names import BLANK, NAME_PART, WORD

MAX_LENGTH: Final = 10_000
MAX_DEPTH: Final = 64

NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{6})|(.))", re.DOTALL)
_SIMPLE_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "'": "'"}
_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]")
_FULL_WIDTH = dict(zip("（）［］｛｝，：＞＜＝＋－＊／“”＂。；！", '()[]{},:><=+-*/""".;!', strict=True))


def check_length(text: str) -> None:
    """Make sure that a text is short enough to be read.

    :raises FeelSyntaxError: when it is not
    """
    if len(text) > MAX_LENGTH:
        raise FeelSyntaxError(f"The expression has {len(text):,} characters; at most {MAX_LENGTH:,} are allowed", "", 0)


class Cursor:
    """Reads a text from left to right. ``position`` always stands on the next character that is not blank."""

    def __init__(self, text: str) -> None:
        check_length(text)
        self.text = text
        self.position = 0
        self.depth = 0
        self.skip_blank()

    def skip_blank(self) -> None:
        """Go past white space and comments."""
        match = BLANK.match(self.text, self.position)
        self.position = match.end() if match else self.position

    def go_to(self, position: int) -> None:
        """Stand behind what ends at this position."""
        self.position = position
        self.skip_blank()

    def at(self, symbol: str) -> bool:
        """Tell whether the text goes on with this symbol."""
        return self.text.startswith(symbol, self.position)

    def at_end(self) -> bool:
        """Tell whether nothing is left."""
        return self.position >= len(self.text)

    def take(self, symbol: str) -> bool:
        """Go past this symbol if it is here."""
        if self.text.startswith(symbol, self.position):
            self.go_to(self.position + len(symbol))
            return True
        return False

    def expect(self, symbol: str) -> None:
        """Go past this symbol.

        :raises FeelSyntaxError: when something else is here
        """
        if not self.take(symbol):
            raise self.failure(f'"{symbol}"')

    def peek_word(self) -> str:
        """Return the word that starts here, or an empty text."""
        match = WORD.match(self.text, self.position)
        return match.group() if match else ""

    def take_word(self, word: str) -> bool:
        """Go past this word if it is here."""
        if self.peek_word() == word:
            self.go_to(self.position + len(word))
            return True
        return False

    def expect_word(self, word: str) -> None:
        """Go past this word.

        :raises FeelSyntaxError: when something else is here
        """
        if not self.take_word(word):
            raise self.failure(f'"{word}"')

    def failure(self, expected: str, position: int | None = None) -> FeelSyntaxError:
        """Return the error that something else was expected here."""
        where = self.position if position is None else position
        return FeelSyntaxError(f"Expected {expected}, but found {self._found(where)}", self.text, where)

    def _found(self, position: int) -> str:
        if position >= len(self.text):
            return "the end of the expression"
        character = self.text[position]
        if character in _FULL_WIDTH:
            return f'the full-width character "{character}" (write "{_FULL_WIDTH[character]}")'
        match = NAME_PART.match(self.text, position)
        found = match.group() if match else character
        return f'"{found if len(found) <= 40 else found[:40] + "…"}"'

    def read_string(self) -> str:
        """Read a string literal; its escapes are those of DMN 1.5 §10.3.1.2 rule 64.

        :raises FeelSyntaxError: when the string has no end
        """
        match = _STRING.match(self.text, self.position)
        if match is None:
            raise FeelSyntaxError('Expected a closing " for the string that starts here', self.text, self.position)
        self.go_to(match.end())
        return unescape(match.group(1))


def unescape(text: str) -> str:
    """Return the text with its escapes replaced; the halves of a surrogate pair become one character, or U+FFFD."""
    if "\\" not in text:
        return text
    return _SURROGATES.sub(_join_pair, _ESCAPE.sub(_replace_escape, text))


def _replace_escape(match: re.Match[str]) -> str:
    short, long, simple = match.groups()
    code = short or long
    if code is None:
        return _SIMPLE_ESCAPES.get(simple, match.group())
    number = int(code, 16)
    return chr(number) if number <= 0x10FFFF else match.group()


def _join_pair(match: re.Match[str]) -> str:
    return match.group().encode("utf-16", "surrogatepass").decode("utf-16", "replace")
