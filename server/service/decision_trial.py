"""Trying a decision of a DMN file at the command line, without deploying it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.dmn import DmnError, parse_dmn
from server.engine import canonical_variables
from server.errors import InvalidArgument
from server.feel import Environment, FeelError, to_json

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, tzinfo

    from server.dmn import DecisionEvaluation


@dataclass(frozen=True, slots=True)
class DecisionTrial:
    """An evaluation, to be shown to the author of a table."""

    evaluation: DecisionEvaluation

    def lines(self) -> Iterator[str]:
        """Yield the output, the inputs and the rules that matched, and the warnings."""
        yield json.dumps(to_json(self.evaluation.output), ensure_ascii=False, indent=2)
        for decision in self.evaluation.evaluated_decisions:
            for table in decision.tables:
                inputs = ", ".join(f"{one.label} = {_show(one.value)}" for one in table.inputs)
                rules = ", ".join(str(rule.number) for rule in table.rules) or "none"
                yield f"# {decision.name}: {inputs}; rules that matched: {rules}"
        for warning in self.evaluation.warnings:
            yield f"# warning: {warning.message}"


def _show(value: object) -> str:
    return json.dumps(to_json(value), ensure_ascii=False)  # type: ignore[arg-type] # every FEEL value


def try_decision(content: bytes, decision_id: str, variables: object, now: datetime, zone: tzinfo) -> DecisionTrial:
    """Evaluate a decision of a DMN file with JSON variables; raises `InvalidArgument` with the reason."""
    if not isinstance(variables, dict):
        raise InvalidArgument("expected a JSON object with the variables")
    model, findings = parse_dmn(content)
    errors = [finding for finding in findings if finding.severity == "error"]
    if model is None or errors:
        raise InvalidArgument("\n".join(str(finding) for finding in errors) or "expected a DMN file")
    try:
        return DecisionTrial(model.evaluate(decision_id, canonical_variables(variables), Environment(now, zone)))
    except (DmnError, FeelError) as error:
        raise InvalidArgument(str(error)) from error
