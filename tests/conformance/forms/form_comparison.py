"""Runs form-js on cases and compares its verdicts with ours."""

from __future__ import annotations

import json
import math
import os
import subprocess
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from server.feel import Environment
from server.forms import Submission, parse_form
from web.javascript import install_packages

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
ZONE = "Asia/Shanghai"
ENVIRONMENT = Environment(now=datetime(2026, 5, 1, 2, tzinfo=UTC), zone=ZoneInfo(ZONE))

LATE = "order of answers"
OPTIONS = "options that cannot be computed"
CRASH = "form-js fails"
HIDDEN = "values of hidden fields"


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    schema: dict[str, Any]
    variables: dict[str, Any]
    submitted: dict[str, Any]
    loaded: bool = False


@dataclass(slots=True)
class Comparison:
    """How many cases agree, which argued differences were seen how often, and what disagrees for no argued reason."""

    agreed: int = 0
    argued: dict[str, int] = field(default_factory=dict)
    disagreed: list[str] = field(default_factory=list)

    @property
    def agreement(self) -> float:
        return self.agreed / max(1, self.agreed + len(self.disagreed))


def ask_reference(cases: list[Case]) -> list[dict[str, Any]]:
    """Return form-js's verdict on every case. It ends at an error of its own, and is started again after it."""
    node = install_packages(HERE)
    verdicts: list[dict[str, Any]] = []
    while len(verdicts) < len(cases):
        lines = "".join(json.dumps(asdict(case)) + "\n" for case in cases[len(verdicts) :])
        run = subprocess.run(
            [node, str(HERE / "reference.cjs")], input=lines, capture_output=True, text=True, check=True,
            env={**os.environ, "TZ": ZONE},
        )  # fmt: skip
        answers = [json.loads(line) for line in run.stdout.splitlines()]
        assert answers, run.stderr
        verdicts += answers
    return verdicts


def judge(case: Case) -> Submission:
    """Return our verdict."""
    form = parse_form(case.schema)
    return form.check(case.submitted, case.variables, environment=ENVIRONMENT, locale="en", strict=False)


def compare(cases: list[Case]) -> Comparison:
    """Compare both verdicts on every case: the same data, and the same fields that fail."""
    comparison = Comparison()
    verdicts = ask_reference(cases)
    assert len(verdicts) == len(cases)
    for case, theirs in zip(cases, verdicts, strict=True):
        ours = judge(case)
        difference = None if "error" in theirs else _find_difference(ours, theirs)
        reason = CRASH if "error" in theirs else _find_reason(case, ours, theirs)
        if difference is None and "error" not in theirs:
            comparison.agreed += 1
        elif reason:
            comparison.argued[reason] = comparison.argued.get(reason, 0) + 1
        else:
            comparison.disagreed.append(f"{case.name}: {difference}\n{json.dumps(case.submitted, ensure_ascii=False)}")
    return comparison


def _find_difference(ours: Submission, theirs: dict[str, Any]) -> str | None:
    failing = {problem.pointer for problem in ours.problems}
    refused = {*theirs["failing"], *theirs["refused"]}
    if failing != refused:
        return f"only here {sorted(failing - refused)}, only form-js {sorted(refused - failing)}"
    mine, other = _simplify(ours.data, failing, ""), _simplify(theirs["data"], failing, "")
    return None if _are_close(mine, other) else f"here {mine}, form-js {other}"


def _simplify(value: Any, failing: set[str], pointer: str) -> Any:
    """Leave out failing fields, and rows and lists in which nothing was entered: form-js does not submit those."""
    if pointer in failing:
        return None
    if isinstance(value, dict):
        inner = {name: _simplify(item, failing, f"{pointer}/{name}") for name, item in value.items()}
        return {name: item for name, item in inner.items() if item != [] and f"{pointer}/{name}" not in failing} or None
    if isinstance(value, list):
        items = [_simplify(item, failing, f"{pointer}/{index}") for index, item in enumerate(value)]
        return [] if all(item is None for item in items) else items
    return value


def _are_close(mine: Any, other: Any) -> bool:
    """Return whether values are equal, up to what binary fractions of JavaScript lose."""
    if isinstance(mine, dict) and isinstance(other, dict):
        return mine.keys() == other.keys() and all(_are_close(mine[name], other[name]) for name in mine)
    if isinstance(mine, list) and isinstance(other, list):
        return len(mine) == len(other) and all(map(_are_close, mine, other))
    if isinstance(mine, bool) or isinstance(other, bool):
        return mine is other
    if isinstance(mine, int | float) and isinstance(other, int | float):
        return math.isclose(mine, other, rel_tol=1e-12)
    return bool(mine == other)


def _find_reason(case: Case, ours: Submission, theirs: dict[str, Any]) -> str | None:
    if case.loaded and _is_dropped(case.submitted, ours.data):
        return HIDDEN
    if theirs["late"]:
        return LATE
    computed = set(_find_computed(case.schema["components"]))
    if any(problem.message.startswith("There are no options") for problem in ours.problems):
        return OPTIONS
    return OPTIONS if _holds_nothing(case.submitted, computed) else None


def _is_dropped(sent: Any, taken: Any) -> bool:
    """Return whether something that was sent was left out, because its field is hidden."""
    if isinstance(sent, dict) and isinstance(taken, dict):
        return any(name not in taken or _is_dropped(value, taken[name]) for name, value in sent.items())
    return isinstance(sent, list) and isinstance(taken, list) and any(map(_is_dropped, sent, taken))


def _find_computed(components: list[Any]) -> Iterator[str]:
    for part in components:
        if "valuesExpression" in part:
            yield part["key"]
        yield from _find_computed(part.get("components", []))


def _holds_nothing(value: Any, names: set[str]) -> bool:
    """Return whether an empty value was sent for one of the fields: form-js does not look for it among the options."""
    if isinstance(value, dict):
        return any(
            (name in names and (item is None or item in ("", False, 0))) or _holds_nothing(item, names)
            for name, item in value.items()
        )
    return isinstance(value, list) and any(_holds_nothing(item, names) for item in value)
