"""DMN: decision tables and everything around them, evaluated with :mod:`server.feel`.

::

    model, findings = parse_dmn(xml)
    result = model.evaluate("approval-level", {"金额": 2500}, environment)
    result.output, result.matched_rules
"""

from .elements import Decision, DecisionService
from .errors import (
    DmnError,
    HitPolicyViolated,
    NoSuchDecision,
    OutputsDiffer,
    RecursiveDecision,
    UniquenessViolated,
)
from .finding import DmnFinding
from .model import DecisionModel
from .reader import parse_dmn
from .record import DecisionEvaluation, EvaluatedDecision, EvaluatedInput, EvaluatedTable, MatchedRule

__all__ = [
    "Decision",
    "DecisionEvaluation",
    "DecisionModel",
    "DecisionService",
    "DmnError",
    "DmnFinding",
    "EvaluatedDecision",
    "EvaluatedInput",
    "EvaluatedTable",
    "HitPolicyViolated",
    "MatchedRule",
    "NoSuchDecision",
    "OutputsDiffer",
    "RecursiveDecision",
    "UniquenessViolated",
    "parse_dmn",
]
