r"""Regular expressions of XPath (XQuery 1.0 and XPath 2.0 Functions and Operators §7.6) for RE2.

RE2 knows no look-around and no back-references, so a pattern's time is linear in the text. What the two dialects write
differently is rewritten: the flags ``s m i x q``, ``\i`` and ``\c``, blocks like ``\p{IsGreek}``, class subtraction.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

import re2

from .errors import Refused
from .regex_translation import PatternTranslation

MAX_PATTERN: Final = 2_000
_MAX_MEMORY: Final = 1 << 22
_FLAGS: Final = frozenset("smixq")
_REFERENCE: Final = re.compile(r"\\(.)|\$([0-9]+)|([\\$])", re.DOTALL)
_SPECIAL: Final = frozenset(r"\^$.|?*+()[]{}")
_CLASS_OR_BLANK: Final = re.compile(r"(\\\S|\[(?:\\.|[^\]\\])*\])|[ \t\r\n]+", re.DOTALL)


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
    letters = "".join(letter for letter in "smi" if letter in flags)
    try:
        return re2.compile((f"(?{letters})" if letters else "") + translate(pattern, flags), options)
    except re2.error as error:
        why = error.args[0].decode(errors="replace") if isinstance(error.args[0], bytes) else str(error)
        raise Refused(f'"{pattern[:60]}" is no pattern: {why}') from None


def translate(pattern: str, flags: str) -> str:
    """Rewrite a pattern of XPath as one of RE2.

    :raises Refused: when it uses what RE2 cannot do
    """
    if "q" in flags:
        return "".join("\\" + one if one in _SPECIAL else one for one in pattern)
    return PatternTranslation(_remove_blanks(pattern) if "x" in flags else pattern, dot_is_all="s" in flags).run()


def _remove_blanks(pattern: str) -> str:
    r"""Remove white space outside of classes; so ``\ s`` becomes ``\s`` (§7.6.1.1)."""
    return _CLASS_OR_BLANK.sub(lambda match: match.group(1) or "", pattern)


def check_replacement(replacement: str, *, literal: bool) -> None:
    r"""Make sure that a replacement may be used.

    :raises Refused: when a ``\`` or ``$`` stands alone
    """
    if literal:
        return
    for reference in _REFERENCE.finditer(replacement):
        escaped, _, alone = reference.groups()
        if alone is not None or (escaped is not None and escaped not in "\\$"):
            raise Refused(r'in a replacement "\" and "$" are written "\\" and "\$"')


def expand_replacement(replacement: str, match: Any, *, literal: bool) -> str:  # noqa: ANN401 - re2 has no types
    r"""Return the replacement with ``$1`` … replaced by the groups of a match of bytes.

    ``\$`` and ``\\`` are the characters.
    """
    if literal:
        return replacement
    groups = match.re.groups

    def expand(reference: re.Match[str]) -> str:
        escaped, digits, _ = reference.groups()
        if escaped is not None:
            return escaped
        # $12 is group 12, or group 1 and the digit 2 when there are fewer groups.
        length = len(digits)
        while length > 1 and int(digits[:length]) > groups:
            length -= 1
        number = int(digits[:length])
        value: bytes | None = match.group(number) if number <= groups else None
        return (value or b"").decode() + digits[length:]

    return _REFERENCE.sub(expand, replacement)
