"""JSON values as form-js compares and writes them: `true` is not `1`, `1` is `1.0`, numbers are canonical."""

from __future__ import annotations

import math
import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final

from server.forms.limits import MAX_DEPTH, MAX_DIGITS

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

MISSING: Final = object()
"""What was not sent, as opposed to null."""

_LARGEST: Final = 10**MAX_DIGITS
_NUMBER: Final = re.compile(r"[ \t\r\n]*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?[ \t\r\n]*", re.ASCII)


class ValueTooDeep(ValueError):
    """A JSON value is nested more deeply than options ever are."""


class NumberTooLarge(ValueError):
    """A number has more digits than are kept."""


class NumberTooPrecise(ValueError):
    """A fraction cannot be kept exactly in a JSON number."""


def freeze_value(value: object, depth: int = 0) -> Hashable:
    """Return a key under which equal JSON values, and only those, are equal.

    Raises:
        ValueTooDeep: the value is nested too deeply.

    """
    if isinstance(value, bool):
        return ("boolean", value)
    if depth > MAX_DEPTH:
        raise ValueTooDeep
    if isinstance(value, dict):
        return ("object", frozenset((key, freeze_value(item, depth + 1)) for key, item in value.items()))
    if isinstance(value, (list, tuple)):
        return ("list", tuple(freeze_value(item, depth + 1) for item in value))
    return value if isinstance(value, (str, int, float, Decimal)) or value is None else repr(value)


def are_equal(left: object, right: object) -> bool:
    """Return whether two JSON values are equal; values nested too deeply are equal to nothing."""
    try:
        return freeze_value(left) == freeze_value(right)
    except ValueTooDeep:
        return False


def canonicalise_number(number: float | Decimal) -> int | float:
    """Return the number as canonical JSON: whole numbers as int, fractions as float.

    Raises:
        NumberTooLarge: more digits than FEEL computes with, or no finite number.
        NumberTooPrecise: the fraction would change when it is written as a JSON number.

    """
    if isinstance(number, int):
        if abs(number) >= _LARGEST:
            raise NumberTooLarge
        return number
    if not math.isfinite(number) or abs(number) >= _LARGEST:
        raise NumberTooLarge
    if number == int(number):
        # The shortest spelling of a large float, not the digits of its binary value.
        return int(Decimal(str(number)))
    result = float(number)
    if isinstance(number, Decimal) and Decimal(repr(result)) != number:
        raise NumberTooPrecise
    return result


def parse_number(text: str) -> Decimal | None:
    """Return the number that a text spells in ASCII digits, as JavaScript reads decimal numbers, or None."""
    if len(text) > 200 or not _NUMBER.fullmatch(text):
        return None
    return Decimal(text.strip())


def to_decimal(value: object) -> Decimal | None:
    """Return a JSON number, or a text that spells one, as a decimal; None for everything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, Decimal)):
        return Decimal(value)
    if isinstance(value, float):
        return Decimal(repr(value)) if math.isfinite(value) else None
    return parse_number(value) if isinstance(value, str) else None


def write_number(number: float | Decimal) -> str:
    """Return a number as JavaScript writes it: with an exponent below 1e-6; whole numbers keep all digits."""
    decimal = Decimal(number) if isinstance(number, int) else Decimal(str(number))
    if decimal == 0:
        return "0"
    if decimal.adjusted() > -7:
        text = f"{decimal:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    digits = "".join(map(str, decimal.normalize().as_tuple().digits))
    mantissa = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
    return f"{'-' if decimal < 0 else ''}{mantissa}e{decimal.adjusted()}"


def count_decimals(decimal: Decimal) -> int:
    """Return how many digits after the decimal point a number needs."""
    exponent = decimal.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def take_remainder(decimal: Decimal, step: Decimal) -> Decimal:
    """Return the remainder of a division, with the sign of the dividend; 0 where it cannot be computed."""
    try:
        return decimal % step
    except InvalidOperation:
        return Decimal(0)


def read_path(data: object, path: tuple[str, ...]) -> object:
    """Return the value at a path of names, or MISSING."""
    for name in path:
        if not isinstance(data, dict) or name not in data:
            return MISSING
        data = data[name]
    return data


def write_path(data: dict[str, object], path: tuple[str, ...], value: object) -> None:
    """Set the value at a path of names; objects on the way are copied, so that shared ones are never changed."""
    for name in path[:-1]:
        inner = data.get(name)
        copy: dict[str, object] = dict(inner) if isinstance(inner, dict) else {}
        data[name] = copy
        data = copy
    data[path[-1]] = value


def write_pointer(path: tuple[str | int, ...]) -> str:
    """Return a JSON pointer (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def read_mapping(value: object) -> Mapping[str, object]:
    """Return the object that a property of a schema should be; an empty one when it is something else."""
    return value if isinstance(value, dict) else {}
