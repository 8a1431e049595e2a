"""Canonical JSON values: what a process variable may be, equal in memory and after every reload."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal

from server.errors import InvalidArgument

DEEPEST = 100
MOST_DIGITS_BITS = 3322  # a thousand decimal digits
_EXACT_FLOAT = 2.0**53


def canonical(value: object, depth: int = 0) -> object:
    """Return `value` as canonical JSON: integral numbers as int of any size, other numbers as finite float.

    Raises `InvalidArgument` for what JSON and the databases cannot hold: NaN, infinities, text with NUL or lone
    surrogates, integers of more than a thousand digits, nesting deeper than 100, keys that are no text.
    """
    if value is None or value is True or value is False:
        return value
    if depth > DEEPEST:
        raise InvalidArgument(f"a value is nested deeper than {DEEPEST}")
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int | float | Decimal):
        return _number(value)
    if isinstance(value, Mapping):
        return {_key(key): canonical(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [canonical(item, depth + 1) for item in value]
    raise InvalidArgument(f"expected a JSON value, found {type(value).__name__}")


def canonical_variables(variables: Mapping[str, object]) -> dict[str, object]:
    """Return a document of variables in canonical form; raises `InvalidArgument` as `canonical` does."""
    return {_key(name): canonical(value) for name, value in variables.items()}


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise InvalidArgument(f"expected text as a name, found {type(key).__name__}")
    return _text(key)


def _text(text: str) -> str:
    if "\x00" in text:
        raise InvalidArgument("a text holds the character NUL, which cannot be stored")
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidArgument("a text holds half of a surrogate pair, which is no Unicode character")
    return text


def _number(number: float | Decimal) -> int | float:
    if isinstance(number, Decimal):
        if not number.is_finite():
            raise InvalidArgument(f"expected a finite number, found {number}")
        if number.adjusted() > MOST_DIGITS_BITS:
            raise InvalidArgument("expected a number of at most a thousand digits")
        return int(number) if number == number.to_integral_value() else _number(float(number))
    if isinstance(number, int):
        if number.bit_length() > MOST_DIGITS_BITS:
            raise InvalidArgument("expected a number of at most a thousand digits")
        return int(number)
    if not math.isfinite(number):
        raise InvalidArgument(f"expected a finite number, found {number}")
    return int(number) if number.is_integer() and abs(number) <= _EXACT_FLOAT else float(number)
