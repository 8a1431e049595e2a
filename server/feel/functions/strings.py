"""String functions (DMN 1.5 §10.3.4.3) and Camunda's additions. Characters are Unicode code points."""

from __future__ import annotations

from base64 import b64encode
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from server.feel.errors import Refused
from server.feel.numbers import to_integer

from .registry import builtin, builtin_of_run

if TYPE_CHECKING:
    from server.feel.run import Run


@builtin("substring", "string: string", "start position: number", "length?: number|null")
def substring(string: str, start_position: Decimal, length: Decimal | None = None) -> str:
    """Return the characters from a position on (from the end when negative), all or so many."""
    start = to_integer(start_position, "the start position")
    if start == 0 or abs(start) > len(string):
        if string == "" or abs(start) == len(string) + 1:
            return ""
        raise Refused(f"a text of {len(string)} characters has no position {start}")
    first = start - 1 if start > 0 else len(string) + start
    if length is None:
        return string[first:]
    count = int(length) if length.adjusted() < 12 else len(string)
    if count < 1:
        raise Refused("the length should be at least 1")
    return string[first : first + count]


@builtin("string length", "string: string")
def string_length(string: str) -> Decimal:
    """Return the number of characters."""
    return Decimal(len(string))


@builtin("upper case", "string: string")
def upper_case(string: str) -> str:
    """Return the text in capital letters."""
    return string.upper()


@builtin("lower case", "string: string")
def lower_case(string: str) -> str:
    """Return the text in small letters."""
    return string.lower()


@builtin("substring before", "string: string", "match: string")
def substring_before(string: str, match: str) -> str:
    """Return what stands before the first occurrence of the match; nothing when there is none."""
    before, found, _ = string.partition(match) if match else ("", "", "")
    return before if found else ""


@builtin("substring after", "string: string", "match: string")
def substring_after(string: str, match: str) -> str:
    """Return what stands behind the first occurrence of the match; nothing when there is none."""
    return string.partition(match)[2] if match else string


@builtin("contains", "string: string", "match: string")
def contains(string: str, match: str) -> bool:
    """Tell whether the match occurs in the text."""
    return match in string


@builtin("starts with", "string: string", "match: string")
def starts_with(string: str, match: str) -> bool:
    """Tell whether the text begins with the match."""
    return string.startswith(match)


@builtin("ends with", "string: string", "match: string")
def ends_with(string: str, match: str) -> bool:
    """Tell whether the text ends with the match."""
    return string.endswith(match)


@builtin_of_run("string join", "list: list", "delimiter?: string|null")
def string_join(run: Run, items: list[Any], delimiter: str | None = None) -> str:
    """Join texts with a delimiter between them; nulls are left out."""
    return _join(run, items, delimiter)


@builtin_of_run("string join", "list: list", "delimiter: string|null", "prefix: string", "suffix: string")
def string_join_within(run: Run, items: list[Any], delimiter: str | None, prefix: str, suffix: str) -> str:
    """Join texts and put a prefix before and a suffix behind them."""
    return prefix + _join(run, items, delimiter) + suffix


def _join(run: Run, items: list[Any], delimiter: str | None) -> str:
    texts = [item for item in items if item is not None]
    if not all(isinstance(text, str) for text in texts):
        raise Refused("all items should be texts")
    run.take_characters(sum(map(len, texts)) + len(delimiter or "") * len(texts))
    return (delimiter or "").join(texts)


@builtin("trim", "string: string")
def trim(string: str) -> str:
    """Return the text without white space at its ends."""
    return string.strip()


@builtin("is blank", "string: string")
def is_blank(string: str) -> bool:
    """Tell whether the text is empty or has only white space."""
    return not string.strip()


@builtin("to base64", "value: string")
def to_base64(value: str) -> str:
    """Return the text's UTF-8 bytes in base 64."""
    return b64encode(value.encode(errors="replace")).decode("ascii")


@builtin_of_run("repeat", "string: string", "count: number")
def repeat(run: Run, string: str, count: Decimal) -> str:
    """Return the text so many times in a row."""
    times = to_integer(count, "the count")
    if times < 0:
        raise Refused("the count should not be negative")
    run.take_characters(len(string) * times)
    return string * times
