"""Code of decision tables: closures like those of every other part of an expression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from server.feel.code.compiler import Code, Scope, compile_node, compiles
from server.feel.code.membership import SUBJECT
from server.feel.errors import Refused
from server.feel.run import Frame
from server.feel.syntax import AnyInput
from server.feel.temporal import parse_temporal
from server.feel.types import coerce

from .hit_policy import Columns, Match, apply_hit_policy
from .logic import Broken, DecisionTable, Declared, HitPolicy, Typed
from .record import EvaluatedInput, EvaluatedTable, MatchedRule


@compiles(Typed)
def compile_typed(node: Typed, scope: Scope) -> Code:
    """Return code that gives null with a warning when the value is not of the declared type."""
    code = compile_node(node.value, scope)

    def check(frame: Frame) -> Any:  # noqa: ANN401 - a FEEL value, here and below
        try:
            return coerce(code(frame), node.type, node.name, frame.run.take)
        except Refused as error:
            frame.run.warn(str(error))
            return None

    return check


@compiles(Declared)
def compile_declared(node: Declared, scope: Scope) -> Code:
    """Return code that reads a text as the date, time or duration that it stands for."""
    code = compile_node(node.value, scope)

    def read(frame: Frame) -> Any:  # noqa: ANN401
        return read_declared(code(frame))

    return read


def read_declared(value: Any) -> Any:  # noqa: ANN401 - a FEEL value
    """Return a text as the date, time or duration that it stands for; anything else as it is."""
    if not isinstance(value, str):
        return value
    try:
        return parse_temporal(value)
    except Refused:
        return value


@compiles(Broken)
def compile_broken(node: Broken, _scope: Scope) -> Code:
    """Return code that says what the finding said."""
    return lambda frame: frame.run.warn(node.message)


@dataclass(frozen=True, slots=True)
class _Row:
    """A rule's code: its tests with the numbers of their columns (``-`` has none), and its outputs."""

    id: str
    number: int
    tests: tuple[tuple[int, Code], ...]
    outputs: tuple[Code, ...]


@compiles(DecisionTable)
def compile_table(node: DecisionTable, scope: Scope) -> Code:
    """Return code that evaluates a table, and notes its evaluation in the ledger."""
    inputs = [compile_node(clause.value, scope) for clause in node.inputs]
    labels = [clause.label for clause in node.inputs]
    rows = _compile_rows(node, scope)
    finish = _compile_policy(node, scope)
    first_only = node.hit_policy is HitPolicy.FIRST

    def evaluate(frame: Frame) -> Any:  # noqa: ANN401
        run = frame.run
        run.take(len(rows))
        values = [code(frame) for code in inputs]
        columns = [Frame({SUBJECT: value}, frame, run) for value in values]
        matches: list[tuple[_Row, list[Any]]] = []
        for row in rows:
            for column, test in row.tests:
                if test(columns[column]) is not True:
                    break
            else:
                matches.append((row, [output(frame) for output in row.outputs]))
                if first_only:
                    break
        _note(frame, node, zip(labels, values, strict=True), matches)
        return finish(frame, [Match(row.number, outputs) for row, outputs in matches])

    return evaluate


def _compile_rows(node: DecisionTable, scope: Scope) -> list[_Row]:
    column = Scope((SUBJECT,), scope)
    return [
        _Row(
            rule.id,
            number,
            tuple(
                (place, compile_node(condition, column))
                for place, condition in enumerate(rule.conditions)
                if not isinstance(condition, AnyInput)
            ),
            tuple(compile_node(result, scope) for result in rule.results),
        )
        for number, rule in enumerate(node.rules, 1)
    ]


def _compile_policy(node: DecisionTable, scope: Scope) -> Any:  # noqa: ANN401 - a function of frame and matches
    names = tuple(clause.name for clause in node.outputs)
    priorities = [tuple(compile_node(value, scope) for value in clause.values) for clause in node.outputs]
    defaults = [None if clause.default is None else compile_node(clause.default, scope) for clause in node.outputs]
    ordered = node.hit_policy in {HitPolicy.PRIORITY, HitPolicy.OUTPUT_ORDER}

    def finish(frame: Frame, matches: list[Match]) -> Any:  # noqa: ANN401
        listed = tuple([code(frame) for code in codes] if ordered else () for codes in priorities)
        columns = Columns(node.name, names, listed)
        if not matches:
            if not any(defaults):
                return None
            return columns.value([None if code is None else code(frame) for code in defaults])
        try:
            return apply_hit_policy(node.hit_policy, node.aggregation, columns, matches)
        except Refused as error:
            frame.run.warn(f'Table "{node.name}": {error}')
            return None

    return finish


def _note(frame: Frame, node: DecisionTable, inputs: Any, matches: list[tuple[_Row, list[Any]]]) -> None:  # noqa: ANN401
    names = [clause.name for clause in node.outputs]
    frame.run.open_ledger().notes.append(
        EvaluatedTable(
            node.id,
            node.name,
            tuple(EvaluatedInput(label, value) for label, value in inputs),
            tuple(MatchedRule(row.id, row.number, dict(zip(names, outputs, strict=True))) for row, outputs in matches),
        )
    )
