"""`muster test`: a line for each scenario with modes and times, a summary, exit code 1 on failure."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from server.cli import main

OWN = Path(__file__).parent / "processes" / "quarrel"
TIMES = r"straight +\d+\.\d\d s  reload +\d+\.\d\d s  http +\d+\.\d\d s"
SHORT = "It opens:\n  - start: {community: jincheng}\n  - open: [respond]\n"


def run(*paths: Path) -> Result:
    return CliRunner().invoke(main, ["test", *map(str, paths)])


@pytest.fixture
def own_folder(tmp_path: Path) -> Path:
    """Give a process folder outside of everything, with its form beside the diagram."""
    folder = tmp_path / "quarrel"
    shutil.copytree(OWN, folder)
    shutil.copyfile(OWN.parents[1] / "forms" / "quarrel_decision.form", folder / "quarrel_decision.form")
    (folder / "scenarios.yaml").write_text(SHORT, encoding="utf-8")
    return folder


def test_passing_scenarios(own_folder: Path) -> None:
    result = run(own_folder)
    assert result.exit_code == 0, result.output
    title, line, summary = result.output.splitlines()
    assert title == "quarrel"
    assert re.fullmatch(rf"  ok    {TIMES}  It opens", line)
    assert re.fullmatch(r"1 scenario, each straight, reload, http: all passed \(\d+\.\d s\)", summary)


def test_failing_scenarios(own_folder: Path) -> None:
    text = SHORT + "It is elsewhere:\n  - start: {community: jincheng}\n  - task: escalate\n"
    (own_folder / "scenarios.yaml").write_text(text, encoding="utf-8")
    result = run(own_folder / "scenarios.yaml")
    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert re.fullmatch(rf"  FAIL  {TIMES}  It is elsewhere", lines[2])
    failure = "step 2 {'task': 'escalate'}: expected open user task 'escalate', but open are ['respond']"
    assert lines[3:6] == [f"        {mode}: {failure}" for mode in ("straight", "reload", "http")]
    assert lines[6].startswith("2 scenarios, each straight, reload, http: 1 failed")


def test_mistakes_of_all_files_are_told_before_anything_runs(own_folder: Path) -> None:
    other = own_folder.parent / "other"
    other.mkdir()
    (other / "scenarios.yaml").write_text("B: [{ended: []}]", encoding="utf-8")
    (own_folder / "scenarios.yaml").write_text("A: [{opne: []}]", encoding="utf-8")
    result = run(own_folder.parent)
    assert result.exit_code == 1
    assert "quarrel/scenarios.yaml: A: step 1: unknown key 'opne'; did you mean 'open'?" in result.output
    assert "other/scenarios.yaml: B: step 1: ended: expected an end event's id or cancelled, found []" in result.output
    assert "straight" not in result.output


def test_files_that_cannot_be_deployed_are_told(own_folder: Path) -> None:
    diagram = own_folder / "quarrel.bpmn"
    text = diagram.read_text(encoding="utf-8").replace("userTask", "inclusiveGateway")
    diagram.write_text(text, encoding="utf-8")
    result = run(own_folder)
    assert result.exit_code == 1
    assert "quarrel.bpmn" in result.output
    assert "respond" in result.output


def test_folders_without_scenarios_are_refused(tmp_path: Path) -> None:
    result = run(tmp_path)
    assert result.exit_code == 1
    assert f"expected scenarios.yaml at or below {tmp_path}, found none" in result.output
