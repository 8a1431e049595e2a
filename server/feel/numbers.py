"""Numbers: decimals of 34 digits (IEEE 754-2008 decimal128, DMN 1.5 §10.3.2.3.1)."""

from __future__ import annotations

from decimal import (
    ROUND_HALF_EVEN,
    Clamped,
    Context,
    Decimal,
    DecimalException,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)
from typing import Final

from .errors import Refused

# Several threads may share the context: only its flags are written to, and nobody reads those.
DECIMAL128: Final = Context(
    prec=34,
    rounding=ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    traps=[DivisionByZero, InvalidOperation, Overflow],
    flags=[Clamped],
)
ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)
_INFINITY: Final = Decimal("Infinity")
_MAX_DIGITS: Final = 400
_MAX_SCALE: Final = 6176


def divide(left: Decimal, right: Decimal) -> Decimal:
    """Return ``left / right``.

    :raises Refused: when right is zero
    """
    if not right:
        raise Refused("Division by zero")
    return DECIMAL128.divide(left, right)


def raise_to(left: Decimal, right: Decimal) -> Decimal:
    """Return ``left ** right``.

    :raises Refused: when that is no number, or too large for one
    """
    try:
        result = DECIMAL128.power(left, right)
    except DecimalException:
        result = _INFINITY
    if not result.is_finite():
        raise Refused(f"{format_number(left)} ** {format_number(right)} is no number")
    return result


def parse_number(text: str) -> Decimal:
    """Read a number as FEEL writes it.

    :raises Refused: when the text is none
    """
    try:
        number = DECIMAL128.create_decimal(text)
    except DecimalException:
        raise Refused(f'"{text[:40]}" is no number') from None
    if not number.is_finite():
        raise Refused(f'"{text[:40]}" is no number')
    return number


def format_number(number: Decimal) -> str:
    """Return a number as text, without trailing zeros, and without an exponent unless it would be very long."""
    if number.is_zero():
        return "0"
    if -_MAX_DIGITS < number.adjusted() < _MAX_DIGITS:
        text = format(number, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(DECIMAL128.normalize(number))


def is_integral(number: Decimal) -> bool:
    """Tell whether a number has no fraction."""
    return number == number.to_integral_value()


def to_integer(number: Decimal, what: str) -> int:
    """Return a whole number as Python's.

    :raises Refused: when it has a fraction or is far too large to count anything
    """
    if number.adjusted() > 18:
        raise Refused(f"{what} is too large")
    if not is_integral(number):
        raise Refused(f"{what} must be a whole number, but is {format_number(number)}")
    return int(number)


def quantize(number: Decimal, scale: Decimal, rounding: str) -> Decimal:
    """Return a number rounded to so many digits behind the point.

    :raises Refused: when the scale is outside −6111 … 6176
    """
    digits = to_integer(DECIMAL128.to_integral_value(scale), "The scale")
    if not -6111 <= digits <= _MAX_SCALE:
        raise Refused(f"The scale must be between -6111 and {_MAX_SCALE}, but is {digits}")
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and -exponent <= digits:
        return number
    wide = Context(prec=34 + 6200, rounding=rounding, Emin=-9999, Emax=9999)
    return DECIMAL128.plus(number.quantize(Decimal((0, (1,), -digits)), context=wide))
