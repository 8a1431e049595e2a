"""docs/coverage.md: which mechanism of the source articles is executed where, and which scenario shows it.

The mechanisms stand in `docs/mechanisms.csv`, with the page of those that no diagram carries (`elsewhere`). The tables
in the README of each process say which element carries a mechanism (`S0-08`); an element is shown by the first
scenario that passes it. Run by `make docs`.
"""

from __future__ import annotations

import csv
import os
import re
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree

from server.scenario import read_scenarios
from server.scenario.suite import find_scenario_files
from tests.scenarios.walks import Walks

if TYPE_CHECKING:
    from collections.abc import Iterator

HOME = Path(__file__).resolve().parents[2]
PAGE = HOME / "docs" / "coverage.md"
MECHANISM = re.compile(r"\bS(\d)-(\d\d)(?:(?:\.\.|–|…| to )(\d\d))?\b")
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
MOST_ELEMENTS = 4

INTRODUCTION = """\
# Mechanisms and where they are
Written by `make docs` from [mechanisms.csv](mechanisms.csv), the tables in the README of each process, and the
scenarios as they are played; do not edit here. The mechanisms are those found in five articles:
S0 顺义 (2018), S1 北京 (2019), S2 平谷, S3 麻城 (2023), S4 长沙.
"""


def list_mechanisms() -> list[dict[str, str]]:
    """Return id, name and planned processes of every mechanism."""
    with (HOME / "docs" / "mechanisms.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def find_mechanisms(line: str) -> Iterator[str]:
    """Give the ids that a line names; `S0-06..10` names five."""
    for article, first, last in MECHANISM.findall(line):
        for number in range(int(first), int(last or first) + 1):
            yield f"S{article}-{number:02}"


def find_carriers() -> dict[str, list[tuple[str, str]]]:
    """Return for each mechanism the processes and elements that carry it, as the READMEs say."""
    carriers: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for diagram in sorted((HOME / "processes").glob("*/*.bpmn")):
        root = etree.parse(diagram, etree.XMLParser(resolve_entities=False)).getroot()
        elements = {element.get("id") for element in root.find("{*}process").iter(f"{BPMN}*")}
        for line in (diagram.parent / "README.md").read_text(encoding="utf-8").splitlines():
            if line.startswith("|"):
                named = [name for name in re.findall(r"`(\w+)`", line) if name in elements]
                for mechanism in find_mechanisms(line):
                    carriers[mechanism] += [(diagram.stem, name) for name in named or [""]]
    return carriers


def find_shown(walks: Walks) -> dict[tuple[str, str], str]:
    """Return for each process and element the first scenario that passes it, those of the process itself first."""
    shown: dict[tuple[str, str], tuple[bool, str]] = {}
    for file in find_scenario_files([HOME / "processes"]):
        for scenario in read_scenarios(file):
            for process, element in sorted(walks.walk(file, scenario).passed):
                foreign = process != scenario.process_id
                if (process, element) not in shown or (shown[process, element][0] and not foreign):
                    shown[process, element] = (foreign, scenario.title)
    return {place: title for place, (_, title) in shown.items()}


def write_page(walks: Walks) -> str:
    """Return the text of the page."""
    carriers, shown = find_carriers(), find_shown(walks)
    built, missing = [], []
    for mechanism in list_mechanisms():
        places = list(dict.fromkeys(carriers.get(mechanism["id"], [])))
        if not places and mechanism["elsewhere"]:
            page = os.path.relpath(mechanism["elsewhere"], "docs")
            built.append(f"| {mechanism['id']} | {mechanism['mechanism']} | – | [{Path(page).name}]({page}) | – |")
            continue
        if not places:
            missing.append(f"| {mechanism['id']} | {mechanism['mechanism']} | {mechanism['processes']} |")
            continue
        # Elements that scenarios pass first: they have something to show.
        places.sort(key=lambda place: (place not in shown, place[1] == ""))
        processes = ", ".join(f"`{process}`" for process in dict.fromkeys(process for process, _ in places))
        elements = ", ".join(f"`{element}`" for _, element in places[:MOST_ELEMENTS] if element) or "the whole"
        scenario = next((shown[place] for place in places if place in shown), "–")
        built.append(f"| {mechanism['id']} | {mechanism['mechanism']} | {processes} | {elements} | {scenario} |")
    return "\n".join(
        [
            INTRODUCTION,
            f"## Executed: {len(built)} of {len(built) + len(missing)}",
            "| id | mechanism | process | elements | a scenario |\n|---|---|---|---|---|",
            *built,
            "\n## Not yet built",
            "With the processes that are to carry them.\n",
            "| id | mechanism | processes |\n|---|---|---|",
            *missing,
            "",
        ]
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        PAGE.write_text(write_page(Walks(HOME, Path(folder))), encoding="utf-8")
