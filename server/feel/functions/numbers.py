"""Numeric functions (DMN 1.5 §10.3.4.5)."""

from __future__ import annotations

from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
    DecimalException,
)
from typing import TYPE_CHECKING, Final

from server.feel.errors import Refused
from server.feel.numbers import DECIMAL128, ONE, ZERO, format_number, is_integral, quantize
from server.feel.temporal import DaysAndTimeDuration, YearsAndMonthsDuration

from .registry import builtin

if TYPE_CHECKING:
    from collections.abc import Callable

_TWO: Final = Decimal(2)
_LARGEST_ARGUMENT: Final = 20_000


@builtin("decimal", "n: number", "scale: number")
def round_decimal(n: Decimal, scale: Decimal) -> Decimal:
    """Round to so many digits behind the point, halves to the even neighbour."""
    return quantize(n, scale, ROUND_HALF_EVEN)


@builtin("floor", "n: number", "scale?: number")
def floor(n: Decimal, scale: Decimal = ZERO) -> Decimal:
    """Round towards negative infinity."""
    return quantize(n, scale, ROUND_FLOOR)


@builtin("ceiling", "n: number", "scale?: number")
def ceiling(n: Decimal, scale: Decimal = ZERO) -> Decimal:
    """Round towards positive infinity."""
    return quantize(n, scale, ROUND_CEILING)


@builtin("round up", "n: number", "scale: number")
def round_up(n: Decimal, scale: Decimal) -> Decimal:
    """Round away from zero."""
    return quantize(n, scale, ROUND_UP)


@builtin("round down", "n: number", "scale: number")
def round_down(n: Decimal, scale: Decimal) -> Decimal:
    """Round towards zero."""
    return quantize(n, scale, ROUND_DOWN)


@builtin("round half up", "n: number", "scale: number")
def round_half_up(n: Decimal, scale: Decimal) -> Decimal:
    """Round to the nearest, halves away from zero."""
    return quantize(n, scale, ROUND_HALF_UP)


@builtin("round half down", "n: number", "scale: number")
def round_half_down(n: Decimal, scale: Decimal) -> Decimal:
    """Round to the nearest, halves towards zero."""
    return quantize(n, scale, ROUND_HALF_DOWN)


@builtin("abs", "n: number|duration")
def absolute(
    n: Decimal | DaysAndTimeDuration | YearsAndMonthsDuration,
) -> Decimal | DaysAndTimeDuration | YearsAndMonthsDuration:
    """Return a number or duration without its sign."""
    if isinstance(n, Decimal):
        return DECIMAL128.abs(n)
    if isinstance(n, DaysAndTimeDuration):
        return DaysAndTimeDuration(abs(n.nanoseconds))
    return YearsAndMonthsDuration(abs(n.months))


@builtin("modulo", "dividend: number", "divisor: number")
def modulo(dividend: Decimal, divisor: Decimal) -> Decimal:
    """Return the remainder, with the divisor's sign: ``dividend - divisor * floor(dividend / divisor)``."""
    if not divisor:
        raise Refused("division by zero")
    if dividend.adjusted() - divisor.adjusted() > 33:
        quotient = quantize(DECIMAL128.divide(dividend, divisor), ZERO, ROUND_FLOOR)
        return DECIMAL128.subtract(dividend, DECIMAL128.multiply(divisor, quotient))
    remainder = DECIMAL128.remainder(dividend, divisor)
    return DECIMAL128.add(remainder, divisor) if remainder and (remainder < 0) != (divisor < 0) else remainder


@builtin("sqrt", "number: number")
def square_root(number: Decimal) -> Decimal:
    """Return the square root; a negative number has none."""
    if number < 0:
        raise Refused("a negative number has no square root")
    return DECIMAL128.sqrt(number)


@builtin("log", "number: number")
def logarithm(number: Decimal) -> Decimal:
    """Return the natural logarithm of a positive number."""
    if number <= 0:
        raise Refused("only positive numbers have a logarithm")
    return _checked(DECIMAL128.ln, number)


@builtin("exp", "number: number")
def exponential(number: Decimal) -> Decimal:
    """Return e to the power of the number."""
    if abs(number) > _LARGEST_ARGUMENT:
        raise Refused("the result is too large for a number")
    return _checked(DECIMAL128.exp, number)


def _checked(operation: Callable[[Decimal], Decimal], number: Decimal) -> Decimal:
    try:
        return operation(number)
    except DecimalException:
        raise Refused(f"{format_number(number)} has no result") from None


@builtin("odd", "number: number")
def is_odd(number: Decimal) -> bool:
    """Tell whether a whole number is odd; a fraction is neither odd nor even."""
    return is_integral(number) and _last_digit_is_odd(number)


@builtin("even", "number: number")
def is_even(number: Decimal) -> bool:
    """Tell whether a whole number is even."""
    return is_integral(number) and not _last_digit_is_odd(number)


def _last_digit_is_odd(number: Decimal) -> bool:
    return number.adjusted() < 34 and abs(DECIMAL128.remainder(number, _TWO)) == ONE
