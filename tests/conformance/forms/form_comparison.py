"""Runs form-js on cases and compares its verdicts with ours."""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from server.feel import Environment
from server.forms import Submission, parse_form

HERE = Path(__file__).parent
ZONE = "Asia/Shanghai"
ENVIRONMENT = Environment(now=datetime(2026, 5, 1, 2, tzinfo=UTC), zone=ZoneInfo(ZONE))

LATE = "order of answers"
OPTIONS = "options that cannot be computed"
CRASH = "form-js fails"


class ReferenceMissing(RuntimeError):
    """form-js cannot be run here; the message says why."""


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    schema: dict[str, Any]
    variables: dict[str, Any]
    submitted: dict[str, Any]


@dataclass(slots=True)
class Comparison:
    """How many cases agree, which argued differences were seen how often, and what disagrees for no argued reason."""

    agreed: int = 0
    argued: dict[str, int] = field(default_factory=dict)
    disagreed: list[str] = field(default_factory=list)

    @property
    def agreement(self) -> float:
        return self.agreed / max(1, self.agreed + len(self.disagreed))


def install_reference() -> None:
    """Install form-js and jsdom beside this file, as the lock file says, unless they are there."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise ReferenceMissing("Node.js and npm are not installed: form-js cannot be run")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    numbers = tuple(map(int, re.findall(r"\d+", version)[:2]))
    if numbers < (20, 19):
        raise ReferenceMissing(f"Node.js 20.19 or later is needed to run form-js, found {version.strip()}")
    lock, installed = HERE / "package-lock.json", HERE / "node_modules" / ".package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
        return
    run = subprocess.run([npm, "ci", "--ignore-scripts"], cwd=HERE, capture_output=True, text=True, check=False)
    if run.returncode:
        raise ReferenceMissing(f"form-js cannot be installed: {run.stderr.strip()[-300:]}")


def ask_reference(cases: list[Case]) -> list[dict[str, Any]]:
    """Return form-js's verdict on every case."""
    lines = "".join(
        json.dumps({"schema": case.schema, "variables": case.variables, "submitted": case.submitted}) + "\n"
        for case in cases
    )
    run = subprocess.run(
        ["node", str(HERE / "reference.cjs")], input=lines, capture_output=True, text=True, check=True,
        env={**os.environ, "TZ": ZONE},
    )  # fmt: skip
    return [json.loads(line) for line in run.stdout.splitlines()]


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
    if theirs["late"]:
        return LATE
    computed = {part["key"] for part in case.schema["components"] if "valuesExpression" in part}
    if computed & {problem.pointer[1:] for problem in ours.problems}:
        return OPTIONS
    if any(case.submitted.get(name) in ("", False, 0) for name in computed):
        return OPTIONS
    return None
