"""Every scenario of `processes/`, and those of the runner's own process, in every mode."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from server.scenario import Mode, play, read_scenarios
from server.scenario.document import find_home
from server.scenario.suite import find_scenario_files

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from server.scenario import Scenario, Stage

ROOT = Path(__file__).resolve().parents[2]
FILES = find_scenario_files([ROOT / "processes", Path(__file__).parent / "processes"])
SCENARIOS = [
    pytest.param(file, scenario, id=scenario.title.replace("::", ":"))
    for file in FILES
    for scenario in read_scenarios(file)
]


def test_there_are_scenarios_of_every_shipped_process() -> None:
    with_scenarios = {find_home(file).name for file in FILES}
    assert {folder.name for folder in (ROOT / "processes").iterdir() if [*folder.glob("*.bpmn")]} <= with_scenarios


@pytest.mark.parametrize("mode", [Mode.STRAIGHT, Mode.RELOAD])
@pytest.mark.parametrize(("file", "scenario"), SCENARIOS)
def test_inside_the_process(
    file: Path, scenario: Scenario, mode: Mode, set_stage: Callable[..., AbstractContextManager[Stage]]
) -> None:
    with set_stage(file, mode) as stage:
        assert play(scenario, stage) is None


@pytest.mark.parametrize(("file", "scenario"), SCENARIOS)
def test_over_http(
    file: Path, scenario: Scenario, database_url: str, set_stage: Callable[..., AbstractContextManager[Stage]]
) -> None:
    with set_stage(file, Mode.HTTP, database_url) as stage:
        assert play(scenario, stage) is None
