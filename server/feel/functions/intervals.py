"""Functions that compare ranges and points (DMN 1.5 §10.3.4.10, after Allen's interval algebra)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from server.feel.code.compiler import Scope, compile_node
from server.feel.comparison import compare, in_range, is_same
from server.feel.errors import FeelSyntaxError, Refused
from server.feel.names import NameIndex
from server.feel.parser import parse_expression
from server.feel.run import Frame, Run
from server.feel.syntax import AtLiteral, Call, Literal, Name, Node, RangeLiteral, Test
from server.feel.values import Range

from .registry import BUILTINS, builtin

_CONSTRUCTORS: Final = frozenset({"date", "time", "date and time", "duration", "years and months duration"})
_ENDS: Final = re.compile(r"([\[(\]])(.*?)\.\.(.*)([\])\[])", re.DOTALL)
_NO_NAMES: Final = NameIndex(_CONSTRUCTORS)

if TYPE_CHECKING:
    from server.feel.values import Scalar


@builtin("range", "from: string")
def read_range(text: str) -> Range:
    """Read a range from a text like ``"[1..10)"``, whose ends are literals; ``"[1..)"`` has no upper end."""
    try:
        tree = parse_expression(_complete(text.strip()), _NO_NAMES).tree
    except FeelSyntaxError:
        tree = None
    if not isinstance(tree, RangeLiteral | Test) or not _has_literal_ends(tree):
        raise Refused(f'"{text[:40]}" is no range; a range looks like "[1..10]"')
    run = Run({}, None, BUILTINS)
    value = compile_node(tree, Scope())(Frame(run.values, None, run))
    if not isinstance(value, Range):
        raise Refused(f'"{text[:40]}" is no range: its ends do not fit together')
    return value


def _complete(text: str) -> str:
    """Write a range without one of its ends as the comparison that it is."""
    match = _ENDS.fullmatch(text)
    opening, low, high, closing = match.groups() if match else ("", "", "", "")
    if low.strip() and not high.strip():
        return f"({'>=' if opening == '[' else '>'} {low})"
    if high.strip() and not low.strip():
        return f"({'<=' if closing == ']' else '<'} {high})"
    return text


def _has_literal_ends(tree: RangeLiteral | Test) -> bool:
    ends = (tree.low, tree.high) if isinstance(tree, RangeLiteral) else (tree.operand,)
    return all(isinstance(end, Literal | AtLiteral) or _is_literal_call(end) for end in ends)


def _is_literal_call(node: Node) -> bool:
    return (
        isinstance(node, Call)
        and isinstance(node.function, Name)
        and node.function.name in _CONSTRUCTORS
        and all(isinstance(argument, Literal) for argument in node.arguments)
    )


def _less(one: Scalar, other: Scalar) -> bool:
    return compare("<", one, other)


def _starts_after(bounds: Range, point: Scalar) -> bool:
    return bounds.low is not None and (
        _less(point, bounds.low) or (is_same(point, bounds.low) and not bounds.low_closed)
    )


def _ends_before(bounds: Range, point: Scalar) -> bool:
    return bounds.high is not None and (
        _less(bounds.high, point) or (is_same(point, bounds.high) and not bounds.high_closed)
    )


@builtin("before", "point1: point", "point2: point")
def point_before_point(point1: Scalar, point2: Scalar) -> bool:
    """Tell whether one point lies before another."""
    return _less(point1, point2)


@builtin("before", "point: point", "range: range")
def point_before_range(point: Scalar, bounds: Range) -> bool:
    """Tell whether a point lies before a range."""
    return _starts_after(bounds, point)


@builtin("before", "range: range", "point: point")
def range_before_point(bounds: Range, point: Scalar) -> bool:
    """Tell whether a range lies before a point."""
    return _ends_before(bounds, point)


@builtin("before", "range1: range", "range2: range")
def range_before_range(range1: Range, range2: Range) -> bool:
    """Tell whether one range lies before another."""
    if range1.high is None or range2.low is None:
        return False
    return _less(range1.high, range2.low) or (
        is_same(range1.high, range2.low) and not (range1.high_closed and range2.low_closed)
    )


@builtin("after", "point1: point", "point2: point")
def point_after_point(point1: Scalar, point2: Scalar) -> bool:
    """Tell whether one point lies after another."""
    return _less(point2, point1)


@builtin("after", "point: point", "range: range")
def point_after_range(point: Scalar, bounds: Range) -> bool:
    """Tell whether a point lies after a range."""
    return _ends_before(bounds, point)


@builtin("after", "range: range", "point: point")
def range_after_point(bounds: Range, point: Scalar) -> bool:
    """Tell whether a range lies after a point."""
    return _starts_after(bounds, point)


@builtin("after", "range1: range", "range2: range")
def range_after_range(range1: Range, range2: Range) -> bool:
    """Tell whether one range lies after another."""
    return range_before_range(range2, range1)


@builtin("meets", "range1: range", "range2: range")
def meets(range1: Range, range2: Range) -> bool:
    """Tell whether one range ends where another starts."""
    return range1.high_closed and range2.low_closed and range1.high is not None and is_same(range1.high, range2.low)


@builtin("met by", "range1: range", "range2: range")
def met_by(range1: Range, range2: Range) -> bool:
    """Tell whether one range starts where another ends."""
    return meets(range2, range1)


def _disjoint(range1: Range, range2: Range) -> bool:
    return range_before_range(range1, range2) or range_before_range(range2, range1)


@builtin("overlaps", "range1: range", "range2: range")
def overlaps(range1: Range, range2: Range) -> bool:
    """Tell whether two ranges have a point in common."""
    _require_comparable(range1, range2)
    return not _disjoint(range1, range2)


def _require_comparable(range1: Range, range2: Range) -> None:
    one = range1.low if range1.low is not None else range1.high
    other = range2.low if range2.low is not None else range2.high
    compare("<", one, other)


def _starts_earlier(range1: Range, range2: Range) -> bool:
    if range2.low is None:
        return False
    return (
        range1.low is None
        or _less(range1.low, range2.low)
        or (is_same(range1.low, range2.low) and range1.low_closed and not range2.low_closed)
    )


def _ends_earlier(range1: Range, range2: Range) -> bool:
    if range1.high is None:
        return False
    return (
        range2.high is None
        or _less(range1.high, range2.high)
        or (is_same(range1.high, range2.high) and range2.high_closed and not range1.high_closed)
    )


@builtin("overlaps before", "range1: range", "range2: range")
def overlaps_before(range1: Range, range2: Range) -> bool:
    """Tell whether one range starts before another and ends within it."""
    return overlaps(range1, range2) and _starts_earlier(range1, range2) and not _ends_earlier(range2, range1)


@builtin("overlaps after", "range1: range", "range2: range")
def overlaps_after(range1: Range, range2: Range) -> bool:
    """Tell whether one range starts within another and ends behind it."""
    return overlaps_before(range2, range1)


def _same_start(range1: Range, range2: Range) -> bool:
    return is_same(range1.low, range2.low) and range1.low_closed == range2.low_closed


def _same_end(range1: Range, range2: Range) -> bool:
    return is_same(range1.high, range2.high) and range1.high_closed == range2.high_closed


@builtin("finishes", "point: point", "range: range")
def point_finishes(point: Scalar, bounds: Range) -> bool:
    """Tell whether a point is the end of a range."""
    return bounds.high_closed and _is_same_kind(bounds.high, point)


@builtin("finishes", "range1: range", "range2: range")
def range_finishes(range1: Range, range2: Range) -> bool:
    """Tell whether one range starts within another and ends where it ends."""
    _require_comparable(range1, range2)
    return _same_end(range1, range2) and not _starts_earlier(range1, range2)


@builtin("finished by", "range: range", "point: point")
def finished_by_point(bounds: Range, point: Scalar) -> bool:
    """Tell whether a range ends with a point."""
    return point_finishes(point, bounds)


@builtin("finished by", "range1: range", "range2: range")
def finished_by_range(range1: Range, range2: Range) -> bool:
    """Tell whether another range finishes this one."""
    return range_finishes(range2, range1)


@builtin("includes", "range: range", "point: point")
def includes_point(bounds: Range, point: Scalar) -> bool:
    """Tell whether a point lies in a range."""
    return in_range(point, bounds)


@builtin("includes", "range1: range", "range2: range")
def includes_range(range1: Range, range2: Range) -> bool:
    """Tell whether one range covers another."""
    _require_comparable(range1, range2)
    return not _starts_earlier(range2, range1) and not _ends_earlier(range1, range2)


@builtin("during", "point: point", "range: range")
def point_during(point: Scalar, bounds: Range) -> bool:
    """Tell whether a point lies in a range."""
    return in_range(point, bounds)


@builtin("during", "range1: range", "range2: range")
def range_during(range1: Range, range2: Range) -> bool:
    """Tell whether one range is covered by another."""
    return includes_range(range2, range1)


@builtin("starts", "point: point", "range: range")
def point_starts(point: Scalar, bounds: Range) -> bool:
    """Tell whether a point is the start of a range."""
    return bounds.low_closed and _is_same_kind(bounds.low, point)


@builtin("starts", "range1: range", "range2: range")
def range_starts(range1: Range, range2: Range) -> bool:
    """Tell whether one range starts where another starts and ends within it."""
    _require_comparable(range1, range2)
    return _same_start(range1, range2) and not _ends_earlier(range2, range1)


@builtin("started by", "range: range", "point: point")
def started_by_point(bounds: Range, point: Scalar) -> bool:
    """Tell whether a range starts with a point."""
    return point_starts(point, bounds)


@builtin("started by", "range1: range", "range2: range")
def started_by_range(range1: Range, range2: Range) -> bool:
    """Tell whether another range starts this one."""
    return range_starts(range2, range1)


@builtin("coincides", "point1: point", "point2: point")
def points_coincide(point1: Scalar, point2: Scalar) -> bool:
    """Tell whether two points are equal."""
    return _is_same_kind(point1, point2)


@builtin("coincides", "range1: range", "range2: range")
def ranges_coincide(range1: Range, range2: Range) -> bool:
    """Tell whether two ranges are equal."""
    _require_comparable(range1, range2)
    return _same_start(range1, range2) and _same_end(range1, range2)


def _is_same_kind(one: Scalar, other: Scalar) -> bool:
    if one is not None and type(one) is not type(other):
        raise Refused("the two are of different types")
    return is_same(one, other)
