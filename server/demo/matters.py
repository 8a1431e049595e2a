"""The matters to play: `examples/matters.yaml`, steps as in scenarios (docs/scenarios.md, "matters.yaml")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.errors import DefinitionInvalid
from server.model import Finding
from server.scenario import Scenario
from server.scenario.clock import ZONE
from server.scenario.document import read_steps, read_yaml
from server.scenario.moments import parse_moment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from server.scenario import Step

KEYS = frozenset({"process", "clock", "matters"})
MATTER_KEYS = frozenset({"id", "title", "theme", "shows", "steps"})


@dataclass(frozen=True, slots=True)
class Matter:
    """One matter: what it stands for (`theme`), what it shows (`department`, `overdue` …), and its steps."""

    id: str
    theme: str
    shows: tuple[str, ...]
    scenario: Scenario


@dataclass(frozen=True, slots=True)
class Programme:
    """All matters, in the order in which they are played, and the time at which the first one begins."""

    process_id: str
    clock: datetime
    matters: tuple[Matter, ...]


def read_programme(path: Path) -> Programme:
    """Read the matters; raises `DefinitionInvalid` with a finding for every mistake."""
    content = read_yaml(path, path.name)
    own = _without_fragments(content)
    clock = parse_moment(str(own.get("clock")), ZONE)
    matters = own.get("matters")
    if set(own) != KEYS or clock is None or not isinstance(matters, list) or not matters:
        message = "expected 'process', 'clock' (a date and time in quotes) and 'matters' (a list)"
        raise DefinitionInvalid([Finding("file", f"{message}, found {sorted(own)}", path.name)])
    findings: list[Finding] = []
    process_id = str(own["process"])
    read = tuple(_read_matter(process_id, item, path.name, findings) for item in matters)
    if findings:
        raise DefinitionInvalid(findings)
    return Programme(process_id, clock, read)


def _without_fragments(content: object) -> dict[str, object]:
    items = content.items() if isinstance(content, Mapping) else ()
    return {str(key): value for key, value in items if not str(key).startswith(".")}


def _read_matter(process_id: str, item: object, where: str, findings: list[Finding]) -> Matter:
    content = item if isinstance(item, Mapping) else {}
    name = str(content.get("id", item))[:60]
    mistakes: list[str] = []
    texts = [content.get(key) for key in ("id", "title", "theme")]
    shows = content.get("shows")
    if set(content) != MATTER_KEYS or not all(isinstance(text, str) for text in texts) or not isinstance(shows, list):
        mistakes.append(f"expected {', '.join(sorted(MATTER_KEYS))}, found {sorted(map(str, content))}")
    steps = read_steps(content.get("steps"), mistakes)
    mistakes += _find_nobodies(steps)
    findings += [Finding(name, mistake, where) for mistake in mistakes]
    scenario = Scenario(str(content.get("title")), process_id, steps)
    return Matter(name, str(content.get("theme")), tuple(map(str, shows or ())), scenario)


def _find_nobodies(steps: tuple[Step, ...]) -> Iterator[str]:
    for step in steps:
        yield from _find_nobodies(step.steps)
        if step.verb in {"start", "complete"} and "as" not in step.content:
            yield f"step {step.number}: expected 'as' with a person, so that the demo can tell who did it"
