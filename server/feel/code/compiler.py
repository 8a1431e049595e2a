"""The table of what makes code of which node, and the scopes that tell where a name's value will be."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields
from typing import Any, Final, TypeAlias, TypeVar

from server.feel.run import Frame
from server.feel.syntax import Call, Node

Code: TypeAlias = Callable[[Frame], Any]


class Scope:
    """The names of one scope. In a ``dynamic`` one – the item of a filter – only the evaluation shows which it has."""

    __slots__ = ("called", "dynamic", "free", "names", "outer")

    def __init__(self, names: Iterable[str] = (), outer: Scope | None = None, *, dynamic: bool = False) -> None:
        self.names = set(names)
        self.outer = outer
        self.dynamic = dynamic
        self.free: set[str] = outer.free if outer is not None else set()
        self.called: set[str] = outer.called if outer is not None else set()

    def places(self, name: str) -> tuple[list[int], bool]:
        """Return how many scopes further out a name may be, and whether the last place is certain to have it."""
        hops: list[int] = []
        scope: Scope | None = self
        distance = 0
        while scope is not None:
            if name in scope.names:
                return [*hops, distance], True
            if scope.dynamic:
                hops.append(distance)
            scope = scope.outer
            distance += 1
        return hops, False


Compiler: TypeAlias = Callable[[Any, Scope], Code]
_STEPS_OF_CALL: Final = 8
STEPS_OF_TURN: Final = 3
_COMPILERS: dict[type[Node], Compiler] = {}
_Decorated = TypeVar("_Decorated", bound=Compiler)


def compiles(kind: type[Node]) -> Callable[[_Decorated], _Decorated]:
    """Register the function that makes code of a kind of node."""

    def register(compiler: _Decorated) -> _Decorated:
        _COMPILERS[kind] = compiler
        return compiler

    return register


def compile_node(node: Node, scope: Scope) -> Code:
    """Return the code of a node whose names are looked up in a scope."""
    return _COMPILERS[type(node)](node, scope)


def count_nodes(node: object) -> int:
    """Return how many steps one evaluation of a part of a tree takes: one a node, more for what does more."""
    if isinstance(node, tuple):
        return sum(count_nodes(part) for part in node)
    if isinstance(node, Node):
        own = _STEPS_OF_CALL if isinstance(node, Call) else 1
        return own + sum(count_nodes(getattr(node, part.name)) for part in fields(node))
    return 0
