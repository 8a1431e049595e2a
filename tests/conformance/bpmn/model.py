"""A process in memory, small enough to be played by hand. The generator makes it, the oracle plays it."""

from __future__ import annotations

import operator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

OPERATORS = {"=": operator.eq, "<": operator.lt, ">": operator.gt}


@dataclass(frozen=True, slots=True)
class Condition:
    """`name op number`, as it stands behind an exclusive gateway."""

    name: str
    op: str
    number: int

    def holds(self, variables: Mapping[str, object]) -> bool:
        return bool(OPERATORS[self.op](variables[self.name], self.number))

    def __str__(self) -> str:
        return f"={self.name} {self.op} {self.number}"


@dataclass(frozen=True, slots=True)
class Sum:
    """`name + number`, or the number alone when there is no name."""

    number: int
    name: str = ""

    @property
    def is_variable(self) -> bool:
        return bool(self.name) and not self.number

    def value(self, variables: Mapping[str, object]) -> object:
        if self.is_variable:
            return variables[self.name]
        return variables[self.name] + self.number if self.name else self.number

    def __str__(self) -> str:
        if self.is_variable:
            return f"={self.name}"
        return f"={self.name} + {self.number}" if self.name else f"={self.number}"


@dataclass(frozen=True, slots=True)
class Many:
    """A multi-instance activity over the numbers 1 to `count`, each known as `item`.

    It ends early when `enough` instances have completed; `output` collects `element` of each.
    """

    count: int
    sequential: bool
    enough: int | None = None
    output: str = ""
    element: Sum = field(default_factory=lambda: Sum(0, "item"))


@dataclass(frozen=True, slots=True)
class Flow:
    id: str
    source: str
    target: str
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """An element. `kind` is one of those that `markup` writes; what a kind does not need stays empty.

    `event` is what a boundary event catches. A timer waits `seconds` and ten times the value of the variable `delay`;
    `repeat` is None for one that fires once, 0 for one without an end.
    """

    id: str
    kind: str
    event: str = ""
    host: str = ""
    interrupting: bool = True
    seconds: int = 0
    delay: str = ""
    repeat: int | None = None
    message: str = ""
    code: str = ""
    body: str = ""
    result: tuple[str, Sum] | None = None
    inputs: tuple[tuple[str, Sum], ...] = ()
    outputs: tuple[tuple[str, Sum], ...] = ()
    default: str = ""
    many: Many | None = None
    all_in: bool = True
    all_out: bool = True


@dataclass(frozen=True, slots=True)
class Body:
    """The inside of a process or of an embedded sub-process."""

    id: str
    nodes: Mapping[str, Node]
    flows: tuple[Flow, ...]
    is_process: bool

    @property
    def start(self) -> Node:
        return next(node for node in self.nodes.values() if node.kind == "start")

    def outgoing(self, node_id: str) -> list[Flow]:
        return [flow for flow in self.flows if flow.source == node_id]

    def incoming(self, node_id: str) -> list[Flow]:
        return [flow for flow in self.flows if flow.target == node_id]

    def boundary(self, node_id: str) -> list[Node]:
        return [node for node in self.nodes.values() if node.host == node_id]


@dataclass(frozen=True, slots=True)
class Model:
    """All bodies by id; the root process is `p`. `messages` are correlation keys by message name."""

    bodies: Mapping[str, Body]
    variables: Mapping[str, int]
    messages: Mapping[str, Sum] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return sum(len(body.nodes) + len(body.flows) for body in self.bodies.values())
