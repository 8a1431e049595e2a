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
DATABASES = ("sqlite", "postgresql")


def over_http() -> list[object]:
    """Give every scenario on both databases; which of the two is left to the long run is drawn by the title."""
    chosen = []
    for file, scenario, title in FOUND:
        first = zlib.crc32(f"{file.parent.name} {title}".encode()) % 2
        for number, database in enumerate(DATABASES):
            marks = () if number == first else (pytest.mark.slow,)
            chosen.append(pytest.param(database, file, scenario, id=f"{database}-{title}", marks=marks))
    return chosen


def test_there_are_scenarios_of_every_shipped_process() -> None:
    with_scenarios = {find_home(file).name for file in FILES}
    assert {folder.name for folder in (ROOT / "processes").iterdir() if [*folder.glob("*.bpmn")]} <= with_scenarios


@pytest.mark.parametrize(("file", "scenario"), SCENARIOS)
def test_straight(file: Path, scenario: Scenario, walks: Walks) -> None:
    assert walks.walk(file, scenario).failure is None


@pytest.mark.parametrize(("file", "scenario"), SCENARIOS)
def test_reloaded_before_every_step(
    file: Path, scenario: Scenario, set_stage: Callable[..., AbstractContextManager[Stage]]
) -> None:
    with set_stage(file, Mode.RELOAD) as stage:
        assert play(scenario, stage) is None


@pytest.mark.parametrize(("database_url", "file", "scenario"), over_http(), indirect=["database_url"])
def test_over_http(
    file: Path, scenario: Scenario, database_url: str, set_stage: Callable[..., AbstractContextManager[Stage]]
) -> None:
    with set_stage(file, Mode.HTTP, database_url) as stage:
        assert play(scenario, stage) is None
