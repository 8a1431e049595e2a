"""Scenarios that fail say which step, what was expected and what was found: inside the process and over HTTP."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from server.scenario import Mode, Scenario, play
from server.scenario.document import read_steps

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from server.scenario import Stage

OWN = Path(__file__).parent / "processes" / "quarrel" / "scenarios.yaml"
CASES = yaml.safe_load((Path(__file__).parent / "failures.yaml").read_text(encoding="utf-8"))


def fits(pattern: str, text: str) -> bool:
    """Compare a text with one in which * stands for any text."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text, re.DOTALL) is not None


def read(steps: list[Any]) -> Scenario:
    mistakes: list[str] = []
    scenario = Scenario("failing", "quarrel", read_steps(steps, mistakes))
    assert mistakes == []
    return scenario


@pytest.mark.parametrize("case", CASES, ids=[case["says"][:60] for case in CASES])
def test_a_failing_step_says_what_was_expected_and_what_was_found(case: dict[str, Any], stage: Stage) -> None:
    failure = play(read(case["steps"]), stage)
    assert failure is not None
    assert fits(case["says"], failure), failure


def test_failures_read_the_same_over_http(set_stage: Callable[..., AbstractContextManager[Stage]]) -> None:
    with set_stage(OWN, Mode.HTTP) as stage:
        for case in CASES:
            failure = play(read(case["steps"]), stage)
            assert failure is not None
            late = "2026-11-2" in failure  # the clock of this stage has moved on with the cases before
            assert late or fits(case["says"], failure), failure


def test_a_refusal_that_changes_something_is_no_refusal(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    door = stage.door
    complete = type(door).complete

    def complete_and_refuse(self: Any, actor: str, key: int, variables: dict[str, object]) -> None:
        complete(self, actor, key, variables)
        complete(self, actor, key, variables)

    monkeypatch.setattr(type(door), "complete", complete_and_refuse)
    failure = play(read([{"start": {"community": "jincheng"}}, {"complete": "respond", "refused": 409}]), stage)
    assert failure is not None
    assert "expected a refusal to change nothing, but after 409" in failure


def test_a_new_start_is_a_new_instance(stage: Stage) -> None:
    steps = [
        {"start": {"community": "jincheng"}},
        {"complete": "respond"},
        {"start": {"community": "xiuyuan"}},
        {"open": ["respond"], "variables": {"community": "xiuyuan"}, "not_passed": ["respond"]},
        {"resend": "respond", "refused": 409},
    ]
    assert play(read(steps), stage) == (
        "step 5 {'resend': 'respond'}: expected an accepted completion of 'respond', but completed are []"
    )


def test_what_nobody_expected_is_told_too(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    stage.context.store.close()
    stage.cast.organisation = None  # type: ignore[assignment] # broken on purpose
    failure = play(read([{"start": {}, "as": "lin_yue"}]), stage)
    assert failure is not None
    assert failure.startswith("step 1 {'start': {}}: unexpected AttributeError: ")
    assert "Traceback" in caplog.text
