"""Evaluated decisions: what each was given, which rules matched, and what it answered."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from server.model.definitions import DecisionDefinition
    from server.model.instances import Place


class DecisionState(StrEnum):
    """How an evaluation ended."""

    EVALUATED = "EVALUATED"
    FAILED = "FAILED"


class DecisionKind(StrEnum):
    """A table, or anything else."""

    DECISION_TABLE = "DECISION_TABLE"
    LITERAL_EXPRESSION = "LITERAL_EXPRESSION"


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
class Decided:
    """What a decision answered as JSON, or why it did not; `parts` are in the order of their evaluation."""

    definition: DecisionDefinition
    output: object = None
    parts: tuple[EvaluatedPart, ...] = ()
    failure: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionInstance:
    """One decision that was evaluated: evidence of why something was decided so.

    All decisions of one evaluation have its `evaluation_key`, and are numbered from 1. `place` is that of the business
    rule task (None: evaluated outside any process, by `actor`); `failure` says why there is no output.
    """

    key: int
    evaluation_key: int
    number: int
    part: EvaluatedPart
    root_decision_key: int
    evaluated_at: datetime
    failure: str | None = None
    place: Place | None = None
    actor: str | None = None

    @property
    def id(self) -> str:
        """The evaluation's key and the number."""
        return f"{self.evaluation_key}-{self.number}"

    @property
    def state(self) -> DecisionState:
        """Whether it gave an output."""
        return DecisionState.EVALUATED if self.failure is None else DecisionState.FAILED

    @property
    def kind(self) -> DecisionKind:
        """What kind of decision it was."""
        return DecisionKind.LITERAL_EXPRESSION if self.part.table_id is None else DecisionKind.DECISION_TABLE


def list_decision_instances(
    decided: Decided, keys: Iterator[int], at: datetime, actor: str | None, place: Place | None = None
) -> tuple[int, tuple[DecisionInstance, ...]]:
    """Return the key of an evaluation, and its decisions one by one; one that failed comes last. `keys` are fresh."""
    evaluation_key = next(keys)
    failed = () if decided.failure is None else (EvaluatedPart(decided.definition, None),)
    instances = (
        DecisionInstance(
            key=next(keys),
            evaluation_key=evaluation_key,
            number=number,
            part=part,
            root_decision_key=decided.definition.key,
            evaluated_at=at,
            failure=decided.failure if number > len(decided.parts) else None,
            place=place,
            actor=actor,
        )
        for number, part in enumerate((*decided.parts, *failed), 1)
    )
    return evaluation_key, tuple(instances)
