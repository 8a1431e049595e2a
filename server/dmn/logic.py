"""What DMN adds to the syntax tree of FEEL: decision tables, declared types, and places where a text is no FEEL.

Boxed contexts, lists, invocations … need nothing here: they are the same trees that their textual forms have.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from server.feel.syntax import Node, TypeNode


class HitPolicy(Enum):
    """Which of the rules that match count (DMN 1.5 §8.2.10)."""

    UNIQUE = "UNIQUE"
    ANY = "ANY"
    PRIORITY = "PRIORITY"
    FIRST = "FIRST"
    COLLECT = "COLLECT"
    RULE_ORDER = "RULE ORDER"
    OUTPUT_ORDER = "OUTPUT ORDER"


class Aggregation(Enum):
    """What COLLECT makes of the outputs."""

    SUM = "SUM"
    COUNT = "COUNT"
    MIN = "MIN"
    MAX = "MAX"


@dataclass(frozen=True, slots=True)
class Typed(Node):
    """A value that must be of a type; another becomes null with a warning. ``name`` is what the warning calls it."""

    value: Node
    type: TypeNode
    name: str


@dataclass(frozen=True, slots=True)
class Broken(Node):
    """A text that could not be compiled; ``message`` is the finding. It evaluates to null with a warning."""

    message: str


@dataclass(frozen=True, slots=True)
class Declared(Node):
    """The value of an input column that is declared to be a date, time or duration: JSON has these as texts."""

    value: Node


@dataclass(frozen=True, slots=True)
class InputClause(Node):
    """A column of conditions. ``allowed`` are the input values the author lists, for the lint."""

    label: str
    value: Node
    allowed: Node | None = None
    kind: TypeNode | None = None


@dataclass(frozen=True, slots=True)
class OutputClause(Node):
    """A column of results. ``values`` lists them from the highest priority to the lowest."""

    name: str
    values: tuple[Node, ...] = ()
    default: Node | None = None


@dataclass(frozen=True, slots=True)
class Rule(Node):
    """A row."""

    id: str
    conditions: tuple[Node, ...]
    results: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class DecisionTable(Node):
    """A decision table."""

    id: str
    name: str
    hit_policy: HitPolicy
    aggregation: Aggregation | None
    inputs: tuple[InputClause, ...]
    outputs: tuple[OutputClause, ...]
    rules: tuple[Rule, ...]
    path: str = field(default="", compare=False)
