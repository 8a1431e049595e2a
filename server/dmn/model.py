"""A model: decisions that can be evaluated."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server.feel.budget import DEFAULT_BUDGET
from server.feel.errors import FeelError
from server.feel.json_values import from_json
from server.feel.run import Ledger, Run

from .errors import NoSuchDecision
from .record import DecisionEvaluation
from .session import Session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.feel import Environment, FeelValue
    from server.feel.syntax import TypeNode

    from .elements import Decision, DecisionService, Elements


@dataclass(frozen=True, slots=True, eq=False)
class DecisionModel:
    """A DMN file, compiled. Stateless: threads may share it.

    ``decisions`` and ``services`` are by id. ``types`` are the types it defines, for models that import it.
    """

    id: str
    name: str
    namespace: str
    elements: Elements
    types: Mapping[str, TypeNode] = field(default_factory=dict)

    @property
    def decisions(self) -> Mapping[str, Decision]:
        """The decisions by id."""
        return self.elements.decisions

    @property
    def services(self) -> Mapping[str, DecisionService]:
        """The decision services by id."""
        return self.elements.services

    def find_decision(self, identifier: str) -> Decision:
        """Return a decision by its id, or else by its name.

        :raises NoSuchDecision: when there is none
        """
        found = self.decisions.get(identifier)
        if found is not None:
            return found
        for decision in self.decisions.values():
            if identifier in {decision.name, decision.label}:
                return decision
        known = ", ".join(f'"{one}"' for one in self.decisions) or "none"
        raise NoSuchDecision(f'There is no decision "{identifier}" in "{self.name}"; there are: {known}')

    def find_service(self, identifier: str) -> DecisionService:
        """Return a decision service by its id, or else by its name.

        :raises NoSuchDecision: when there is none
        """
        found = self.services.get(identifier)
        if found is not None:
            return found
        for service in self.services.values():
            if service.name == identifier:
                return service
        raise NoSuchDecision(f'There is no decision service "{identifier}" in "{self.name}"')

    def evaluate(
        self, decision_id: str, context: Mapping[str, object], environment: Environment | None = None
    ) -> DecisionEvaluation:
        """Evaluate a decision and all that it requires.

        :param decision_id: the decision's id or name
        :param context: the variables, JSON or FEEL values
        :raises NoSuchDecision: when there is no such decision
        :raises HitPolicyViolated: when rules match that the hit policy does not allow
        :raises RecursiveDecision: when a decision needs its own result
        :raises BudgetExceeded: when it takes too many steps, too much space or too long
        """
        decision = self.find_decision(decision_id)
        session = _open_session(context, environment)
        return _finish(session, session.decide(decision))

    def evaluate_service(
        self, service_id: str, context: Mapping[str, object], environment: Environment | None = None
    ) -> DecisionEvaluation:
        """Evaluate the output decisions of a service; arguments and errors as with :meth:`evaluate`."""
        service = self.find_service(service_id)
        session = _open_session(context, environment)
        output: FeelValue = None
        try:
            output = session.serve(
                service, {name: from_json(context[name]) for name in service.parameters if name in context}
            )
        except FeelError as error:
            Run({}, environment, {}, session.ledger).warn(str(error))
        return _finish(session, output)


def _open_session(context: Mapping[str, object], environment: Environment | None) -> Session:
    return Session(context, environment, Ledger(DEFAULT_BUDGET if environment is None else environment.budget))


def _finish(session: Session, output: FeelValue) -> DecisionEvaluation:
    last = session.record[-1] if session.record else None
    table = last.tables[-1] if last is not None and last.tables else None
    return DecisionEvaluation(
        output=output,
        inputs=() if table is None else table.inputs,
        matched_rules=() if table is None else table.rules,
        evaluated_decisions=tuple(session.record),
        warnings=tuple(session.ledger.warnings),
    )
