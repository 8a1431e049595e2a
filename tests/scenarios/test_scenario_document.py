"""Scenario files: what cannot be read is told with scenario and step, all at once, before anything runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from server.errors import DefinitionInvalid
from server.scenario import read_scenarios
from server.scenario.suite import find_scenario_files
from server.scenario.vocabulary import EXPECTATIONS, QUALIFIERS, VERBS

HERE = Path(__file__).parent
CASES = yaml.safe_load((HERE / "mistakes.yaml").read_text(encoding="utf-8"))

GOOD = """
.report: &report {matter: x, community: jincheng}
The first:
  - start: {<<: *report, matter: y}
  - do: [{open: [respond]}, {wait: P1D, open: []}]
The second:
  - open: []
"""


def write(folder: Path, text: str) -> Path:
    (folder / "quarrel").mkdir()
    path = folder / "quarrel" / "scenarios.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("case", CASES, ids=[case["text"][:50] for case in CASES])
def test_mistakes_are_findings(case: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(DefinitionInvalid) as caught:
        read_scenarios(write(tmp_path, case["text"]))
    found = [f"{finding.element_id}: {finding.message}" for finding in caught.value.findings]
    assert len(found) == len(case["says"]), found
    for said, text in zip(case["says"], found, strict=True):
        assert re.fullmatch(".*".join(map(re.escape, said.split("*"))), text), text
    assert {finding.path for finding in caught.value.findings} == {"quarrel/scenarios.yaml"}


def test_a_file_becomes_scenarios(tmp_path: Path) -> None:
    first, second = read_scenarios(write(tmp_path, GOOD))
    assert (first.title, first.process_id, second.title) == ("The first", "quarrel", "The second")
    assert first.steps[0].content == {"start": {"matter": "y", "community": "jincheng"}}
    assert [(step.number, step.verb) for step in first.steps[1].steps] == [("2.1", None), ("2.2", "wait")]


def test_files_by_theme_share_their_anchors(tmp_path: Path) -> None:
    folder = tmp_path / "quarrel" / "scenarios"
    folder.mkdir(parents=True)
    (folder / "fragments.yaml").write_text(
        ".report: &report {matter: x}\n.both: &both {<<: *report, matter: z, community: y}\n"
    )
    (folder / "late.yaml").write_text("Late:\n  - start: &own {<<: *both}\n  - set: *own\n")
    (folder / "early.yaml").write_text("Early:\n  - start: *report\n")
    files = find_scenario_files([tmp_path])
    read = [scenario for file in files for scenario in read_scenarios(file)]
    assert (
        [file.name for file in files]
        == ["early.yaml", "late.yaml"]
        == [file.name for file in find_scenario_files([folder])]
    )
    assert [(one.title, one.process_id) for one in read] == [("Early", "quarrel"), ("Late", "quarrel")]
    assert read[1].steps[1].content == {"set": {"matter": "z", "community": "y"}}
    (folder / "late.yaml").write_text("Late:\n  - start: *unknown\n")
    with pytest.raises(DefinitionInvalid, match=r"undefined alias.*\(quarrel/scenarios/late.yaml\)"):
        read_scenarios(folder / "late.yaml")


def test_every_word_is_explained_in_the_documentation() -> None:
    text = (HERE.parents[1] / "docs" / "scenarios.md").read_text(encoding="utf-8")
    assert {word for word in (*VERBS, *EXPECTATIONS, *QUALIFIERS) if f"`{word}`" not in text} == set()
