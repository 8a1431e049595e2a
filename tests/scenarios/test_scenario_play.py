"""Every scenario of `processes/`, and those of the runner's own process, in every mode."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from server.scenario import Mode, play, read_scenarios
from server.scenario.document import find_home
from server.scenario.suite import find_scenario_files

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from walks import Walks

    from server.scenario import Scenario, Stage

ROOT = Path(__file__).resolve().parents[2]
FILES = find_scenario_files([ROOT / "processes", Path(__file__).parent / "processes"])
FOUND = [(file, scenario, scenario.title.replace("::", ":")) for file in FILES for scenario in read_scenarios(file)]
SCENARIOS = [pytest.param(file, scenario, id=title) for file, scenario, title in FOUND]
SHARE = 6
"""In the usual run each scenario is played straight, and half of them in one of three other ways, drawn by title."""


def drawn(*ways: tuple[int, str]) -> list[object]:
    """Give every scenario in these ways; what is not drawn is left to the long run."""
    chosen = []
    for file, scenario, title in FOUND:
        own = zlib.crc32(f"{file.parent.name} {title}".encode()) % SHARE
        for number, way in ways:
            marks = () if number == own else (pytest.mark.slow,)
            chosen.append(pytest.param(way, file, scenario, id=f"{way}-{title}", marks=marks))
    return chosen


def test_there_are_scenarios_of_every_shipped_process() -> None:
    with_scenarios = {find_home(file).name for file in FILES}
    assert {folder.name for folder in (ROOT / "processes").iterdir() if [*folder.glob("*.bpmn")]} <= with_scenarios


@pytest.mark.parametrize(("file", "scenario"), SCENARIOS)
def test_straight(file: Path, scenario: Scenario, walks: Walks) -> None:
    assert walks.walk(file, scenario).failure is None


@pytest.mark.parametrize(("mode", "file", "scenario"), drawn((0, Mode.RELOAD)))
def test_reloaded_before_every_step(
    mode: Mode, file: Path, scenario: Scenario, set_stage: Callable[..., AbstractContextManager[Stage]]
) -> None:
    with set_stage(file, mode) as stage:
        assert play(scenario, stage) is None


@pytest.mark.parametrize(("kind", "file", "scenario"), drawn((1, "sqlite"), (2, "postgresql")))
def test_over_http(
    file: Path, scenario: Scenario, kind: str, set_stage: Callable[..., AbstractContextManager[Stage]]
) -> None:
    with set_stage(file, Mode.HTTP, kind) as stage:
        assert play(scenario, stage) is None
