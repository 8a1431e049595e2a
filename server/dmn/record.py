"""What an evaluation leaves behind for the history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.feel import FeelValue, Warning  # noqa: A004 - FEEL's


@dataclass(frozen=True, slots=True)
class EvaluatedInput:
    """The value of one input column. ``label`` is the column's heading."""

    label: str
    value: FeelValue


@dataclass(frozen=True, slots=True)
class MatchedRule:
    """A rule that matched: its id, its number from 1, and its outputs by name."""

    id: str
    number: int
    outputs: Mapping[str, FeelValue]


@dataclass(frozen=True, slots=True)
class EvaluatedTable:
    """One evaluation of a table. ``rules`` holds every rule that matched, whatever the hit policy made of them."""

    id: str
    name: str
    inputs: tuple[EvaluatedInput, ...]
    rules: tuple[MatchedRule, ...]


@dataclass(frozen=True, slots=True)
class EvaluatedDecision:
    """One decision that was evaluated, with the tables in it, in the order in which they ended."""

    id: str
    name: str
    output: FeelValue
    tables: tuple[EvaluatedTable, ...]


@dataclass(frozen=True, slots=True)
class DecisionEvaluation:
    """The result of a decision or decision service.

    ``inputs`` and ``matched_rules`` are those of the decision's own table (empty when it has none);
    ``evaluated_decisions`` are all decisions that were needed, the required ones first, the decision itself last.
    """

    output: FeelValue
    inputs: tuple[EvaluatedInput, ...]
    matched_rules: tuple[MatchedRule, ...]
    evaluated_decisions: tuple[EvaluatedDecision, ...]
    warnings: tuple[Warning, ...]
