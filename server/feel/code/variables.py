"""Names and paths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from server.feel.properties import read_property
from server.feel.run import MISSING, Frame
from server.feel.syntax import Name, Path

from .compiler import Code, Scope, compile_node, compiles

if TYPE_CHECKING:
    from server.feel.values import FeelValue


@compiles(Name)
def compile_name(node: Name, scope: Scope) -> Code:
    """Return code that reads a variable."""
    hops, certain = scope.places(node.name)
    if not certain:
        scope.free.add(node.name)
    if not hops:
        return _read_outermost(node.name)
    if certain and len(hops) == 1:
        return _read_local(node.name, hops[0])
    return _read_dynamic(node.name, hops)


def _read_outermost(name: str) -> Code:
    def read(frame: Frame) -> Any:  # noqa: ANN401 - a FEEL value, here and in all code
        run = frame.run
        values = run.values
        return values[name] if name in values else run.find(name)

    return read


def _read_local(name: str, hops: int) -> Code:
    def read_here(frame: Frame) -> Any:  # noqa: ANN401
        return frame.values[name]

    def read_further_out(frame: Frame) -> Any:  # noqa: ANN401
        for _ in range(hops):
            frame = frame.outer  # type: ignore[assignment]  # the compiler has counted the scopes
        return frame.values[name]

    return read_further_out if hops else read_here


def _read_dynamic(name: str, hops: list[int]) -> Code:
    def read(frame: Frame) -> Any:  # noqa: ANN401
        value = find_dynamic(frame, name, hops)
        return frame.run.find(name) if value is MISSING else value

    return read


def find_dynamic(frame: Frame, name: str, hops: list[int]) -> Any:  # noqa: ANN401
    """Return a name's value from the first of some scopes that has it, or ``MISSING``."""
    distance = 0
    for hop in hops:
        while distance < hop:
            frame = frame.outer  # type: ignore[assignment]  # the compiler has counted the scopes
            distance += 1
        if name in frame.values:
            return frame.values[name]
    return MISSING


@compiles(Path)
def compile_path(node: Path, scope: Scope) -> Code:
    """Return code that reads an entry of a context, a property, or that of every item of a list."""
    source = compile_node(node.source, scope)
    name = node.name

    def read(frame: Frame) -> Any:  # noqa: ANN401
        value = source(frame)
        if type(value) is dict and name in value:
            return value[name]
        return read_path(frame, value, name)

    return read


def read_path(frame: Frame, value: FeelValue, name: str) -> FeelValue:
    """Return what is behind the dot; null with a warning when there is nothing."""
    if isinstance(value, list):
        frame.run.take_items(value)
        return [read_path(frame, item, name) for item in value]
    if isinstance(value, dict):
        if name in value:
            return value[name]  # type: ignore[no-any-return]
        frame.run.warn_of_missing(f'The context has no entry "{name}"', name, value)
        return None
    found = read_property(value, name)
    if found is MISSING:
        kind = "null" if value is None else "the value"
        frame.run.warn(f'{kind} has no "{name}"')
        return None
    return found  # type: ignore[return-value]
