"""Decisions: which are deployed, and what one of them answers to given variables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server import access
from server.dmn import DmnError
from server.engine import canonical_variables
from server.errors import Forbidden, InvalidArgument, NotFound
from server.feel import Environment, FeelError, to_json
from server.model import AuditEntry
from server.service.calendar import calendar_functions
from server.service.definitions import DefinitionReader

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.access import Actor
    from server.dmn import EvaluatedDecision
    from server.model import DecisionDefinition, Page, Query
    from server.service.context import Context
    from server.store import Transaction


@dataclass(frozen=True, slots=True)
class EvaluationRequest:
    """Which decision to evaluate, named by id (its latest version) or by key, and with which variables."""

    decision_id: str | None = None
    definition_key: int | None = None
    variables: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MatchedRow:
    """A rule that matched: its id, its number from 1, and its outputs by name as JSON values."""

    id: str
    number: int
    outputs: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class EvaluatedPart:
    """One decision that was evaluated on the way; `table_id` is None for what is no table. Values are JSON."""

    definition: DecisionDefinition
    output: object
    table_id: str | None = None
    inputs: tuple[tuple[str, object], ...] = ()
    rules: tuple[MatchedRow, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionAnswer:
    """What a decision answered, or the reason why it did not; `parts` are in the order of their evaluation."""

    key: int
    definition: DecisionDefinition
    output: object = None
    parts: tuple[EvaluatedPart, ...] = ()
    failure: str | None = None


def search_decision_definitions(
    context: Context, actor: Actor, query: Query, *, latest_only: bool = False
) -> Page[DecisionDefinition]:
    """Search the deployed decisions; raises `Forbidden`."""
    if not access.may_see_definition(actor, ""):
        raise Forbidden
    with context.store.reading() as reading:
        return reading.search_decision_definitions(query, latest_only=latest_only)


def evaluate_decision_definition(context: Context, actor: Actor, request: EvaluationRequest) -> DecisionAnswer:
    """Evaluate a deployed decision outside any process.

    Raises `Forbidden`, `NotFound` and `InvalidArgument`. What fails inside the decision is in the answer.
    """
    if not access.may_see_definition(actor, ""):
        raise Forbidden
    variables = canonical_variables(request.variables)
    now = context.now()
    with context.store.transaction() as tx:
        record = _find(tx, request)
        model = DefinitionReader(context.definitions, tx).decision_model(record)
        key = next(tx.keys)
        tx.add_audit([AuditEntry(now, actor.name, "EVALUATE", "DECISION", str(record.key))])
        deployed = {name: tx.latest_decision_definition(name) for name in model.decisions}
    try:
        with context.store.reading() as reading:
            environment = Environment(now, context.config.timezone, calendar_functions(context, reading))
            evaluation = model.evaluate(record.decision_id, variables, environment)
        parts = tuple(
            _part(decision, deployed.get(decision.id) or record) for decision in evaluation.evaluated_decisions
        )
        return DecisionAnswer(key, record, to_json(evaluation.output), parts)
    except (DmnError, FeelError) as error:
        return DecisionAnswer(key, record, failure=str(error))


def _part(decision: EvaluatedDecision, definition: DecisionDefinition) -> EvaluatedPart:
    output = to_json(decision.output)
    if not decision.tables:
        return EvaluatedPart(definition, output)
    table = decision.tables[-1]
    inputs = tuple((one.label, to_json(one.value)) for one in table.inputs)
    rules = tuple(
        MatchedRow(rule.id, rule.number, {name: to_json(value) for name, value in rule.outputs.items()})
        for rule in table.rules
    )
    return EvaluatedPart(definition, output, table.id, inputs, rules)


def _find(tx: Transaction, request: EvaluationRequest) -> DecisionDefinition:
    if request.definition_key is not None:
        record = tx.decision_definition(request.definition_key)
        whole = None if record is None else tx.deployed_resource(record.requirements.key)
        record = None if whole is not None and whole.deleted else record
    elif request.decision_id:
        record = tx.latest_decision_definition(request.decision_id)
    else:
        raise InvalidArgument("expected decisionDefinitionId or decisionDefinitionKey, found neither")
    if record is None:
        raise NotFound(f"there is no decision {request.decision_id or request.definition_key}; deploy it first")
    return record
