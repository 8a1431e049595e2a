"""Evaluating decisions for business rule tasks; whatever goes wrong stops the token with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.dmn import DmnError
from server.engine import TokenStopped
from server.feel import FeelError, to_json
from server.model import IncidentType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.dmn import DecisionModel
    from server.feel import Environment


def evaluate_decision(
    model: DecisionModel, decision_id: str, view: Mapping[str, object], environment: Environment
) -> object:
    """Return the output of a decision as JSON.

    Raises `TokenStopped` for two matches of a UNIQUE table and the like, and for a null that comes with warnings:
    a table without a matching row says nothing, and silence is never an answer.
    """
    try:
        evaluation = model.evaluate(decision_id, view, environment)
        output = to_json(evaluation.output)
    except (DmnError, FeelError) as error:
        raise TokenStopped(IncidentType.DECISION_EVALUATION_ERROR, str(error), decision_id) from error
    if output is None and evaluation.warnings:
        message = "; ".join(dict.fromkeys(warning.message for warning in evaluation.warnings))
        raise TokenStopped(IncidentType.DECISION_EVALUATION_ERROR, message, decision_id)
    return output
