r"""Regular expressions of XPath (XQuery 1.0 and XPath 2.0 Functions and Operators §7.6) for RE2.

RE2 knows no look-around and no back-references, so a pattern's time is linear in the text. What the two dialects write
differently is rewritten: the flags ``s m i x q``, ``\i`` and ``\c``, and blocks like ``\p{IsGreek}``.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

import re2

from .errors import Refused

MAX_PATTERN: Final = 2_000
_MAX_MEMORY: Final = 1 << 22
_FLAGS: Final = frozenset("smixq")
_REFERENCE: Final = re.compile(r"\\(.)|\$([0-9]+)|([\\$])", re.DOTALL)
_NAME_START: Final = r":A-Z_a-z\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{2FF}\x{370}-\x{37D}\x{37F}-\x{1FFF}\x{200C}-\x{200D}"
_NAME_PART: Final = _NAME_START + r"\-.0-9\x{B7}\x{300}-\x{36F}"
_CLASSES: Final = {
    "i": (False, _NAME_START),
    "I": (True, _NAME_START),
    "c": (False, _NAME_PART),
    "C": (True, _NAME_PART),
}
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


@lru_cache(maxsize=512)
def compile_pattern(pattern: str, flags: str) -> Any:  # noqa: ANN401 - re2 has no types
    """Return a compiled pattern.

    :raises Refused: when the pattern or a flag is none
    """
    if not _FLAGS.issuperset(flags):
        raise Refused(f'"{flags}" are no flags; there are s, m, i, x and q')
    if len(pattern) > MAX_PATTERN:
        raise Refused(f"the pattern has more than {MAX_PATTERN:,} characters")
    options = re2.Options()
    options.max_mem = _MAX_MEMORY
    options.log_errors = False
    try:
        return re2.compile(_prefix(flags) + translate(pattern, flags), options)
    except re2.error as error:
        text = error.args[0].decode(errors="replace") if isinstance(error.args[0], bytes) else str(error)
        raise Refused(f'"{pattern[:60]}" is no pattern: {text}') from None


def _prefix(flags: str) -> str:
    letters = "".join(letter for letter in "smi" if letter in flags)
    return f"(?{letters})" if letters else ""


def translate(pattern: str, flags: str) -> str:
    """Rewrite a pattern of XPath as one of RE2.

    :raises Refused: when it uses what RE2 cannot do
    """
    if "q" in flags:
        return "".join(_quote(character) for character in pattern)
    return _Translation(pattern, free="x" in flags).run()


def _quote(character: str) -> str:
    return "\\" + character if character in r"\^$.|?*+()[]{}" else character


class _Translation:
    """Goes through a pattern once."""

    def __init__(self, pattern: str, *, free: bool) -> None:
        self.pattern = pattern
        self.free = free
        self.position = 0
        self.out: list[str] = []

    def run(self) -> str:
        while self.position < len(self.pattern):
            character = self.pattern[self.position]
            if character == "\\":
                self.out.append(self._escape(in_class=False))
            elif character == "[":
                self.out.append(self._class())
            elif character == "(" and self.pattern.startswith(("(?", "(*"), self.position):
                self.out.append(self._group())
            else:
                self.position += 1
                if not (self.free and character in " \t\r\n"):
                    self.out.append(character)
        return "".join(self.out)

    def _group(self) -> str:
        if self.pattern.startswith("(?:", self.position):
            self.position += 3
            return "(?:"
        raise Refused(f'"{self.pattern[:60]}" is no pattern: "(?" is not allowed except in "(?:"')

    def _escape(self, *, in_class: bool) -> str:
        letter = self.pattern[self.position + 1 : self.position + 2]
        self.position += 2
        if letter in _CLASSES:
            negated, members = _CLASSES[letter]
            if in_class and not negated:
                return members
            return f"[{'^' if negated else ''}{members}]"
        if letter in {"p", "P"} and self.pattern.startswith("{Is", self.position):
            return self._block(negated=letter == "P", in_class=in_class)
        if letter.isdigit():
            raise Refused(f'"{self.pattern[:60]}" is no pattern: references to groups are not supported')
        if not letter or letter not in "nrt\\|.?*+(){}-[]^$sSdDwWpP":
            raise Refused(f'"{self.pattern[:60]}" is no pattern: "\\{letter}" is unknown')
        return _UNICODE_ESCAPES.get((letter, in_class), "\\" + letter)

    def _block(self, *, negated: bool, in_class: bool) -> str:
        end = self.pattern.find("}", self.position)
        name = self.pattern[self.position + 1 : end]
        if end < 0 or name not in _BLOCKS or (in_class and negated):
            raise Refused(f'"{self.pattern[:60]}" is no pattern: the block "{name[:30]}" is unknown')
        self.position = end + 1
        return _BLOCKS[name] if in_class else f"[{'^' if negated else ''}{_BLOCKS[name]}]"

    def _class(self) -> str:
        start = self.position
        self.position += 1
        out = ["["]
        if self.pattern.startswith("^", self.position):
            out.append("^")
            self.position += 1
        while self.position < len(self.pattern):
            character = self.pattern[self.position]
            if character == "\\":
                out.append(self._escape(in_class=True))
            elif character == "]":
                self.position += 1
                return "".join((*out, "]"))
            elif character == "[":
                raise Refused(f'"{self.pattern[:60]}" is no pattern: subtraction of classes is not supported')
            else:
                self.position += 1
                out.append(character)
        self.position = start
        raise Refused(f'"{self.pattern[:60]}" is no pattern: "]" is missing')


_UNICODE_ESCAPES: Final = {
    ("d", False): r"\p{Nd}",
    ("d", True): r"\p{Nd}",
    ("D", False): r"\P{Nd}",
    ("D", True): r"\P{Nd}",
    ("w", False): r"[^\p{P}\p{Z}\p{C}]",
    ("W", False): r"[\p{P}\p{Z}\p{C}]",
    ("W", True): r"\p{P}\p{Z}\p{C}",
}


def expand_replacement(replacement: str, match: Any, *, literal: bool) -> str:  # noqa: ANN401 - re2 has no types
    r"""Return the replacement with ``$1`` … replaced by the match's groups; ``\$`` and ``\\`` are the characters.

    :raises Refused: when a ``\`` or ``$`` stands alone
    """
    if literal:
        return replacement
    groups = match.re.groups

    def expand(reference: re.Match[str]) -> str:
        escaped, digits, alone = reference.groups()
        if alone is not None or (escaped is not None and escaped not in "\\$"):
            raise Refused(r'in a replacement "\" and "$" are written "\\" and "\$"')
        if escaped is not None:
            return escaped
        # $12 is group 12, or group 1 and the digit 2 when there are fewer groups.
        length = len(digits)
        while length > 1 and int(digits[:length]) > groups:
            length -= 1
        number = int(digits[:length])
        value = match.group(number) if number <= groups else ""
        return (value or "") + digits[length:]

    return _REFERENCE.sub(expand, replacement)
