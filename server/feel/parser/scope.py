"""Reading names while their scopes are followed through the text."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from server.feel.cursor import Cursor
from server.feel.names import KEYWORDS, NAME_PART, SYMBOLS, WORD, NameIndex, read_tokens
from server.feel.syntax import Name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LONGEST_NAME: Final = 12
_MOST_LOOKS: Final = 100


class ScopedCursor(Cursor):
    """A cursor that knows which names are in scope.

    ``candidates`` collects spellings that *would* be a name if the context had it: with ``a-b`` it holds ``"a-b"`` and
    ``"a - b"``. An evaluation whose context has one of them needs another parse.
    """

    def __init__(self, text: str, builtin: NameIndex, known: Iterable[str] = ()) -> None:
        super().__init__(text)
        self.builtin = builtin
        self.names = NameIndex(known)
        self.declared = self.names
        self.candidates: set[str] = set()
        self.looks = 0

    @contextmanager
    def scope(self, names: Iterable[str] = ()) -> Iterator[NameIndex]:
        """Make names known for a part of the text."""
        outer = self.names
        self.names = NameIndex(names, outer)
        for name in names:
            self.declared.add(name)
        try:
            yield self.names
        finally:
            self.names = outer

    def read_name(self, first: str) -> Name:
        """Read the name that starts here with this word: a known one, or else all words up to a keyword."""
        start = self.position
        end = self._end_of_words(start + len(first))
        known = self.names.match(self.text, start, first)
        builtin = self.builtin.match(self.text, start, first)
        best = max((match for match in (known, builtin) if match), key=lambda match: match[1], default=None)
        if best is not None and best[1] >= end:
            self.go_to(best[1])
            return Name(best[0], start)
        self._note_candidates(start, end)
        self.go_to(end)
        return Name(_collapse(self.text[start:end]), start)

    def _end_of_words(self, end: int) -> int:
        """Words that stand side by side are one name; nothing else in the grammar looks like that."""
        while end < len(self.text) and self.text[end].isspace():
            self.go_to(end)
            match = NAME_PART.match(self.text, self.position)
            if match is None or match.group() in KEYWORDS or self.text.startswith(".", match.end()):
                part = WORD.match(self.text, self.position)
                if part is None or part.group() in KEYWORDS:
                    break
                match = part
            end = match.end()
        return end

    def _note_candidates(self, start: int, end: int) -> None:
        if self.looks >= _MOST_LOOKS:
            return
        text = self.text
        after = end
        while after < len(text) and text[after].isspace():
            after += 1
        if after >= len(text) or not (text[after] in SYMBOLS or WORD.match(text, after)):
            return
        self.looks += 1
        tight: list[str] = []
        for token, _, stop in read_tokens(text, start, _LONGEST_NAME):
            if tight and token not in SYMBOLS and tight[-1][-1] not in SYMBOLS:
                tight.append(" ")
            tight.append(token)
            if stop > end and token not in SYMBOLS and token not in KEYWORDS:
                self.candidates.add("".join(tight))
                self.candidates.add(_collapse(text[start:stop]))
                self.candidates.add(_collapse(" ".join(part for part in tight if part != " ")))

    def read_member_name(self) -> str:
        """Read the name behind a dot.

        :raises FeelSyntaxError: when no name is here
        """
        if self.at("`"):
            return self.read_quoted_name()
        first = self.peek_word()
        if not first:
            raise self.failure("a name")
        known = self.declared.match(self.text, self.position, first)
        end = self._end_of_member(first)
        if known is not None and known[1] >= end:
            self.go_to(known[1])
            return known[0]
        name = _collapse(self.text[self.position : end])
        self.go_to(end)
        return name

    def _end_of_member(self, first: str) -> int:
        start = self.position
        end = self._end_of_words(start + len(first))
        self.position = start
        return end

    def read_quoted_name(self) -> str:
        """Read a name between backticks, which may have any characters (an extension that Camunda has too).

        :raises FeelSyntaxError: when the second backtick is missing
        """
        end = self.text.find("`", self.position + 1)
        if end < 0:
            raise self.failure('a closing "`"', len(self.text))
        name = self.text[self.position + 1 : end]
        self.go_to(end + 1)
        return name

    def peek_declared_name(self) -> tuple[str, int] | None:
        """Return the name being declared here, with all its words and symbols, and where it ends."""
        if self.at("`"):
            end = self.text.find("`", self.position + 1)
            return (self.text[self.position + 1 : end], end + 1) if end > 0 else None
        if not self.peek_word():
            return None
        end = self.position
        for _, _, stop in read_tokens(self.text, self.position, len(self.text)):
            end = stop
        return _collapse(self.text[self.position : end]), end

    def read_declared_name(self, what: str) -> str:
        """Read the name of an entry or parameter, up to the symbol behind it.

        :raises FeelSyntaxError: when no name is here
        """
        declared = self.peek_declared_name()
        if declared is None:
            raise self.failure(what)
        self.go_to(declared[1])
        return declared[0]

    def read_loop_name(self) -> str:
        """Read the name of a loop variable, up to the word ``in``.

        :raises FeelSyntaxError: when no name is here
        """
        if self.at("`"):
            return self.read_quoted_name()
        if not self.peek_word():
            raise self.failure("the name of a variable")
        start = end = self.position
        for word, _, stop in read_tokens(self.text, start, len(self.text)):
            if word == "in" and end > start:
                break
            end = stop
        self.go_to(end)
        return _collapse(self.text[start:end])


def _collapse(name: str) -> str:
    return " ".join(name.split())
