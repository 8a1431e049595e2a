"""Filters: ``list[2]``, ``list[item > 5]``, ``people[age > 30]``."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from server.feel.run import Frame
from server.feel.syntax import Comparison, Conjunction, Disjunction, Filter, Literal, Negation, Node

from .compiler import STEPS_OF_TURN, Code, Scope, compile_node, compiles, count_nodes

ITEM = "item"


@compiles(Filter)
def compile_filter(node: Filter, scope: Scope) -> Code:
    """Return code for a filter: a number picks an item, a condition all items for which it is true."""
    source = compile_node(node.source, scope)
    if _is_number(node.condition):
        index = compile_node(node.condition, scope)
        return lambda frame: _pick(frame, _as_list(source(frame)), index(frame))
    condition = compile_node(node.condition, Scope((), Scope((ITEM,), scope), dynamic=True))
    cost = STEPS_OF_TURN + count_nodes(node.condition)
    may_be_number = not isinstance(node.condition, Comparison | Conjunction | Disjunction)

    def select(frame: Frame) -> Any:  # noqa: ANN401
        items = _as_list(source(frame))
        run = frame.run
        if may_be_number and not items:
            index = condition(_frame_of(frame, None))
            return _pick(frame, items, index) if type(index) is Decimal else []
        selected = []
        for item in items:
            run.take(cost)
            passed = condition(_frame_of(frame, item))
            if passed is True:
                selected.append(item)
            elif may_be_number and type(passed) is Decimal:
                return _pick(frame, items, passed)
        return selected

    return select


def _is_number(node: Node) -> bool:
    if isinstance(node, Negation):
        return _is_number(node.operand)
    return isinstance(node, Literal) and isinstance(node.value, Decimal)


def _as_list(value: Any) -> list[Any]:  # noqa: ANN401
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def _frame_of(frame: Frame, item: Any) -> Frame:  # noqa: ANN401
    outer = Frame({ITEM: item}, frame, frame.run)
    return Frame(item if type(item) is dict else {}, outer, frame.run)


def _pick(frame: Frame, items: list[Any], index: Any) -> Any:  # noqa: ANN401
    if type(index) is Decimal and index == index.to_integral_value() and index.adjusted() < 12:
        position = int(index)
        if 1 <= position <= len(items):
            return items[position - 1]
        if -len(items) <= position <= -1:
            return items[position]
    frame.run.warn(f"The list of {len(items)} items has no item {index}")
    return None
