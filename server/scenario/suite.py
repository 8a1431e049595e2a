"""Running scenario files: every scenario in every mode, each on a database of its own."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from server.errors import DefinitionInvalid, InvalidArgument
from server.scenario.document import FILE_NAME, FOLDER, FRAGMENTS, find_home, read_scenarios
from server.scenario.folder import DATABASE, configure
from server.scenario.play import play
from server.scenario.scenery import PROCESSES, Scenery, read_scenery
from server.scenario.stage import Mode, open_stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from server.model import Finding
    from server.scenario.step import Scenario


@dataclass(frozen=True, slots=True)
class Run:
    """One scenario in one mode: how long it took, and why it failed (None: it passed)."""

    mode: Mode
    seconds: float
    failure: str | None


@dataclass(slots=True)
class Suite:
    """Runs scenarios on copies of databases that are prepared once for each scenery."""

    folder: Path
    templates: list[tuple[Scenery, Path]] = field(default_factory=list)

    def run(self, scenario: Scenario, scenery: Scenery, mode: Mode) -> Run:
        """Run one scenario on SQLite; raises `DefinitionInvalid` when the files cannot be deployed."""
        template = self._template(scenery)
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        began = perf_counter()
        config = configure(folder)
        shutil.copyfile(template, folder / template.name)
        with open_stage(mode, config, scenery.organisation) as stage:
            failure = play(scenario, stage)
        seconds = perf_counter() - began
        shutil.rmtree(folder)
        return Run(mode, seconds, failure)

    def _template(self, scenery: Scenery) -> Path:
        for known, template in self.templates:
            if known == scenery:
                return template
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        scenery.build(configure(folder))
        self.templates.append((scenery, folder / DATABASE))
        return folder / DATABASE


def run_suite(home: Path, paths: Sequence[Path], echo: Callable[[str], None]) -> bool:
    """Run the scenarios at or below the paths, or the shipped ones, tell each as a line, and return whether all passed.

    `home` holds the shipped files. Raises `DefinitionInvalid` for mistakes in scenario files or in what is deployed.
    """
    files = find_scenario_files(paths or [home / PROCESSES])
    scenarios = _read_all(files)
    began = perf_counter()
    failed = 0
    with tempfile.TemporaryDirectory(prefix="muster-test-") as folder:
        suite = Suite(Path(folder))
        for file, found in scenarios:
            echo(_name(file))
            scenery = read_scenery(home, file)
            for scenario in found:
                runs = [suite.run(scenario, scenery, mode) for mode in Mode]
                echo(_describe(scenario, runs))
                failed += any(run.failure for run in runs)
    count = sum(len(found) for _, found in scenarios)
    verdict = f"{failed} failed" if failed else "all passed"
    noun = "scenario" if count == 1 else "scenarios"
    echo(f"{count} {noun}, each {', '.join(Mode)}: {verdict} ({perf_counter() - began:.1f} s)")
    return not failed


def find_scenario_files(paths: Sequence[Path]) -> list[Path]:
    """Return the scenario files among and below the paths; raises `InvalidArgument` where there is none."""
    found: set[Path] = set()
    for path in paths:
        files = {*path.rglob(FILE_NAME), *path.rglob(f"{FOLDER}/*.yaml"), *_find_own(path)} if path.is_dir() else {path}
        files = {file for file in files if file.name != FRAGMENTS}
        if not files:
            raise InvalidArgument(f"expected {FILE_NAME} at or below {path}, found none")
        found |= files
    return sorted(found)


def _find_own(folder: Path) -> Iterable[Path]:
    """Return the files of a folder that is itself one of scenarios by theme."""
    return folder.glob("*.yaml") if folder.name == FOLDER else ()


def _read_all(files: Sequence[Path]) -> list[tuple[Path, tuple[Scenario, ...]]]:
    """Read every file before the first scenario runs, and report the mistakes of all."""
    scenarios = []
    findings: list[Finding] = []
    for file in files:
        try:
            scenarios.append((file, read_scenarios(file)))
        except DefinitionInvalid as error:
            findings += error.findings
    if findings:
        raise DefinitionInvalid(findings)
    return scenarios


def _name(file: Path) -> str:
    folder = find_home(file)
    return folder.name if file.name == FILE_NAME else f"{folder.name}: {file.stem}"


def _describe(scenario: Scenario, runs: Sequence[Run]) -> str:
    times = "  ".join(f"{run.mode} {run.seconds:5.2f} s" for run in runs)
    verdict = "FAIL" if any(run.failure for run in runs) else "ok  "
    reasons = [f"\n        {run.mode}: {run.failure}" for run in runs if run.failure]
    return f"  {verdict}  {times}  {scenario.title}{''.join(reasons)}"
