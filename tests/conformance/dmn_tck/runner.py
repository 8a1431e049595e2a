"""Runs a folder of the TCK and counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from server.dmn import DecisionModel, DmnError, parse_dmn
from server.feel import Environment, FeelError

from .case import Case, Wanted, read_cases
from .comparison import agrees

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ENVIRONMENT: Final = Environment(datetime(2026, 1, 31, 8, 30, tzinfo=UTC), UTC)


@dataclass(frozen=True)
class Failure:
    case: str
    got: str
    wanted: str


@dataclass
class Level:
    """The counts of one compliance level."""

    name: str
    passed: int = 0
    failed: int = 0
    non_null_passed: int = 0
    non_null_failed: int = 0
    failures: list[Failure] = field(default_factory=list)

    def count(self, case: Case, failure: Failure | None) -> None:
        self.passed += failure is None
        self.failed += failure is not None
        if case.is_non_null:
            self.non_null_passed += failure is None
            self.non_null_failed += failure is not None
        if failure is not None:
            self.failures.append(failure)


def run_folder(folder: Path) -> list[Level]:
    """Run all cases below a folder; a level is a folder ``compliance-level-N``."""
    roots = sorted(folder.glob("compliance-level-*")) or [folder]
    return [_run_level(root) for root in roots]


def _run_level(root: Path) -> Level:
    level = Level(root.name)
    for folder in sorted({file.parent for file in root.rglob("*.dmn")}):
        models: dict[Path, DecisionModel | None] = {}
        for case in read_cases(folder):
            if case.model not in models:
                models[case.model] = load_model(case.model)
            level.count(case, _run_case(models[case.model], case))
    return level


def load_model(file: Path) -> DecisionModel | None:
    """Return a model whose imports are found among the files beside it."""
    if not file.exists():
        return None

    def find(namespace: str) -> DecisionModel | None:
        for other in sorted(file.parent.glob("*.dmn")):
            if other != file and namespace.encode() in other.read_bytes():
                model = load_model(other)
                if model is not None and model.namespace == namespace:
                    return model
        return None

    return parse_dmn(file.read_bytes(), find)[0]


def _run_case(model: DecisionModel | None, case: Case) -> Failure | None:
    name = f"{case.model.parent.name} {case.id}"
    for wanted, got in _results(model, case):
        if not agrees(got, wanted.value):
            return Failure(f"{name} {wanted.node}", f"{got!r}", f"{wanted.value!r}")
    return None


def _results(model: DecisionModel | None, case: Case) -> Iterator[tuple[Wanted, Any]]:
    for wanted in case.wanted:
        try:
            yield wanted, None if model is None else _evaluate(model, case, wanted)
        except (DmnError, FeelError):
            yield wanted, None


def _evaluate(model: DecisionModel, case: Case, wanted: Wanted) -> Any:
    if case.kind == "decisionService" or wanted.kind == "decisionService":
        service = model.find_service(case.invocable or wanted.node)
        output = model.evaluate_service(service.id, case.inputs, _ENVIRONMENT).output
        return output.get(wanted.node) if len(service.outputs) > 1 and isinstance(output, dict) else output
    return model.evaluate(wanted.node, case.inputs, _ENVIRONMENT).output
