"""Literals, lists, contexts, ranges and function definitions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from server.feel.comparison import compare, order_key
from server.feel.errors import Refused
from server.feel.numbers import DECIMAL128
from server.feel.run import Frame
from server.feel.syntax import AtLiteral, ContextLiteral, FunctionDefinition, ListLiteral, Literal, RangeLiteral, Test
from server.feel.temporal import parse_temporal
from server.feel.types import coerce
from server.feel.values import Closure, Range, type_name

from .compiler import Code, Scope, compile_node, compiles, count_nodes


def constant(value: Any) -> Code:  # noqa: ANN401 - a FEEL value
    """Return code that always gives the same value."""

    def give(_frame: Frame) -> Any:  # noqa: ANN401
        return value

    return give


@compiles(Literal)
def compile_literal(node: Literal, _scope: Scope) -> Code:
    """Return the literal's value; numbers are rounded to 34 digits."""
    if isinstance(node.value, Decimal):
        number = DECIMAL128.create_decimal(node.value) if node.value.adjusted() <= DECIMAL128.Emax else None
        return constant(number)
    return constant(node.value)


@compiles(AtLiteral)
def compile_at_literal(node: AtLiteral, _scope: Scope) -> Code:
    """Return the date, time or duration; null with a warning when the text is none."""
    try:
        return constant(parse_temporal(node.text))
    except Refused as error:
        message = str(error)

    def refuse(frame: Frame) -> None:
        frame.run.warn(message)

    return refuse


@compiles(ListLiteral)
def compile_list(node: ListLiteral, scope: Scope) -> Code:
    """Return code that makes a new list."""
    items = [compile_node(item, scope) for item in node.items]

    def make(frame: Frame) -> list[Any]:
        return [item(frame) for item in items]

    return make


@compiles(ContextLiteral)
def compile_context(node: ContextLiteral, scope: Scope) -> Code:
    """Return code that makes a new context; each entry sees the ones before it, and a function also itself."""
    inner = Scope((), scope)
    entries = []
    for name, value in node.entries:
        if isinstance(value, FunctionDefinition):
            inner.names.add(name)
        entries.append((name, compile_node(value, inner)))
        inner.names.add(name)

    def make(frame: Frame) -> dict[str, Any]:
        values: dict[str, Any] = {}
        own = Frame(values, frame, frame.run)
        for name, code in entries:
            values[name] = code(own)
        return values

    return make


@compiles(RangeLiteral)
def compile_range(node: RangeLiteral, scope: Scope) -> Code:
    """Return code that makes a range; null with a warning when its ends do not fit together."""
    low, high = compile_node(node.low, scope), compile_node(node.high, scope)

    def make(frame: Frame) -> Range | None:
        try:
            return make_range(low(frame), high(frame), low_closed=node.low_closed, high_closed=node.high_closed)
        except Refused as error:
            frame.run.warn(str(error))
            return None

    return make


def make_range(low: Any, high: Any, *, low_closed: bool, high_closed: bool) -> Range:  # noqa: ANN401
    """Return the range between two values.

    :raises Refused: when they cannot be compared, or the low end is above the high one
    """
    if low is None or high is None:
        raise Refused("A range needs two ends that are not null")
    if not compare("<=", low, high):
        raise Refused("The low end of a range is above its high end")
    return Range(low, high, low_closed, high_closed)


@compiles(Test)
def compile_test(node: Test, scope: Scope) -> Code:
    """Return code that makes the range of all values that pass the comparison: ``< 5``."""
    operand = compile_node(node.operand, scope)
    operator = node.operator

    def make(frame: Frame) -> Range | None:
        value = operand(frame)
        try:
            order_key(value)
        except Refused:
            frame.run.warn(f"There is no range of values {operator} a {type_name(value)}")
            return None
        if operator == "=":
            return Range(value, value, True, True)  # noqa: FBT003 - both ends closed
        closed = operator in {"<=", ">="}
        if operator in {"<", "<="}:
            return Range(None, value, False, closed)  # noqa: FBT003
        return Range(value, None, closed, False) if operator != "!=" else None  # noqa: FBT003

    return make


@compiles(FunctionDefinition)
def compile_function(node: FunctionDefinition, scope: Scope) -> Code:
    """Return code that makes a function with the variables it sees."""
    names = tuple(parameter.name for parameter in node.parameters)
    if node.external:
        return _refuse_external
    body = compile_node(node.body, Scope(names, scope))
    kinds = tuple(parameter.type for parameter in node.parameters)
    cost = count_nodes(node.body)
    typed = [(parameter.name, parameter.type) for parameter in node.parameters if parameter.type is not None]

    def make(frame: Frame) -> Closure:
        def call(values: dict[str, Any]) -> Any:  # noqa: ANN401
            frame.run.take(cost)
            for name, kind in typed:
                values[name] = coerce(values[name], kind, name, frame.run.take)
            return body(Frame(values, frame, frame.run))

        return Closure(names, call, kinds)

    return make


def _refuse_external(frame: Frame) -> None:
    frame.run.warn("External functions are not supported: an expression cannot call Java or PMML")
