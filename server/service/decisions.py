"""Evaluating decisions, for business rule tasks and outside of processes, with the evidence of how they came about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.dmn import DmnError
from server.feel import FeelError, to_json
from server.model import Decided, EvaluatedPart, MatchedRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.dmn import DecisionModel, EvaluatedDecision
    from server.feel import Environment, FeelValue
    from server.model import DecisionDefinition


def evaluate_decision(
    model: DecisionModel,
    record: DecisionDefinition,
    beside: Mapping[str, DecisionDefinition],
    view: Mapping[str, object],
    environment: Environment,
) -> Decided:
    """Return what a decision answers as JSON, or why it fails: two matches of a UNIQUE table, say.

    `beside` are the definitions of the same file by id.
    """
    try:
        evaluation = model.evaluate(record.decision_id, view, environment)
        output = to_json(evaluation.output)
    except (DmnError, FeelError) as error:
        return Decided(record, failure=str(error))
    parts = tuple(_part(decision, beside.get(decision.id) or record) for decision in evaluation.evaluated_decisions)
    warnings = tuple(dict.fromkeys(warning.message for warning in evaluation.warnings))
    return Decided(record, output, parts, warnings=warnings)


def refuse_silence(decided: Decided) -> Decided:
    """Return a null that comes with warnings as a failure: a table without a matching row is never an answer."""
    if decided.output is not None or not decided.warnings or decided.failure is not None:
        return decided
    return Decided(decided.definition, parts=decided.parts[:-1], failure="; ".join(decided.warnings))


def _part(decision: EvaluatedDecision, definition: DecisionDefinition) -> EvaluatedPart:
    output = _tell(decision.output)
    if not decision.tables:
        return EvaluatedPart(definition, output)
    table = decision.tables[-1]
    inputs = tuple((one.label, _tell(one.value)) for one in table.inputs)
    rules = tuple(
        MatchedRow(rule.id, rule.number, {name: _tell(value) for name, value in rule.outputs.items()})
        for rule in table.rules
    )
    return EvaluatedPart(definition, output, table.id, inputs, rules)


def _tell(value: FeelValue) -> object:
    """Return a value on the way as JSON, or as text where it has no JSON: a function, say."""
    try:
        return to_json(value)
    except FeelError:
        return str(value)
