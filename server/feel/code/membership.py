"""``in`` and the unary tests of decision tables (DMN 1.5 §10.3.2.14, table 55)."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import fields
from decimal import Decimal
from typing import Any, TypeAlias

from server.feel.comparison import equals, in_range
from server.feel.errors import Refused
from server.feel.run import Frame
from server.feel.syntax import AnyInput, AtLiteral, In, Literal, Name, Node, RangeLiteral, Test, Tests
from server.feel.temporal import parse_temporal
from server.feel.values import FeelValue, Range

from .compiler import Code, Scope, compile_node, compiles
from .literals import make_range
from .operators import order

Check: TypeAlias = Callable[[Frame, Any], "bool | None"]
SUBJECT = "?"


@compiles(In)
def compile_in(node: In, scope: Scope) -> Code:
    """Return code for ``value in tests``."""
    value = compile_node(node.value, scope)
    check = _any_of([_check(test, scope) for test in node.tests])
    texts = [test.value for test in node.tests if isinstance(test, Literal) and isinstance(test.value, str)]
    if len(texts) != len(node.tests):

        def apply(frame: Frame) -> bool | None:
            return check(frame, value(frame))

        return apply
    choices = frozenset(texts)

    def choose(frame: Frame) -> bool | None:
        subject = value(frame)
        return subject in choices if type(subject) is str else check(frame, subject)

    return choose


@compiles(Tests)
def compile_tests(node: Tests, scope: Scope) -> Code:
    """Return code of a cell: the value is the variable ``?`` of the outermost scope."""
    checks = [_check(test, scope, cell=True) for test in node.tests]
    check = _any_of(checks)
    if node.negated:

        def refuse(frame: Frame) -> bool | None:
            result = check(frame, frame.values[SUBJECT])
            return None if result is None else not result

        return refuse

    def apply(frame: Frame) -> bool | None:
        return check(frame, frame.values[SUBJECT])

    return apply


@compiles(AnyInput)
def compile_any_input(_node: AnyInput, _scope: Scope) -> Code:
    """Return code of the cell ``-``."""

    def apply(_frame: Frame) -> bool:
        return True

    return apply


def _any_of(checks: list[Check]) -> Check:
    if len(checks) == 1:
        return checks[0]

    def check(frame: Frame, value: FeelValue) -> bool | None:
        result: bool | None = False
        for one in checks:
            passed = one(frame, value)
            if passed is True:
                return True
            if passed is None:
                result = None
        return result

    return check


def _check(node: Node, scope: Scope, *, cell: bool = False) -> Check:
    if isinstance(node, Test):
        return _check_comparison(node, scope)
    if isinstance(node, RangeLiteral):
        bounds = constant_range(node)
        return _check_range(compile_node(node, scope)) if bounds is None else _check_constant_range(bounds)
    if isinstance(node, Literal) and isinstance(node.value, str | Decimal):
        return _check_constant(node.value)
    code = compile_node(node, scope)
    if cell and _mentions_subject(node):
        return lambda frame, _value: _as_boolean(code(frame))
    return _check_value(code, cell=cell)


def _as_boolean(value: FeelValue) -> bool | None:
    return value if isinstance(value, bool) else None


def _check_comparison(node: Test, scope: Scope) -> Check:
    operand = compile_node(node.operand, scope)
    sign = node.operator
    if sign in {"=", "!="}:

        def check_equality(frame: Frame, value: FeelValue) -> bool | None:
            result = equals(value, operand(frame), frame.run.take)
            return None if result is None else result is (sign == "=")

        return check_equality

    def check(frame: Frame, value: FeelValue) -> bool | None:
        return order(frame, sign, value, operand(frame))

    return check


def _check_range(code: Code) -> Check:
    def check(frame: Frame, value: FeelValue) -> bool | None:
        bounds = code(frame)
        return None if bounds is None else is_in(frame, value, bounds)

    return check


def constant_range(node: RangeLiteral) -> Range | None:
    """Return the range between two literals, so that it need not be made again for every value."""
    if not isinstance(node.low, Literal | AtLiteral) or not isinstance(node.high, Literal | AtLiteral):
        return None
    try:
        low, high = _constant(node.low), _constant(node.high)
        return make_range(low, high, low_closed=node.low_closed, high_closed=node.high_closed)
    except Refused:
        return None  # the evaluation warns of it


def _constant(end: Literal | AtLiteral) -> FeelValue:
    return parse_temporal(end.text) if isinstance(end, AtLiteral) else end.value


def _check_constant_range(bounds: Range) -> Check:
    low: Any = bounds.low
    high: Any = bounds.high
    above = operator.ge if bounds.low_closed else operator.gt
    below = operator.le if bounds.high_closed else operator.lt
    numeric = isinstance(low, Decimal)

    def check(frame: Frame, value: FeelValue) -> bool | None:
        if numeric and type(value) is Decimal:
            return bool(above(value, low) and below(value, high))
        return is_in(frame, value, bounds)

    return check


def _check_constant(constant: str | Decimal) -> Check:
    kind = type(constant)

    def check(_frame: Frame, value: FeelValue) -> bool | None:
        if type(value) is kind:
            return value == constant
        return equals(value, constant)

    return check


def _check_value(code: Code, *, cell: bool) -> Check:
    def check(frame: Frame, value: FeelValue) -> bool | None:
        wanted = code(frame)
        if cell and type(wanted) is bool and type(value) is not bool:
            return wanted
        return is_in(frame, value, wanted)

    return check


def is_in(frame: Frame, value: FeelValue, wanted: FeelValue) -> bool | None:
    """Tell whether a value is equal to another, in a list, or within a range or one of a list's ranges."""
    if isinstance(wanted, Range):
        try:
            return in_range(value, wanted)
        except Refused as error:
            frame.run.warn(str(error))
            return None
    if isinstance(wanted, list):
        frame.run.take_items(wanted)
        return equals(value, wanted, frame.run.take) is True or any(_is_item(frame, value, item) for item in wanted)
    return equals(value, wanted, frame.run.take)


def _is_item(frame: Frame, value: FeelValue, item: FeelValue) -> bool:
    return is_in(frame, value, item) is True if isinstance(item, Range) else equals(value, item, frame.run.take) is True


def _mentions_subject(node: object) -> bool:
    if isinstance(node, Name):
        return node.name == SUBJECT
    if isinstance(node, tuple):
        return any(_mentions_subject(part) for part in node)
    if isinstance(node, Node):
        return any(_mentions_subject(getattr(node, part.name)) for part in fields(node))
    return False
