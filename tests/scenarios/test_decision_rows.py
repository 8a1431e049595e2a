"""Every row of every shipped table matters: with another output some scenario goes another way.

Rows are changed one at a time, in the database of a prepared scenery. A row that no scenario is decided by, or whose
change nobody notices, stands in `dead_rows.yaml` with the reason. The usual run takes one row in eight.
"""

from __future__ import annotations

import shutil
import sqlite3
import zlib
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from lxml import etree
from walks import configure, find_scenery, read_walk

from server.scenario import Mode, open_stage, play, read_scenarios
from server.scenario.suite import find_scenario_files

if TYPE_CHECKING:
    from walks import Walks

    from server.scenario import Scenario

ROOT = Path(__file__).resolve().parents[2]
TABLES = sorted((ROOT / "processes").glob("*/*.dmn"))
NAMED = yaml.safe_load((Path(__file__).parent / "dead_rows.yaml").read_text(encoding="utf-8")) or {}
TRIES = 4
"""Scenarios that may notice a change; the shortest ones are asked first."""
REPLACE = "UPDATE resource SET content = ? WHERE resource_name = ?"
SHARE = 8
"""One row in so many is changed in the usual run."""


@dataclass(frozen=True, slots=True)
class Row:
    """One rule of a decision table."""

    path: Path
    decision_id: str
    number: int

    @property
    def name(self) -> str:
        return f"{self.decision_id}-{self.number}"


def read(path: Path) -> etree._Element:
    return etree.parse(path, etree.XMLParser(resolve_entities=False)).getroot()


def list_rows(path: Path) -> list[Row]:
    return [
        Row(path, decision.get("id"), number)
        for decision in read(path).iterfind("{*}decision")
        for number, _ in enumerate(decision.iterfind("{*}decisionTable/{*}rule"), start=1)
    ]


def change_row(row: Row) -> bytes:
    """Return the file with other outputs in one row: another row's where there is one, else a changed value."""
    root = read(row.path)
    decision = next(d for d in root.iterfind("{*}decision") if d.get("id") == row.decision_id)
    rules = decision.findall("{*}decisionTable/{*}rule")
    for column, cell in enumerate(rules[row.number - 1].findall("{*}outputEntry/{*}text")):
        others = [rule.findall("{*}outputEntry/{*}text")[column].text or "" for rule in rules]
        cell.text = next((other for other in others if other.strip() and other != cell.text), change(cell.text or ""))
    return etree.tostring(root)


def change(value: str) -> str:
    """Return another value of the same kind."""
    text = value.strip()
    if text in {"true", "false"}:
        return "false" if text == "true" else "true"
    if text.lstrip("-").replace(".", "", 1).isdigit():
        return f"{text} + 1"
    if text.startswith("duration("):
        return f'{text} + duration("PT1H")'
    if text.startswith("["):
        return "[]" if text != "[]" else '["changed"]'
    return '"changed"' if text != '"changed"' else "null"


ROWS = [
    pytest.param(row, id=row.name, marks=() if zlib.crc32(row.name.encode()) % SHARE == 0 else (pytest.mark.slow,))
    for path in TABLES
    for row in list_rows(path)
]


def find_scenarios(row: Row, walks: Walks) -> list[tuple[Path, Scenario]]:
    """Return the scenarios that the row decides in, the shortest first."""
    files = sorted(find_scenario_files([ROOT / "processes"]), key=lambda file: file.parent != row.path.parent)
    own = [
        (file, scenario)
        for file in files
        for scenario in read_scenarios(file)
        if (row.decision_id, row.number) in walks.walk(file, scenario).matched
    ]
    return sorted(own, key=lambda found: len(found[1].steps))


def notices(file: Path, scenario: Scenario, changed: tuple[str, bytes], walks: Walks, folder: Path) -> bool:
    """Tell whether a scenario goes another way with another file in place of the deployed one."""
    scenery = find_scenery(ROOT, file)
    folder.mkdir()
    shutil.copyfile(walks.prepare(scenery, "scenery_"), folder / "muster.db")
    name, content = changed
    with closing(sqlite3.connect(folder / "muster.db")) as connection, connection:
        replaced = connection.execute(
            "UPDATE resource SET content = ? WHERE resource_name = ?", (content, name)
        ).rowcount
    assert replaced == 1
    with open_stage(Mode.STRAIGHT, configure(folder), scenery.organisation) as stage:
        failure = play(scenario, stage)
    trace = read_walk(folder / "muster.db")["trace"]
    shutil.rmtree(folder)
    return failure is not None or trace != walks.walk(file, scenario).trace


@pytest.mark.parametrize("row", ROWS)
def test_row_matters(row: Row, walks: Walks, tmp_path: Path) -> None:
    changed = (row.path.name, change_row(row))
    asked = find_scenarios(row, walks)[:TRIES]
    noticed = any(notices(*found, changed, walks, tmp_path / str(n)) for n, found in enumerate(asked))
    assert noticed != (row.number in NAMED.get(row.decision_id, {})), f"decided in {[one.title for _, one in asked]}"
