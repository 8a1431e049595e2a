"""Decisions: which are deployed, and what one of them answers to given variables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server import access
from server.dmn import DmnError
from server.engine import canonical_variables
from server.errors import Forbidden, InvalidArgument, NotFound
from server.feel import Environment, FeelError
from server.model import AuditEntry
from server.service.definitions import DefinitionReader

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.access import Actor
    from server.dmn import DecisionEvaluation
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
class DecisionAnswer:
    """What a decision answered: an evaluation, or the reason why there is none.

    `definitions` are the deployed definitions of the evaluated decisions, by id.
    """

    key: int
    definition: DecisionDefinition
    evaluation: DecisionEvaluation | None
    failure: str | None
    definitions: Mapping[str, DecisionDefinition]


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
        siblings = {name: tx.latest_decision_definition(name) for name in model.decisions}
    definitions = {name: found for name, found in siblings.items() if found is not None} | {record.decision_id: record}
    try:
        evaluation = model.evaluate(record.decision_id, variables, Environment(now, context.config.timezone))
    except (DmnError, FeelError) as error:
        return DecisionAnswer(key, record, None, str(error), definitions)
    return DecisionAnswer(key, record, evaluation, None, definitions)


def _find(tx: Transaction, request: EvaluationRequest) -> DecisionDefinition:
    if request.definition_key is not None:
        record = tx.decision_definition(request.definition_key)
    elif request.decision_id:
        record = tx.latest_decision_definition(request.decision_id)
    else:
        raise InvalidArgument("expected decisionDefinitionId or decisionDefinitionKey, found neither")
    if record is None:
        raise NotFound(f"there is no decision {request.decision_id or request.definition_key}; deploy it first")
    return record
