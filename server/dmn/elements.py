"""The elements of a decision requirements graph (DMN 1.5 §6.3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.feel.expression import Compiled
    from server.feel.syntax import TypeNode


@dataclass(frozen=True, slots=True, eq=False)
class InputData:
    """A variable that is given from outside."""

    id: str
    name: str
    type: TypeNode | None = None


@dataclass(slots=True, eq=False)
class Requirements:
    """What an element may refer to by name. ``imported`` are the same of imported models, by the import's name."""

    named: dict[str, Requirement] = field(default_factory=dict)
    imported: dict[str, Requirements] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """A decision. ``name`` is what other expressions call its result; ``label`` is its heading in the diagram."""

    id: str
    name: str
    label: str
    logic: Compiled
    type: TypeNode | None
    requirements: Requirements
    has_table: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class KnowledgeModel:
    """A function that decisions share."""

    id: str
    name: str
    logic: Compiled
    requirements: Requirements


@dataclass(frozen=True, slots=True, eq=False)
class DecisionService:
    """Decisions that are invoked together, like a function of their inputs."""

    id: str
    name: str
    inputs: tuple[InputData, ...]
    input_decisions: tuple[Decision, ...]
    outputs: tuple[Decision, ...]
    type: TypeNode | None = None

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of its parameters as a function, in their order."""
        return (*(one.name for one in self.inputs), *(one.name for one in self.input_decisions))


Requirement: TypeAlias = InputData | Decision | KnowledgeModel | DecisionService


@dataclass(frozen=True, slots=True, eq=False)
class Elements:
    """All elements of a model by their ids."""

    inputs: Mapping[str, InputData]
    decisions: Mapping[str, Decision]
    knowledge: Mapping[str, KnowledgeModel]
    services: Mapping[str, DecisionService]

    def find(self, identifier: str) -> Requirement | None:
        """Return the element of an id."""
        for group in (self.inputs, self.decisions, self.knowledge, self.services):
            if identifier in group:
                return group[identifier]
        return None
