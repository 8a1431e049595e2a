"""What XPath's regular expressions and RE2's write differently."""

from __future__ import annotations

import re
from typing import Final

from .errors import Refused

_NAME_START: Final = r":A-Z_a-z\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{2FF}\x{370}-\x{37D}\x{37F}-\x{1FFF}\x{200C}-\x{200D}"
_NAME_PART: Final = _NAME_START + r"\-.0-9\x{B7}\x{300}-\x{36F}"
_NAME_CLASSES: Final = {"i": _NAME_START, "c": _NAME_PART}
_BLOCKS: Final = {
    "IsBasicLatin": r"\x{0}-\x{7F}",
    "IsLatin-1Supplement": r"\x{80}-\x{FF}",
    "IsLatinExtended-A": r"\x{100}-\x{17F}",
    "IsLatinExtended-B": r"\x{180}-\x{24F}",
    "IsGreek": r"\x{370}-\x{3FF}",
    "IsGreekandCoptic": r"\x{370}-\x{3FF}",
    "IsCyrillic": r"\x{400}-\x{4FF}",
    "IsHebrew": r"\x{590}-\x{5FF}",
    "IsArabic": r"\x{600}-\x{6FF}",
    "IsHiragana": r"\x{3040}-\x{309F}",
    "IsKatakana": r"\x{30A0}-\x{30FF}",
    "IsCJKUnifiedIdeographs": r"\x{4E00}-\x{9FFF}",
}
_ESCAPES: Final = frozenset("nrt\\|.?*+(){}-[]^$sSdDwW")
_OUTSIDE: Final = {"d": r"\p{Nd}", "D": r"\P{Nd}", "w": r"[^\p{P}\p{Z}\p{C}]", "W": r"[\p{P}\p{Z}\p{C}]"}
_INSIDE: Final = {"d": r"\p{Nd}", "D": r"\P{Nd}", "w": r"\p{L}\p{M}\p{N}\p{S}", "W": r"\p{P}\p{Z}\p{C}"}
_QUANTIFIER: Final = re.compile(r"\{[0-9]+(?:,[0-9]*)?\}")
_CATEGORY: Final = re.compile(r"\{[A-Z][a-z]?\}")
_LITERALS: Final = {"n": "\n", "r": "\r", "t": "\t"}
_LAST: Final = 0x10FFFF


class PatternTranslation:
    """Goes through a pattern once and writes what RE2 understands.

    :param dot_is_all: whether ``.`` also matches the ends of lines
    """

    def __init__(self, pattern: str, *, dot_is_all: bool) -> None:
        self.pattern = pattern
        self.dot = "." if dot_is_all else r"[^\n\r]"
        self.position = 0

    def run(self) -> str:
        """Return the pattern for RE2.

        :raises Refused: when it is no pattern of XPath, or refers to groups
        """
        out = []
        while self.position < len(self.pattern):
            out.append(self._part())
        return "".join(out)

    def _part(self) -> str:
        character = self.pattern[self.position]
        if character == "\\":
            return self._escape(_OUTSIDE, in_class=False)
        if character == "[":
            return self._class()
        if character == "{":
            return self._quantifier()
        if character in "]}":
            raise self._refuse(f'"{character}" stands alone')
        if self.pattern.startswith(("(?", "(*"), self.position) and not self.pattern.startswith("(?:", self.position):
            raise self._refuse('"(?" is not allowed except in "(?:"')
        if self.pattern.startswith("(?:", self.position):
            self.position += 3
            return "(?:"
        self.position += 1
        return self.dot if character == "." else character

    def _refuse(self, why: str) -> Refused:
        return Refused(f'"{self.pattern[:60]}" is no pattern: {why}')

    def _quantifier(self) -> str:
        match = _QUANTIFIER.match(self.pattern, self.position)
        if match is None:
            raise self._refuse('"{" stands alone')
        self.position = match.end()
        return match.group()

    def _escape(self, replaced: dict[str, str], *, in_class: bool) -> str:
        letter = self.pattern[self.position + 1 : self.position + 2]
        self.position += 2
        if letter.lower() in _NAME_CLASSES:
            return self._members(_NAME_CLASSES[letter.lower()], negated=letter.isupper(), in_class=in_class)
        if letter in {"p", "P"} and self.pattern.startswith("{Is", self.position):
            return self._members(self._read_block(), negated=letter == "P", in_class=in_class)
        category = _CATEGORY.match(self.pattern, self.position) if letter in {"p", "P"} else None
        if category is not None:
            self.position = category.end()
            return "\\" + letter + category.group()
        if letter.isdigit():
            raise self._refuse("references to groups are not supported")
        if letter not in _ESCAPES:
            raise self._refuse(f'"\\{letter}" is unknown')
        return replaced.get(letter, "\\" + letter)

    def _members(self, members: str, *, negated: bool, in_class: bool) -> str:
        if not in_class:
            return f"[{'^' if negated else ''}{members}]"
        if negated:
            raise self._refuse("a negated group within a class is not supported")
        return members

    def _read_block(self) -> str:
        end = self.pattern.find("}", self.position)
        name = self.pattern[self.position + 1 : max(end, 0)]
        if name not in _BLOCKS:
            raise self._refuse(f'the block "{name[:30]}" is unknown')
        self.position = end + 1
        return _BLOCKS[name]

    def _class(self) -> str:
        self.position += 1
        negated = self.pattern.startswith("^", self.position)
        self.position += negated
        start = self.position
        out: list[str] = []
        while self.position < len(self.pattern):
            character = self.pattern[self.position]
            if character == "]":
                self.position += 1
                return f"[{'^' if negated else ''}{''.join(out)}]"
            if character == "\\":
                out.append(self._escape(_INSIDE, in_class=True))
            elif self.pattern.startswith("-[", self.position):
                return self._subtract(self.pattern[start : self.position], negated=negated)
            elif character == "[":
                raise self._refuse('"[" stands alone within a class')
            else:
                self.position += 1
                out.append(character)
        raise self._refuse('"]" is missing')

    def _subtract(self, members: str, *, negated: bool) -> str:
        """Translate ``[a-z-[aeiou]]``: RE2 has no subtraction, so the characters are counted out."""
        start = self.position + 2
        inverted = self.pattern.startswith("^", start)
        end = self.pattern.find("]]", start)
        if end < 0:
            raise self._refuse('"]]" is missing')
        kept, removed = self._ranges(members), self._ranges(self.pattern[start + inverted : end])
        self.position = end + 2
        kept = _intersect(_invert(kept) if negated else kept, removed if inverted else _invert(removed))
        if not kept:
            return rf"[^\x{{0}}-\x{{{_LAST:X}}}]"
        return "[" + "".join(rf"\x{{{low:X}}}-\x{{{high:X}}}" for low, high in kept) + "]"

    def _ranges(self, members: str) -> list[tuple[int, int]]:
        """Return the characters of a class as ranges of code points."""
        characters: list[str | None] = []
        position = 0
        while position < len(members):
            character: str | None = members[position]
            if character == "\\":
                position += 1
                letter = members[position : position + 1]
                if letter.isalnum() and letter not in _LITERALS:
                    raise self._refuse(f'"\\{letter}" cannot be subtracted, nor be subtracted from')
                character = _LITERALS.get(letter, letter)
            elif character == "-" and 0 < position < len(members) - 1:
                character = None
            characters.append(character)
            position += 1
        return _pair(characters)


def _pair(characters: list[str | None]) -> list[tuple[int, int]]:
    """Return single characters and pairs with a ``None`` between them as ranges."""
    ranges: list[tuple[int, int]] = []
    position = 0
    while position < len(characters):
        low = high = ord(characters[position] or "-")
        if characters[position + 1 : position + 2] == [None]:
            high = ord(characters[position + 2] or "-")
            position += 2
        position += 1
        ranges.append((low, high))
    return ranges


def _invert(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    inverted: list[tuple[int, int]] = []
    start = 0
    for low, high in sorted(ranges):
        if low > start:
            inverted.append((start, low - 1))
        start = max(start, high + 1)
    return [*inverted, (start, _LAST)] if start <= _LAST else inverted


def _intersect(one: list[tuple[int, int]], other: list[tuple[int, int]]) -> list[tuple[int, int]]:
    found = [(max(low, start), min(high, end)) for low, high in one for start, end in other]
    return sorted((low, high) for low, high in found if low <= high)
