"""Decisions: which are deployed, and what one of them answers to given variables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server import access
from server.engine import canonical_variables
from server.errors import Forbidden, InvalidArgument, NotFound
from server.feel import Environment
from server.model import AuditEntry, list_decision_instances
from server.service.decisions import evaluate_decision
from server.service.definitions import DefinitionReader
from server.service.feel_functions import feel_functions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.access import Actor
    from server.model import Decided, DecisionDefinition, Page, Query
    from server.service.context import Context
    from server.store import Transaction


@dataclass(frozen=True, slots=True)
class EvaluationRequest:
    """Which decision to evaluate, named by id (its latest version) or by key, and with which variables."""

    decision_id: str | None = None
    definition_key: int | None = None
    variables: Mapping[str, object] = field(default_factory=dict)


def search_decision_definitions(
    context: Context, actor: Actor, query: Query, *, latest_only: bool = False
) -> Page[DecisionDefinition]:
    """Search the deployed decisions; raises `Forbidden`."""
    if not access.may_see_definition(actor, ""):
        raise Forbidden
    with context.store.reading() as reading:
        return reading.search_decision_definitions(query, latest_only=latest_only)


def evaluate_decision_definition(context: Context, actor: Actor, request: EvaluationRequest) -> tuple[int, Decided]:
    """Evaluate a deployed decision outside any process; returns the key of the evaluation and its answer.

    Raises `Forbidden`, `NotFound` and `InvalidArgument`. What fails inside the decision is in the answer.
    """
    if not access.may_see_definition(actor, ""):
        raise Forbidden
    variables = canonical_variables(request.variables)
    now = context.now()
    with context.store.transaction() as tx:
        record = _find(tx, request)
        reader = DefinitionReader(context.definitions, tx)
        model, beside = reader.decision_model(record), reader.decisions_beside(record)
        tx.add_audit([AuditEntry(now, actor.name, "EVALUATE", "DECISION", str(record.key))])
    with context.store.reading() as reading:
        environment = Environment(now, context.config.timezone, feel_functions(context, reading))
        decided = evaluate_decision(model, record, beside, variables, environment)
    with context.store.transaction() as tx:
        key, instances = list_decision_instances(decided, tx.keys, now, actor.name)
        tx.add_decision_instances(instances)
    return key, decided


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
