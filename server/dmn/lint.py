"""Doubts about decision tables that work: rules that overlap, inputs that no rule covers, no rule for the rest."""

from __future__ import annotations

from dataclasses import fields
from itertools import combinations
from typing import TYPE_CHECKING, Final

from server.feel.syntax import AnyInput, Node

from .domains import Cell, Column, Opaque, read_column
from .finding import DmnFinding
from .logic import DecisionTable, HitPolicy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_EXCLUSIVE: Final = frozenset({HitPolicy.UNIQUE, HitPolicy.ANY})
_SEVERAL: Final = frozenset({HitPolicy.COLLECT, HitPolicy.RULE_ORDER, HitPolicy.OUTPUT_ORDER})
_MOST_REMARKS: Final = 10
_MOST_STEPS: Final = 20_000
_MOST_PAIRS: Final = 20_000


def lint_tree(tree: Node, element_id: str) -> list[DmnFinding]:
    """Return warnings about all tables of a tree."""
    return [finding for table in _tables(tree) for finding in lint_table(table, element_id)]


def _tables(node: object) -> Iterator[DecisionTable]:
    if isinstance(node, DecisionTable):
        yield node
    elif isinstance(node, tuple):
        for part in node:
            yield from _tables(part)
    elif isinstance(node, Node):
        for part in fields(node):
            yield from _tables(getattr(node, part.name))


def lint_table(table: DecisionTable, element_id: str) -> list[DmnFinding]:
    """Return warnings about one table."""
    if not table.rules or not table.inputs:
        return []
    columns = _read_columns(table)
    readable = [column for column in columns if column is not None]
    messages = [*_find_overlaps(table, columns), *_find_gaps(table, readable, whole=len(readable) == len(columns))]
    return [
        DmnFinding(table.id or element_id, message, f"{table.path}{place}", "warning") for place, message in messages
    ]


def _read_columns(table: DecisionTable) -> list[Column | None]:
    columns: list[Column | None] = []
    for place, clause in enumerate(table.inputs):
        try:
            columns.append(read_column(clause, [rule.conditions[place] for rule in table.rules]))
        except Opaque:
            columns.append(None)
    return columns


def _find_overlaps(table: DecisionTable, columns: Sequence[Column | None]) -> Iterator[tuple[str, str]]:
    """Yield pairs of rules that some input matches both; only where the hit policy forbids that."""
    if table.hit_policy not in _EXCLUSIVE or None in columns:
        return
    found = 0
    for tried, (one, other) in enumerate(combinations(range(len(table.rules)), 2)):
        if tried >= _MOST_PAIRS or found >= _MOST_REMARKS:
            return
        if table.hit_policy is HitPolicy.ANY and table.rules[one].results == table.rules[other].results:
            continue
        shared = [column.cells[one] & column.cells[other] for column in columns if column is not None]
        if all(shared):
            found += 1
            example = _describe([column for column in columns if column is not None], [min(cell) for cell in shared])
            message = f"The rules {one + 1} and {other + 1} overlap, for example for {example}"
            yield f" › rule {other + 1}", f"{message}; the hit policy {table.hit_policy.value} does not allow that"


def _describe(columns: Sequence[Column], places: Sequence[int]) -> str:
    return ", ".join(f"{column.label}: {column.names[place]}" for column, place in zip(columns, places, strict=True))


def _find_gaps(table: DecisionTable, columns: Sequence[Column], *, whole: bool) -> Iterator[tuple[str, str]]:
    if table.hit_policy in _SEVERAL or _has_catch_all(table):
        return
    if not whole:
        yield "", "The table has no rule for the inputs that no other rule matches, and no default output"
        return
    gaps = _Gaps(columns, len(table.rules)).find()
    for gap in gaps[:_MOST_REMARKS]:
        yield "", f"No rule matches {gap}, and there is no default output"


def _has_catch_all(table: DecisionTable) -> bool:
    if any(clause.default is not None for clause in table.outputs):
        return True
    return any(all(isinstance(cell, AnyInput) for cell in rule.conditions) for rule in table.rules)


class _Gaps:
    """Looks for combinations of stand-ins that no rule covers, column by column."""

    def __init__(self, columns: Sequence[Column], rules: int) -> None:
        self.columns = columns
        self.rules = range(rules)
        self.steps = 0
        self.found: list[str] = []

    def find(self) -> list[str]:
        """Return the gaps in words."""
        self._walk(0, frozenset(self.rules), [])
        return self.found

    def _walk(self, depth: int, rules: Cell, places: list[int]) -> None:
        self.steps += 1
        if self.steps > _MOST_STEPS or len(self.found) > _MOST_REMARKS:
            return
        if not rules:
            self.found.append(_describe(self.columns[:depth], places))
            return
        if depth == len(self.columns):
            return
        column = self.columns[depth]
        for place in column.names:
            left = frozenset(rule for rule in rules if place in column.cells[rule])
            self._walk(depth + 1, left, [*places, place])
