"""What a column's cells accept, as sets of a few stand-ins for all values: the ground the lint walks on.

The constants in a column's cells cut its values into points and gaps between them. Each point and each gap has one
stand-in; a cell accepts all values of a gap or none, so a table is complete when it covers all stand-ins.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from server.feel.comparison import order_key
from server.feel.errors import Refused
from server.feel.printing import format_value
from server.feel.syntax import AnyInput, AtLiteral, Call, Literal, Name, NamedType, Node, RangeLiteral, Test, Tests
from server.feel.temporal import Date, DateAndTime, Time, parse_temporal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .logic import InputClause

Cell: TypeAlias = frozenset[int]
_CONSTRUCTORS: Final = frozenset({"date", "time", "date and time", "duration"})
_MOST_POINTS: Final = 60


class Opaque(Exception):
    """A cell says more than constants: what it accepts shows only when it is evaluated."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: how to name each stand-in, by its number, and for each rule the stand-ins that it accepts."""

    label: str
    names: Mapping[int, str]
    cells: tuple[Cell, ...]


def read_column(clause: InputClause, cells: Sequence[Node]) -> Column:
    """Return a column's stand-ins.

    :raises Opaque: when a cell says more than constants
    """
    constants = [value for cell in cells for value in _constants(cell)]
    allowed = [] if clause.allowed is None else list(_constants(clause.allowed))
    kinds: set[type | None] = {type(value) for value in (*constants, *allowed)}
    if len(kinds) > 1 or len(constants) > _MOST_POINTS:
        raise Opaque
    kind = kinds.pop() if kinds else None
    if kind is bool or (kind is None and clause.kind == NamedType("boolean")):
        return _enumerated(clause, cells, [True, False], closed=True)
    if kind is str or kind is None:
        ranged = any(_has_ranges(cell) for cell in cells)
        if ranged:
            raise Opaque
        return _enumerated(clause, cells, [*allowed, *constants], closed=bool(allowed))
    return _ordered(clause, cells, [*constants, *allowed])


def _constants(cell: Node) -> Iterable[Any]:
    for test in cell.tests if isinstance(cell, Tests) else ():
        if isinstance(test, RangeLiteral):
            yield read_constant(test.low)
            yield read_constant(test.high)
        else:
            yield read_constant(test.operand if isinstance(test, Test) else test)
    if not isinstance(cell, Tests | AnyInput):
        raise Opaque


def _has_ranges(cell: Node) -> bool:
    return isinstance(cell, Tests) and any(isinstance(test, RangeLiteral | Test) for test in cell.tests)


def read_constant(node: Node) -> Any:  # noqa: ANN401 - a FEEL value
    """Return the value of a literal, or of ``date("…")`` and the like.

    :raises Opaque: for anything else
    """
    if isinstance(node, Literal) and node.value is not None:
        return node.value
    text = node.text if isinstance(node, AtLiteral) else _constructed(node)
    try:
        return parse_temporal(text)
    except Refused:
        raise Opaque from None


def _constructed(node: Node) -> str:
    if isinstance(node, Call) and isinstance(node.function, Name) and node.function.name in _CONSTRUCTORS:
        arguments = node.arguments
        if len(arguments) == 1 and isinstance(arguments[0], Literal) and isinstance(arguments[0].value, str):
            return arguments[0].value
    raise Opaque


def _enumerated(clause: InputClause, cells: Sequence[Node], values: list[Any], *, closed: bool) -> Column:
    values = list(dict.fromkeys(values))
    names = [format_value([value])[1:-1] for value in values]
    if not closed:
        names.append("any other value")
    everything = frozenset(range(len(names)))

    def accepted(cell: Node) -> Cell:
        if not isinstance(cell, Tests):
            return everything
        found = frozenset(values.index(value) for value in _constants(cell) if value in values)
        return everything - found if cell.negated else found

    return Column(clause.label, dict(enumerate(names)), tuple(accepted(cell) for cell in cells))


def _ordered(clause: InputClause, cells: Sequence[Node], constants: list[Any]) -> Column:
    """Return a column of sizes; its stand-ins are numbered from below: gap, point, gap, point … gap."""
    if any(isinstance(value, Time | DateAndTime) for value in constants):
        localities = {_zone_of(value) is None for value in constants}
        if len(localities) > 1:
            raise Opaque
    points = sorted({order_key(value): value for value in constants}.items())
    places = {key: 2 * index + 1 for index, (key, _) in enumerate(points)}
    texts = [format_value(value) for _, value in points]
    names = [f"< {texts[0]}"]
    for index, text in enumerate(texts):
        names.append(text)
        names.append(f"({text}..{texts[index + 1]})" if index + 1 < len(texts) else f"> {text}")
    count = len(names)
    hidden = _empty_gaps(points)

    def accepted(cell: Node) -> Cell:
        if not isinstance(cell, Tests):
            return frozenset(range(count))
        found = frozenset(place for test in cell.tests for place in _places(test, places, count))
        return frozenset(range(count)) - found if cell.negated else found

    shown = {place: name for place, name in enumerate(names) if place not in hidden}
    return Column(clause.label, shown, tuple(accepted(cell) - hidden for cell in cells))


def _zone_of(value: Time | DateAndTime) -> object:
    return value.zone if isinstance(value, Time) else value.time.zone


def _empty_gaps(points: Sequence[tuple[Any, Any]]) -> Cell:
    """Return the gaps between days that follow each other: there is nothing in them."""
    return frozenset(
        2 * index + 2
        for index, ((_, one), (_, other)) in enumerate(pairwise(points))
        if isinstance(one, Date) and isinstance(other, Date) and other.days - one.days == 1
    )


def _places(test: Node, places: dict[Any, int], count: int) -> Iterable[int]:
    if isinstance(test, RangeLiteral):
        low, high = (places[order_key(read_constant(end))] for end in (test.low, test.high))
        return range(low if test.low_closed else low + 1, (high if test.high_closed else high - 1) + 1)
    if isinstance(test, Test):
        place = places[order_key(read_constant(test.operand))]
        return {
            "<": range(place),
            "<=": range(place + 1),
            ">": range(place + 1, count),
            ">=": range(place, count),
            "=": (place,),
        }.get(test.operator) or [other for other in range(count) if other != place]
    return (places[order_key(read_constant(test))],)
