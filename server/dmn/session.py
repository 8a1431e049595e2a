"""One evaluation of a model: each decision is made once, with the ones it requires before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from server.feel.errors import BudgetExceeded, FeelError, Refused
from server.feel.functions import BUILTINS
from server.feel.json_values import Converted, from_json
from server.feel.run import Environment, Ledger, Run
from server.feel.types import coerce
from server.feel.values import FeelValue, Function

from .elements import Decision, DecisionService, InputData, KnowledgeModel, Requirement, Requirements
from .errors import RecursiveDecision
from .record import EvaluatedDecision, EvaluatedTable
from .table_code import read_declared
from .types import TEMPORAL

if TYPE_CHECKING:
    from server.feel.syntax import TypeNode

_NOTHING: dict[str, object] = {}


class Session:
    """The state of one evaluation. ``context`` are the variables that were given from outside."""

    def __init__(self, context: Mapping[str, object], environment: Environment | None, ledger: Ledger) -> None:
        self.context = context
        self.environment = environment
        self.ledger = ledger
        self.results: dict[Decision, FeelValue] = {}
        self.active: set[Decision] = set()
        self.record: list[EvaluatedDecision] = []

    def within(self, context: Mapping[str, object], results: Mapping[Decision, FeelValue]) -> Session:
        """Return a session of its own variables and given results, with the same budget and record."""
        session = Session(context, self.environment, self.ledger)
        session.results.update(results)
        session.active = self.active
        session.record = self.record
        return session

    def decide(self, decision: Decision) -> FeelValue:
        """Return a decision's result; it is evaluated the first time.

        :raises RecursiveDecision: when it needs its own result
        """
        if decision in self.results:
            return self.results[decision]
        if decision in self.active:
            raise RecursiveDecision(f'Decision "{decision.label}" needs its own result')
        self.active.add(decision)
        outer, self.ledger.notes = self.ledger.notes, []
        try:
            value = self._evaluate(decision)
            tables = tuple(note for note in self.ledger.notes if isinstance(note, EvaluatedTable))
        finally:
            self.ledger.notes = outer
            self.active.discard(decision)
        self.results[decision] = value
        self.record.append(EvaluatedDecision(decision.id, decision.label, value, tables))
        return value

    def _evaluate(self, decision: Decision) -> FeelValue:
        run = self.run_for(decision.requirements, self.context)
        try:
            value: FeelValue = decision.logic.evaluate_in(run)
            return convert(value, decision.type, decision.name)
        except RecursionError:
            raise BudgetExceeded(f'Decision "{decision.label}" calls itself too deeply') from None
        except BudgetExceeded:
            raise
        except FeelError as error:
            run.warn(f'Decision "{decision.label}": {error}')
            return None

    def run_for(self, requirements: Requirements, context: Mapping[str, object]) -> Run:
        """Return the surroundings in which an element's logic is evaluated."""
        return Run(RequiredNames(self, requirements, context), self.environment, BUILTINS, self.ledger)

    def read_input(self, data: InputData) -> FeelValue:
        """Return the value of input data; one of a wrong type is null with a warning."""
        try:
            value = from_json(self.context.get(data.name))
            return convert(read_declared(value) if data.type in TEMPORAL else value, data.type, data.name)
        except FeelError as error:
            Run(_NOTHING, self.environment, BUILTINS, self.ledger).warn(str(error))
            return None

    def find(self, requirement: Requirement) -> FeelValue:
        """Return what a required element is: its value, or its function."""
        if isinstance(requirement, InputData):
            return self.read_input(requirement)
        if isinstance(requirement, Decision):
            return self.decide(requirement)
        if isinstance(requirement, KnowledgeModel):
            function: FeelValue = requirement.logic.evaluate_in(self.run_for(requirement.requirements, _NOTHING))
            return function
        return ServiceFunction(self, requirement)

    def serve(self, service: DecisionService, values: Mapping[str, FeelValue]) -> FeelValue:
        """Return the outputs of a decision service for its parameters by name.

        :raises Refused: when a parameter is of a wrong type
        """
        given = {data.name: convert(values.get(data.name), data.type, data.name) for data in service.inputs}
        results = {one: convert(values.get(one.name), one.type, one.name) for one in service.input_decisions}
        session = self.within(given, results)
        outputs = {decision.name: session.decide(decision) for decision in service.outputs}
        result: FeelValue = next(iter(outputs.values())) if len(outputs) == 1 else outputs
        return convert(result, service.type, service.name)


def convert(value: FeelValue, kind: TypeNode | None, name: str) -> FeelValue:
    """Return a value as one of the declared type.

    :raises Refused: when it cannot be one
    """
    converted: FeelValue = value if kind is None else coerce(value, kind, name)
    return converted


class RequiredNames(Mapping[str, object]):
    """The names an element sees: what it requires, and the variables of the process."""

    def __init__(self, session: Session, requirements: Requirements, context: Mapping[str, object]) -> None:
        self._session = session
        self._requirements = requirements
        self._context = context

    def __getitem__(self, name: str) -> object:
        """Return the value of a name, evaluating the decision behind it if need be."""
        requirement = self._requirements.named.get(name)
        if requirement is not None:
            return Converted(self._session.find(requirement))
        imported = self._requirements.imported.get(name)
        if imported is not None:
            return Converted(self._find_imported(name, imported))
        return self._context[name]

    def _find_imported(self, name: str, imported: Requirements) -> dict[str, FeelValue]:
        own = self._context.get(name)
        given = {
            key.removeprefix(f"{name}."): self._context[key] for key in self._context if key.startswith(f"{name}.")
        }
        context = {**self._context, **given, **(own if isinstance(own, Mapping) else {})}
        session = self._session.within(context, {})
        return {inner: session.find(requirement) for inner, requirement in imported.named.items()}

    def __contains__(self, name: object) -> bool:
        """Tell whether there is such a name, without evaluating anything."""
        return name in self._requirements.named or name in self._requirements.imported or name in self._context

    def __iter__(self) -> Iterator[str]:
        """Yield all names."""
        yield from self._requirements.named
        yield from self._requirements.imported
        yield from self._context

    def __len__(self) -> int:
        """Return how many names there are."""
        return len(self._requirements.named) + len(self._requirements.imported) + len(self._context)


class ServiceFunction(Function):
    """A decision service as a function: its parameters are its input data, then its input decisions."""

    __slots__ = ("service", "session")

    def __init__(self, session: Session, service: DecisionService) -> None:
        names = service.parameters
        super().__init__(service.name, names)
        self.session = session
        self.service = service

    def invoke(self, run: Run, arguments: Sequence[FeelValue]) -> FeelValue:
        """Evaluate the service's decisions for these parameters."""
        if len(arguments) != len(self.parameters):
            raise Refused(f'"{self.name}" takes {len(self.parameters)} arguments, but was given {len(arguments)}')
        try:
            run.enter_call()
            return self.session.serve(self.service, dict(zip(self.parameters, arguments, strict=True)))
        finally:
            run.leave_call()
