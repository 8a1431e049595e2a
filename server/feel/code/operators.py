"""Arithmetic and comparisons."""

from __future__ import annotations

import operator
from decimal import Decimal, DecimalException
from typing import TYPE_CHECKING, Any, Final

from server.feel.arithmetic import OPERATIONS, negate
from server.feel.comparison import compare, equals
from server.feel.errors import Refused
from server.feel.numbers import DECIMAL128
from server.feel.syntax import Arithmetic, Between, Comparison, Literal, Negation, Node
from server.feel.values import FeelValue, type_name

from .compiler import Code, Scope, compile_node, compiles

if TYPE_CHECKING:
    from collections.abc import Callable

    from server.feel.run import Frame

_FAST_ARITHMETIC: Final[dict[str, Callable[[Decimal, Decimal], Decimal]]] = {
    "+": DECIMAL128.add,
    "-": DECIMAL128.subtract,
    "*": DECIMAL128.multiply,
}
_CONTAINERS: Final = frozenset({list, dict})
_FAST_ORDER: Final[dict[str, Callable[[Decimal, Decimal], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@compiles(Negation)
def compile_negation(node: Negation, scope: Scope) -> Code:
    """Return code for ``-operand``."""
    operand = compile_node(node.operand, scope)

    def apply(frame: Frame) -> Any:  # noqa: ANN401
        try:
            return negate(operand(frame))
        except Refused as error:
            frame.run.warn(str(error))
            return None

    return apply


@compiles(Arithmetic)
def compile_arithmetic(node: Arithmetic, scope: Scope) -> Code:
    """Return code that applies a chain of operators from left to right."""
    if len(node.rest) == 1:
        sign, right = node.rest[0]
        return _binary(sign, compile_node(node.first, scope), compile_node(right, scope))
    first = compile_node(node.first, scope)
    rest = [(OPERATIONS[sign], compile_node(operand, scope)) for sign, operand in node.rest]

    def apply(frame: Frame) -> Any:  # noqa: ANN401
        value = first(frame)
        for operation, operand in rest:
            value = calculate(frame, operation, value, operand(frame))
        return value

    return apply


def _binary(sign: str, left: Code, right: Code) -> Code:
    operation = OPERATIONS[sign]
    fast = _FAST_ARITHMETIC.get(sign)
    if fast is None:

        def apply_slowly(frame: Frame) -> Any:  # noqa: ANN401
            return calculate(frame, operation, left(frame), right(frame))

        return apply_slowly

    def apply(frame: Frame) -> Any:  # noqa: ANN401
        one, other = left(frame), right(frame)
        if type(one) is Decimal and type(other) is Decimal:
            try:
                return fast(one, other)
            except DecimalException:
                frame.run.warn("The result is too large for a number")
                return None
        return calculate(frame, operation, one, other)

    return apply


def calculate(
    frame: Frame, operation: Callable[[FeelValue, FeelValue], FeelValue], left: FeelValue, right: FeelValue
) -> FeelValue:
    """Return an operation's value; null with a warning when it has none."""
    if type(left) is str and type(right) is str:
        frame.run.take_characters(len(left) + len(right))
    try:
        return operation(left, right)
    except Refused as error:
        frame.run.warn(str(error))
        return None


@compiles(Comparison)
def compile_comparison(node: Comparison, scope: Scope) -> Code:
    """Return code for ``left operator right``."""
    left, right = compile_node(node.left, scope), compile_node(node.right, scope)
    if node.operator in {"=", "!="}:
        return _equality(node, left, right)
    sign = node.operator
    fast = _FAST_ORDER[sign]
    if isinstance(node.right, Literal) and isinstance(node.right.value, Decimal):
        return _order_by_constant(sign, left, right)

    def apply(frame: Frame) -> bool | None:
        one, other = left(frame), right(frame)
        if type(one) is Decimal and type(other) is Decimal:
            return fast(one, other)
        return order(frame, sign, one, other)

    return apply


def _order_by_constant(sign: str, left: Code, right: Code) -> Code:
    fast = _FAST_ORDER[sign]
    bound: Decimal | None = None

    def apply(frame: Frame) -> bool | None:
        nonlocal bound
        value = left(frame)
        if bound is None:
            bound = right(frame)
        if type(value) is Decimal and bound is not None:
            return fast(value, bound)
        return order(frame, sign, value, bound)

    return apply


def order(frame: Frame, sign: str, left: FeelValue, right: FeelValue) -> bool | None:
    """Return ``left sign right``; null with a warning when the two cannot be compared."""
    try:
        return compare(sign, left, right)
    except Refused as error:
        frame.run.warn(str(error))
        return None


def _is_null(node: Node) -> bool:
    return isinstance(node, Literal) and node.value is None


def _equality(node: Comparison, left: Code, right: Code) -> Code:
    wanted = node.operator == "="
    if _is_null(node.left) or _is_null(node.right):
        return _null_test(right if _is_null(node.left) else left, wanted=wanted)

    def apply(frame: Frame) -> bool | None:
        one, other = left(frame), right(frame)
        result = equals(one, other, frame.run.take) if type(one) in _CONTAINERS else equals(one, other)
        if result is None:
            frame.run.warn(f"A {type_name(one)} and a {type_name(other)} cannot be compared")
            return None
        return result is wanted

    return apply


def _null_test(operand: Code, *, wanted: bool) -> Code:
    """Who asks whether something is null knows that it may be: what the operand warned about is forgotten."""

    def apply(frame: Frame) -> bool:
        return (quietly(frame, operand) is None) is wanted

    return apply


def quietly(frame: Frame, code: Code) -> Any:  # noqa: ANN401
    """Return a value without the warnings that its evaluation gave."""
    warnings = frame.run.open_ledger().warnings
    before = len(warnings)
    value = code(frame)
    del warnings[before:]
    return value


@compiles(Between)
def compile_between(node: Between, scope: Scope) -> Code:
    """Return code for ``value between low and high``."""
    value, low, high = (compile_node(part, scope) for part in (node.value, node.low, node.high))

    def apply(frame: Frame) -> bool | None:
        subject = value(frame)
        above, below = order(frame, ">=", subject, low(frame)), order(frame, "<=", subject, high(frame))
        if above is None or below is None:
            return None
        return above and below

    return apply
