"""``for``, ``some`` and ``every``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from server.feel.comparison import compare
from server.feel.errors import Refused
from server.feel.numbers import is_integral
from server.feel.run import Frame, Run
from server.feel.syntax import For, Quantified
from server.feel.syntax import Iterator as IteratorNode
from server.feel.temporal import Date
from server.feel.temporal.date import date_of_days
from server.feel.values import FeelValue, Range, type_name

from .compiler import STEPS_OF_TURN, Code, Scope, compile_node, compiles, count_nodes

Source = tuple[str, Callable[[Frame], "Iterator[Any]"]]


@compiles(For)
def compile_for(node: For, scope: Scope) -> Code:
    """Return code for ``for``; ``partial`` is the list of the results so far."""
    outermost = Scope(("partial",), scope)
    sources, inner = _compile_sources(node.iterators, outermost)
    result = compile_node(node.result, inner)
    cost = STEPS_OF_TURN + count_nodes(node.result)

    def loop(frame: Frame) -> list[Any] | None:
        results: list[Any] = []
        run = frame.run
        try:
            for turn in _turns(sources, Frame({"partial": results}, frame, run)):
                run.take(cost)
                results.append(result(turn))
                run.check_items(len(results))
        except Refused as error:
            run.warn(str(error))
            return None
        return results

    return loop


@compiles(Quantified)
def compile_quantified(node: Quantified, scope: Scope) -> Code:
    """Return code for ``some`` and ``every``: null when undecided because a condition was."""
    sources, inner = _compile_sources(node.iterators, scope)
    condition = compile_node(node.condition, inner)
    cost = STEPS_OF_TURN + count_nodes(node.condition)
    decisive = not node.every

    def test(frame: Frame) -> bool | None:
        run = frame.run
        result: bool | None = not decisive
        try:
            for turn in _turns(sources, frame):
                run.take(cost)
                value = condition(turn)
                if value is decisive:
                    return not node.every
                if type(value) is not bool:
                    result = None
        except Refused as error:
            run.warn(str(error))
            return None
        return result

    return test


def _compile_sources(iterators: tuple[IteratorNode, ...], scope: Scope) -> tuple[list[Source], Scope]:
    sources: list[Source] = []
    for iterator in iterators:
        sources.append((iterator.name, _compile_source(iterator, scope)))
        scope = Scope((iterator.name,), scope)
    return sources, scope


def _turns(sources: list[Source], frame: Frame, index: int = 0) -> Iterator[Frame]:
    """Yield a frame for each combination, the last variable turning fastest."""
    name, source = sources[index]
    run = frame.run
    last = index == len(sources) - 1
    for item in source(frame):
        inner = Frame({name: item}, frame, run)
        if last:
            yield inner
        else:
            run.take(1)
            yield from _turns(sources, inner, index + 1)


def _compile_source(iterator: IteratorNode, scope: Scope) -> Callable[[Frame], Iterator[Any]]:
    start = compile_node(iterator.source, scope)
    if iterator.end is None:
        return lambda frame: _items(frame.run, start(frame))
    end = compile_node(iterator.end, scope)
    return lambda frame: _count(start(frame), end(frame))


def _items(run: Run, source: FeelValue) -> Iterator[Any]:
    if isinstance(source, list):
        run.take_items(source)
        return iter(source)
    if isinstance(source, Range):
        return _items_of_range(source)
    if source is None:
        raise Refused("null is no list to go through")
    return iter([source])


def _items_of_range(bounds: Range) -> Iterator[Any]:
    if bounds.low is None or bounds.high is None:
        raise Refused("A range without an end cannot be gone through")
    for item in _count(bounds.low, bounds.high):
        if compare(">=" if bounds.low_closed else ">", item, bounds.low) and compare(
            "<=" if bounds.high_closed else "<", item, bounds.high
        ):
            yield item


def _count(start: FeelValue, end: FeelValue) -> Iterator[Any]:
    """Yield whole numbers or days from one to another, upwards or downwards."""
    if isinstance(start, Decimal) and isinstance(end, Decimal) and is_integral(start) and is_integral(end):
        if max(start.adjusted(), end.adjusted()) > 30:
            raise Refused("The numbers to count between are too large")
        return (Decimal(number) for number in _between(int(start), int(end)))
    if isinstance(start, Date) and isinstance(end, Date):
        return (date_of_days(days) for days in _between(start.days, end.days))
    raise Refused(f"There is no counting from a {type_name(start)} to a {type_name(end)}")


def _between(start: int, end: int) -> range:
    return range(start, end + 1) if start <= end else range(start, end - 1, -1)
