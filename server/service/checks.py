"""Checking files before they are deployed: a verdict for each, whatever it holds; needs no database."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from server.actions.registry import RESERVED_PREFIXES
from server.catalog.diagram import Standing
from server.catalog.markup import LARGEST_FILE
from server.catalog.resources import HEAD, ResourceReader, Surroundings, looks_like_bpmn
from server.errors import DefinitionInvalid, PayloadTooLarge
from server.model import Finding
from server.service.shipped import SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from server.catalog import Catalog
    from server.engine import StartPlan

OTHER_SUFFIXES = frozenset({".xml", ".bpmn2", ".bpmn20"})
"""Endings under which other tools save BPMN; such files in a folder are checked when they begin like BPMN."""
DEFECT = "the file could not be judged: {}; this is a defect of the server, please report it with the file"


class Verdict(StrEnum):
    """What becomes of a file that is deployed."""

    RUNS = "runs"
    NORMALISED = "runs after normalising"
    USABLE = "usable"
    CLASHES = "id used by another file"
    REFUSED = "refused"
    NOT_EXECUTABLE = "not executable"
    OTHER = "not BPMN, DMN or a form"
    UNREADABLE = "unreadable"


ACCEPTED = frozenset({Verdict.RUNS, Verdict.NORMALISED, Verdict.USABLE})


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """The verdict on a file.

    `findings` stand in its way (`error`), should be looked at (`warning`), or say what is executed otherwise than drawn
    (`note`); `names` are those of elements by id.
    """

    name: str
    verdict: Verdict
    findings: tuple[Finding, ...]
    processes: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)

    def count(self, severity: str) -> int:
        """Return how many findings are of a severity."""
        return sum(finding.severity == severity for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Check:
    """The verdicts on files that would be deployed together."""

    files: tuple[CheckedFile, ...]

    def summary(self) -> dict[Verdict, int]:
        """Return how many files have each verdict, the better ones first."""
        counted = Counter(file.verdict for file in self.files)
        return {verdict: counted[verdict] for verdict in Verdict if counted[verdict]}

    def is_clean(self, *, strict: bool) -> bool:
        """Whether every file would be deployed; with `strict`, whether there is no warning either."""
        return all(f.verdict in ACCEPTED and not (strict and f.count("warning")) for f in self.files)


def find_candidates(paths: Sequence[Path]) -> dict[str, Path]:
    """Return the files to check by the names they are told under: named ones, and what looks deployable in folders.

    Files of one folder are told by their way from it, those of several by the whole path.
    """
    found: dict[str, Path] = {}
    for path in paths:
        if not path.is_dir():
            found[_printable(path)] = path
            continue
        for file in sorted(path.rglob("*")):
            if _is_candidate(file):
                found[_printable(file.relative_to(path) if len(paths) == 1 else file)] = file
    return found


def _is_candidate(file: Path) -> bool:
    suffix = file.suffix.lower()
    if suffix in SUFFIXES:
        return not file.is_dir()
    try:
        return suffix in OTHER_SUFFIXES and file.is_file() and looks_like_bpmn(_read(file, HEAD))
    except OSError:
        return False


def _printable(path: Path) -> str:
    return os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace")


def _read(file: Path, most: int) -> bytes:
    """Return the content of a file, cut a byte after `most`; raises `OSError`."""
    if not file.is_file():  # a pipe would never end
        raise OSError("it is no ordinary file")
    with file.open("rb") as stream:
        return stream.read(most + 1)


@dataclass(frozen=True, slots=True)
class Checker:
    """What a check asks about its surroundings; `plan` is when and where the processes would be deployed."""

    actions: Collection[str]
    plan: StartPlan
    as_executable: bool = False

    def check(self, files: Iterable[tuple[str, Path]]) -> Check:
        """Judge files as one deployment. Never raises for what a file holds, or for one that cannot be opened."""
        surroundings = Surroundings(actions=self.actions, reserved_prefixes=RESERVED_PREFIXES)
        reader = ResourceReader(surroundings, as_executable=self.as_executable)
        names: list[str] = []
        for name, file in files:
            names.append(name)
            self._read_one(reader, name, file)
        catalog = reader.catalog()
        findings = _by_file(names, [*catalog.findings, *self._starts(catalog), *reader.notes()])
        processes = {name: tuple(p.process.id for p in catalog.processes if p.resource_name == name) for name in names}
        return Check(
            tuple(
                CheckedFile(
                    name,
                    _verdict(reader, name, findings[name]),
                    findings[name],
                    processes[name],
                    reader.names.get(name, {}),
                )
                for name in names
            )
        )

    def _read_one(self, reader: ResourceReader, name: str, file: Path) -> None:
        try:
            reader.read(name, _read(file, LARGEST_FILE))
        except PayloadTooLarge:
            reader.standings[name] = Standing.UNREADABLE
            reader.findings.append(Finding("", f"expected at most {LARGEST_FILE} bytes, found more", name))
        except OSError as error:
            reader.standings[name] = Standing.UNREADABLE
            reader.findings.append(Finding("", f"the file cannot be read: {error.strerror or error}", name))
        except Exception as error:  # noqa: BLE001 - the other files still get their verdicts
            reader.standings[name] = Standing.UNREADABLE
            reader.findings.append(Finding("", DEFECT.format(repr(error)), name))

    def _starts(self, catalog: Catalog) -> Iterator[Finding]:
        """Yield what is wrong with times and signal names that are told once, at deployment; nothing twice."""
        for file in catalog.processes:
            path = f"{file.resource_name}/{file.process.id}"
            said = {finding.element_id for finding in catalog.errors if finding.path.startswith(path)}
            for tell in (self.plan.first_timers, self.plan.signals):
                try:
                    tell(file.process, 0, path)
                except DefinitionInvalid as error:
                    yield from (finding for finding in error.findings if finding.element_id not in said)


def _by_file(names: Sequence[str], findings: Iterable[Finding]) -> dict[str, tuple[Finding, ...]]:
    """Return each file's findings, each once; a finding belongs to the longest name that its path begins with."""
    found: dict[str, dict[Finding, None]] = {name: {} for name in names}
    for finding in findings:
        name = finding.path
        while name not in found:
            name = name.rpartition("/")[0]
        found[name][finding] = None
    return {name: tuple(of_file) for name, of_file in found.items()}


def _verdict(reader: ResourceReader, name: str, findings: Sequence[Finding]) -> Verdict:
    special = {
        Standing.PICTURE: Verdict.NOT_EXECUTABLE,
        Standing.OTHER: Verdict.OTHER,
        Standing.UNREADABLE: Verdict.UNREADABLE,
    }
    standing = reader.standings.get(name)
    if standing in special:
        return special[standing]
    errors = {finding for finding in findings if finding.severity == "error"}
    if errors:
        return Verdict.CLASHES if errors <= reader.clashes else Verdict.REFUSED
    if name not in reader.names:
        return Verdict.USABLE
    return Verdict.NORMALISED if any(finding.severity == "note" for finding in findings) else Verdict.RUNS
