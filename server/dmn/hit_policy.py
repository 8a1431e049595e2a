"""Hit policies: one result from the rules that matched (DMN 1.5 §8.2.10, §8.2.11)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from server.feel.comparison import equals
from server.feel.errors import Refused
from server.feel.functions.aggregates import maximum, minimum, total

from .errors import OutputsDiffer, UniquenessViolated
from .logic import Aggregation, HitPolicy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that matched, with its outputs in the order of the columns."""

    number: int
    outputs: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Columns:
    """The output columns: their names, and the values each lists by priority."""

    table: str
    names: tuple[str, ...]
    priorities: tuple[Sequence[Any], ...]

    def value(self, outputs: Sequence[Any]) -> Any:  # noqa: ANN401 - a FEEL value
        """Return a rule's outputs as one value: that of the only column, or a context of all."""
        return outputs[0] if len(self.names) == 1 else dict(zip(self.names, outputs, strict=True))

    def rank(self, match: Match) -> tuple[int, ...]:
        """Return what matches are ordered by; values that are not listed come last."""
        return tuple(
            next((place for place, listed in enumerate(values) if equals(listed, output) is True), len(values))
            for values, output in zip(self.priorities, match.outputs, strict=True)
        )


def _numbers(matches: Sequence[Match]) -> tuple[int, ...]:
    return tuple(match.number for match in matches)


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))


def _unique(columns: Columns, matches: Sequence[Match]) -> Any:  # noqa: ANN401
    if len(matches) > 1:
        numbers = _numbers(matches)
        raise UniquenessViolated(
            f'Table "{columns.table}" has the hit policy UNIQUE, but the rules {_listed(numbers)} match',
            columns.table,
            numbers,
        )
    return columns.value(matches[0].outputs)


def _any(columns: Columns, matches: Sequence[Match]) -> Any:  # noqa: ANN401
    first = columns.value(matches[0].outputs)
    for match in matches[1:]:
        if equals(first, columns.value(match.outputs)) is not True:
            numbers = _numbers(matches)
            raise OutputsDiffer(
                f'Table "{columns.table}" has the hit policy ANY, but the rules {_listed(numbers)} match '
                "and have different outputs",
                columns.table,
                numbers,
            )
    return first


def _first(columns: Columns, matches: Sequence[Match]) -> Any:  # noqa: ANN401
    return columns.value(matches[0].outputs)


def _priority(columns: Columns, matches: Sequence[Match]) -> Any:  # noqa: ANN401
    return columns.value(min(matches, key=columns.rank).outputs)


def _rule_order(columns: Columns, matches: Sequence[Match]) -> Any:  # noqa: ANN401
    return [columns.value(match.outputs) for match in matches]


def _output_order(columns: Columns, matches: Sequence[Match]) -> Any:  # noqa: ANN401
    return [columns.value(match.outputs) for match in sorted(matches, key=columns.rank)]


_POLICIES: Final[dict[HitPolicy, Callable[[Columns, Sequence[Match]], Any]]] = {
    HitPolicy.UNIQUE: _unique,
    HitPolicy.ANY: _any,
    HitPolicy.FIRST: _first,
    HitPolicy.PRIORITY: _priority,
    HitPolicy.COLLECT: _rule_order,
    HitPolicy.RULE_ORDER: _rule_order,
    HitPolicy.OUTPUT_ORDER: _output_order,
}


def apply_hit_policy(
    policy: HitPolicy, aggregation: Aggregation | None, columns: Columns, matches: Sequence[Match]
) -> Any:  # noqa: ANN401 - a FEEL value
    """Return the table's result for the rules that matched; at least one did.

    :raises HitPolicyViolated: when the policy does not allow these
    :raises Refused: when the outputs cannot be aggregated
    """
    result = _POLICIES[policy](columns, matches)
    if policy is HitPolicy.COLLECT and aggregation is not None:
        return aggregate(aggregation, result)
    return result


def aggregate(aggregation: Aggregation, values: list[Any]) -> Any:  # noqa: ANN401 - a FEEL value
    """Return the sum, count, least or greatest of some outputs.

    :raises Refused: when they are not of one kind that has it
    """
    if aggregation is Aggregation.COUNT:
        return Decimal(len(values))
    if any(isinstance(value, dict) for value in values):
        return _aggregate_columns(aggregation, values)
    return _AGGREGATES[aggregation](values)


def _aggregate_columns(aggregation: Aggregation, values: list[Any]) -> dict[str, Any]:
    """Aggregate each output of its own; the standard allows one output only, modellers do not stop at that."""
    if not all(isinstance(value, dict) for value in values):
        raise Refused("Outputs of different kinds cannot be aggregated")
    return {name: _AGGREGATES[aggregation]([value.get(name) for value in values]) for name in values[0]}


_AGGREGATES: Final[dict[Aggregation, Callable[[list[Any]], Any]]] = {
    Aggregation.SUM: total,
    Aggregation.MIN: minimum,
    Aggregation.MAX: maximum,
}
