"""Every path of every shipped diagram is taken by some scenario, or stands in `untaken.yaml` with the reason."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from lxml import etree

from server.scenario import read_scenarios
from server.scenario.suite import find_scenario_files

if TYPE_CHECKING:
    from walks import Walks

ROOT = Path(__file__).resolve().parents[2]
PROCESSES = sorted({path.parent for path in (ROOT / "processes").glob("*/*.bpmn")})
NAMED = yaml.safe_load((Path(__file__).parent / "untaken.yaml").read_text(encoding="utf-8")) or {}


def list_flows(folder: Path) -> set[tuple[str, str]]:
    """Return process id and id of every sequence flow that is drawn."""
    roots = [etree.parse(path, etree.XMLParser(resolve_entities=False)).getroot() for path in folder.glob("*.bpmn")]
    processes = [process for root in roots for process in root.findall("{*}process")]
    return {(p.get("id"), f.get("id")) for p in processes for f in p.iter("{*}sequenceFlow")}


@pytest.mark.parametrize("folder", PROCESSES, ids=lambda folder: folder.name)
def test_every_path_is_taken(folder: Path, walks: Walks) -> None:
    left = list_flows(folder)
    named = {(folder.name, flow) for flow in NAMED.get(folder.name, {})}
    assert named <= left, "untaken.yaml names flows that are not drawn"
    for file in find_scenario_files([ROOT / "processes", Path(__file__).parent / "processes"]):
        for scenario in read_scenarios(file):
            left -= walks.walk(file, scenario).taken
    assert left == named
