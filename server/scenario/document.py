"""Scenario files: YAML read strictly, every mistake a finding, before anything runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, TypeAlias

import yaml

from server.errors import DefinitionInvalid
from server.model import Finding
from server.scenario.step import Scenario, Step
from server.scenario.vocabulary import VERBS, find_mistakes

if TYPE_CHECKING:
    from pathlib import Path

FILE_NAME = "scenarios.yaml"
FOLDER = "scenarios"
"""Beside a diagram, for files by theme instead of one `scenarios.yaml`."""
FRAGMENTS = "fragments.yaml"
"""In that folder: anchors that the other files of it may use; itself without scenarios."""
DEEPEST = 20
"""Levels of nesting; an alias that holds itself would have no end."""
_MERGE = "tag:yaml.org,2002:merge"


def read_scenarios(path: Path) -> tuple[Scenario, ...]:
    """Read the scenarios of a file; the folder of its diagram is called after their process.

    Raises `DefinitionInvalid` with a finding for every mistake.
    """
    folder = find_home(path)
    where = f"{folder.name}/{path.resolve().relative_to(folder)}"
    content = read_yaml(path, where, _read_anchors(path, folder))
    if not isinstance(content, Mapping):
        raise DefinitionInvalid([Finding("file", "expected titles with lists of steps", where)])
    findings: list[Finding] = []
    scenarios = []
    for title, steps in content.items():
        if isinstance(title, str) and title.startswith("."):
            continue
        mistakes: list[str] = [] if isinstance(title, str) else ["expected a text as title; quote it"]
        read = read_steps(steps, mistakes)
        findings += [Finding(str(title), mistake, where) for mistake in mistakes]
        scenarios.append(Scenario(str(title), folder.name, read))
    if findings or not scenarios:
        raise DefinitionInvalid(findings or [Finding("file", "expected at least one scenario, found none", where)])
    return tuple(scenarios)


def find_home(path: Path) -> Path:
    """Return the folder of the process that a scenario file is about; it holds the diagram."""
    parent = path.resolve().parent
    return parent.parent if parent.name == FOLDER else parent


class _Loader(yaml.SafeLoader):
    """Reads one document; `anchors` are known before its first line, and afterwards with its own."""

    def compose_document(self) -> yaml.Node | None:
        known = self.anchors
        self.get_event()  # type: ignore[no-untyped-call] # the stubs leave it untyped
        node = self.compose_node(None, None)  # type: ignore[arg-type] # a document has no parent; the stubs say none
        self.get_event()  # type: ignore[no-untyped-call] # the stubs leave it untyped
        self.anchors = known
        return node


Anchors: TypeAlias = dict[Any, yaml.Node]


def read_yaml(path: Path, where: str, anchors: Anchors | None = None) -> object:
    """Read a YAML file strictly; it may use the `anchors`, and adds its own to them.

    Raises `DefinitionInvalid` when it is not YAML or a key stands twice: the second would silently replace the first.
    """
    try:
        loader = _Loader(path.read_text(encoding="utf-8"))
        loader.anchors = {} if anchors is None else anchors
        checked = {id(node) for node in loader.anchors.values()}
        node = loader.get_single_node()
        twice = [*_find_repeated_keys(node, checked)]
        if twice:
            raise DefinitionInvalid([Finding("file", message, where) for message in twice])
        return None if node is None else loader.construct_document(node)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        message = f"the file is not YAML: {' '.join(str(error).split())}"
        raise DefinitionInvalid([Finding("file", message, where)]) from error


def _read_anchors(path: Path, folder: Path) -> Anchors:
    anchors: Anchors = {}
    shared = path.parent / FRAGMENTS
    if path.resolve().parent != folder and shared.is_file():
        read_yaml(shared, f"{folder.name}/{FOLDER}/{FRAGMENTS}", anchors)
    return anchors


def _find_repeated_keys(node: yaml.Node | None, visited: set[int]) -> Iterator[str]:
    if node is None or id(node) in visited:
        return
    visited.add(id(node))
    seen = set()
    for child in node.value if isinstance(node, yaml.MappingNode | yaml.SequenceNode) else ():
        key, value = child if isinstance(node, yaml.MappingNode) else (None, child)
        if isinstance(key, yaml.ScalarNode) and key.tag != _MERGE:
            if key.value in seen:
                yield f"line {key.start_mark.line + 1}: the key {key.value!r} stands twice"
            seen.add(key.value)
        yield from _find_repeated_keys(value, visited)


def read_steps(content: object, mistakes: list[str], prefix: str = "", depth: int = 0) -> tuple[Step, ...]:
    """Return the steps of a list; what is wrong is added to `mistakes`, with the number of the step."""
    if not isinstance(content, list) or not content:
        mistakes.append(f"{f'step {prefix[:-1]}: ' if prefix else ''}expected a list of steps, found {content!r:.60}")
        return ()
    if depth > DEEPEST:
        mistakes.append(f"step {prefix[:-1]}: expected steps nested at most {DEEPEST} deep")
        return ()
    numbered = enumerate(content, start=1)
    return tuple(_read_step(f"{prefix}{number}", step, mistakes, depth) for number, step in numbered)


def _read_step(number: str, content: object, mistakes: list[str], depth: int) -> Step:
    if not isinstance(content, Mapping):
        mistakes.append(f"step {number}: expected keys and values, found {content!r:.60}")
        return Step(number, {}, None)
    found = [*find_mistakes(content), *_find_dates(content)]
    mistakes += [f"step {number}: {mistake}" for mistake in found]
    verb = next((verb for verb in VERBS if verb in content), None)
    inner: tuple[Step, ...] = ()
    if verb == "do" and isinstance(content["do"], list):
        inner = read_steps(content["do"], mistakes, f"{number}.", depth + 1)
    return Step(number, content, verb, inner)


def _find_dates(value: object, path: str = "", depth: int = 0) -> Iterator[str]:
    """Yield a mistake for every date that YAML made of a text; JSON has none."""
    if depth > DEEPEST:
        yield f"expected values nested at most {DEEPEST} deep"
    elif isinstance(value, date):
        yield f'{path}: expected a text, found the date {value}; quote it: "{value}"'
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if key != "do":
                yield from _find_dates(item, f"{path}.{key}" if path else str(key), depth + 1)
    elif isinstance(value, list):
        for item in value:
            yield from _find_dates(item, path, depth + 1)
