"""The syntax tree of FEEL (DMN 1.5 §10.3.1.2): what a text says, without a meaning yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Node:
    """Any part of an expression."""


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A number, string, boolean or null."""

    value: Decimal | str | bool | None


@dataclass(frozen=True, slots=True)
class AtLiteral(Node):
    """A date, time or duration written ``@"2026-01-31"``."""

    text: str


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A variable; ``position`` is where it stands in the text."""

    name: str
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Path(Node):
    """``source.name``."""

    source: Node
    name: str


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """``source[condition]``."""

    source: Node
    condition: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """An invocation; ``names`` are the parameters' names when the arguments are named."""

    function: Node
    arguments: tuple[Node, ...]
    names: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Negation(Node):
    """``-operand``."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """A chain of operators of one precedence, applied from left to right."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """``left operator right``."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Conjunction(Node):
    """``a and b and …``."""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Disjunction(Node):
    """``a or b or …``."""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Between(Node):
    """``value between low and high``."""

    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class In(Node):
    """``value in test`` or ``value in (test, test)``."""

    value: Node
    tests: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Test(Node):
    """A comparison without its left side: ``< 5``. As a value it is a range with one end."""

    __test__ = False  # not a test class, whatever its name says to a test runner

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    """``value instance of type``."""

    value: Node
    type: TypeNode


@dataclass(frozen=True, slots=True)
class RangeLiteral(Node):
    """``[low..high]`` with each end closed or open."""

    low: Node
    high: Node
    low_closed: bool
    high_closed: bool


@dataclass(frozen=True, slots=True)
class If(Node):
    """``if condition then … else …``."""

    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Iterator(Node):
    """``name in source`` or ``name in source..end`` of a loop."""

    name: str
    source: Node
    end: Node | None = None


@dataclass(frozen=True, slots=True)
class For(Node):
    """``for … return result``."""

    iterators: tuple[Iterator, ...]
    result: Node


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    """``some … satisfies condition`` or ``every … satisfies condition``."""

    every: bool
    iterators: tuple[Iterator, ...]
    condition: Node


@dataclass(frozen=True, slots=True)
class Parameter(Node):
    """A formal parameter of a function."""

    name: str
    type: TypeNode | None = None


@dataclass(frozen=True, slots=True)
class FunctionDefinition(Node):
    """``function(a, b) body``."""

    parameters: tuple[Parameter, ...]
    body: Node
    external: bool = False


@dataclass(frozen=True, slots=True)
class ListLiteral(Node):
    """``[a, b]``."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ContextLiteral(Node):
    """``{key: value}``; later entries see earlier ones."""

    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class AnyInput(Node):
    """The unary test ``-``, which everything passes."""


@dataclass(frozen=True, slots=True)
class Tests(Node):
    """Unary tests of one cell: passed when one of them is (or none, when negated)."""

    __test__ = False

    tests: tuple[Node, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class NamedType:
    """A type by its name: ``number``, ``date and time``, or one that a DMN model defines."""

    name: str


@dataclass(frozen=True, slots=True)
class ListType:
    """``list<of>``."""

    of: TypeNode


@dataclass(frozen=True, slots=True)
class RangeType:
    """``range<of>``."""

    of: TypeNode


@dataclass(frozen=True, slots=True)
class ContextType:
    """``context<name: type>``."""

    fields: tuple[tuple[str, TypeNode], ...]


@dataclass(frozen=True, slots=True)
class FunctionType:
    """``function<parameter types> -> result``."""

    parameters: tuple[TypeNode, ...]
    result: TypeNode


@dataclass(frozen=True, slots=True)
class ConstrainedType:
    """The values of a type that pass tests; only a model can define one. ``text`` is how it writes the tests."""

    of: TypeNode
    text: str
    accepts: Callable[[object], bool] = field(compare=False)


TypeNode: TypeAlias = NamedType | ListType | RangeType | ContextType | FunctionType | ConstrainedType
