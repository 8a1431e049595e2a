"""The files of one deployment, read and judged together."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from server.catalog.diagram import LONGEST_ID, Standing, read_diagram
from server.catalog.fillable import find_unfillable
from server.catalog.four_eyes import find_missing_first, list_user_tasks
from server.catalog.markup import BPMN, LARGEST_FILE, parse_xml
from server.catalog.model import Binding, JobWork
from server.catalog.notes import find_notes
from server.catalog.privacy import find_exposures
from server.dmn import parse_dmn
from server.errors import InvalidArgument, PayloadTooLarge
from server.forms import check_form
from server.model import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Container, Iterator, Mapping, Sequence

    from server.catalog.model import FlowNode, Process, Reference, SubProcess

HEAD = 8192
"""Bytes in which a file says what it is."""


@dataclass(frozen=True, slots=True)
class FormFile:
    """A form-js schema as it was deployed."""

    id: str
    resource_name: str
    schema: str
    content_hash: str
    version_tag: str | None = None


@dataclass(frozen=True, slots=True)
class DecisionFile:
    """One decision of a DMN file; `requirements_id` and `requirements_name` are those of the file."""

    id: str
    name: str | None
    resource_name: str
    content_hash: str
    requirements_id: str
    requirements_name: str


@dataclass(frozen=True, slots=True)
class ProcessFile:
    """A process, the file it came from, and the hash of everything that decides its behaviour."""

    process: Process
    resource_name: str
    content_hash: str


@dataclass(frozen=True, slots=True)
class Catalog:
    """What one set of files defines and what is wrong with it."""

    processes: tuple[ProcessFile, ...]
    forms: tuple[FormFile, ...]
    decisions: tuple[DecisionFile, ...]
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that stand in the way of a deployment."""
        return tuple(finding for finding in self.findings if finding.severity == "error")

    def hashes(self) -> dict[tuple[str, str], str]:
        """Return the content hash of everything that is defined, by kind and id."""
        return {
            **{("process", file.process.id): file.content_hash for file in self.processes},
            **{("form", file.id): file.content_hash for file in self.forms},
            **{("decision", file.id): file.content_hash for file in self.decisions},
        }


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What exists outside the files: deployed ids, the registered actions and the type prefixes they own."""

    forms: Container[str] = frozenset()
    decisions: Container[str] = frozenset()
    actions: Collection[str] = frozenset()
    reserved_prefixes: tuple[str, ...] = ()
    form_schema: Callable[[str], str | None] = lambda _: None  # of a form that is deployed already


@dataclass(slots=True)
class ResourceReader:
    """Reads files one by one, then judges them together.

    `standings` and `names` (of elements by id) are told by the name of the file; `clashes` are the findings on ids that
    two files use. `as_executable` reads processes that are not marked executable, too.
    """

    surroundings: Surroundings
    as_executable: bool = False
    findings: list[Finding] = field(default_factory=list)
    forms: dict[str, FormFile] = field(default_factory=dict)
    decisions: dict[str, DecisionFile] = field(default_factory=dict)
    processes: list[tuple[Process, str, bytes]] = field(default_factory=list)
    standings: dict[str, Standing] = field(default_factory=dict)
    names: dict[str, Mapping[str, str]] = field(default_factory=dict)
    clashes: set[Finding] = field(default_factory=set)

    def read(self, name: str, content: bytes) -> None:
        """Read a file; what is wrong with it is a finding, but `PayloadTooLarge` is raised."""
        suffix = PurePosixPath(name).suffix.lower()
        if len(content) > LARGEST_FILE:
            raise PayloadTooLarge(f"{name}: expected at most {LARGEST_FILE} bytes, found {len(content)}")
        try:
            if suffix == ".bpmn":
                self._diagram(name, content)
            elif suffix == ".form":
                self._form(name, content)
            elif suffix == ".dmn":
                self._decisions(name, content)
            else:
                self.findings.append(Finding("", "expected a file ending in .bpmn, .dmn or .form", name))
                self.standings[name] = Standing.OTHER
                if looks_like_bpmn(content):
                    self._diagram(name, content)
        except InvalidArgument as error:
            self.standings[name] = Standing.UNREADABLE
            self.findings.append(Finding("", error.message.removeprefix(f"{name}: "), name))

    def _diagram(self, name: str, content: bytes) -> None:
        diagram = read_diagram(name, content, as_executable=self.as_executable)
        self.findings.extend(diagram.findings)
        self.standings[name], self.names[name] = diagram.standing, diagram.names
        for process in diagram.processes:
            twin = next((file for other, file, _ in self.processes if process.id == other.id), None)
            if twin is not None:
                self._clash(process.id, "the process id is used by two diagrams", name, twin)
            self.processes.append((process, name, content))
            self._check_actions(process, name)

    def _form(self, name: str, content: bytes) -> None:
        try:
            text = content.decode("utf-8-sig")
            schema = json.loads(text, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise InvalidArgument(f"{name}: expected a form-js schema in JSON, found: {error}") from error
        form_id = schema.get("id") if isinstance(schema, dict) else None
        if not isinstance(form_id, str) or not _is_id(form_id):
            raise InvalidArgument(f"{name}: expected a form-js schema with an id of at most {LONGEST_ID} characters")
        tag = schema.get("versionTag")
        if tag is not None and not (isinstance(tag, str) and _is_id(tag)):
            raise InvalidArgument(f"{name}: expected a text as versionTag, found {tag!r}")
        self.findings.extend(check_form(schema, name))
        if form_id in self.forms:
            self._clash(form_id, "the form id is used by two files", name, self.forms[form_id].resource_name)
        self.forms[form_id] = FormFile(form_id, name, text, _hash(content), tag)

    def _decisions(self, name: str, content: bytes) -> None:
        parse_xml(name, content)
        model, findings = parse_dmn(content)
        self.findings.extend(Finding(f.element_id, f.message, f"{name}/{f.path}", f.severity) for f in findings)
        if model is None:
            self.standings[name] = Standing.OTHER
            return
        for decision_id, decision in model.decisions.items():
            if decision_id in self.decisions:
                twin = self.decisions[decision_id].resource_name
                self._clash(decision_id, "the decision id is used by two files", name, twin)
            file = DecisionFile(decision_id, decision.label, name, _hash(content), model.id or name, model.name or name)
            self.decisions[decision_id] = file

    def _clash(self, definition_id: str, message: str, name: str, twin: str) -> None:
        finding = Finding(definition_id, f"{message}, here and {twin}", name)
        self.findings.append(finding)
        self.clashes.add(finding)

    def _check_actions(self, process: Process, name: str) -> None:
        known = self.surroundings.actions
        for node in _all_nodes(process.body):
            if not isinstance(node.work, JobWork) or node.work.type.expression is not None:
                continue
            job_type = node.work.type.text
            if job_type.startswith(self.surroundings.reserved_prefixes) and job_type not in known:
                message = f"expected one of the server's actions ({', '.join(sorted(known))}), found {job_type!r}"
                self.findings.append(Finding(node.id, message, f"{name}/{process.id}/{node.id}"))

    def catalog(self) -> Catalog:
        """Judge the files together and return what they define."""
        user_tasks = frozenset().union(*(list_user_tasks(process) for process, _, _ in self.processes))
        for process, name, _ in self.processes:
            self._check_references(process, name)
            self.findings.extend(find_missing_first(process, name, user_tasks))
            self.findings.extend(find_exposures(process, name, self._find_schema))
            self.findings.extend(find_unfillable(process, name, self._find_schema))
        files = tuple(ProcessFile(p, name, self._behaviour_hash(p, content)) for p, name, content in self.processes)
        return Catalog(files, tuple(self.forms.values()), tuple(self.decisions.values()), tuple(self.findings))

    def notes(self) -> Iterator[Finding]:
        """Yield what is executed as something that was not drawn (severity `note`)."""
        for process, name, _ in self.processes:
            yield from find_notes(process, name)

    def _find_schema(self, form_id: str) -> str | None:
        file = self.forms.get(form_id)
        return self.surroundings.form_schema(form_id) if file is None else file.schema

    def _check_references(self, process: Process, name: str) -> None:
        for reference in process.forms:
            self._check_reference(process, name, reference, "form", self.forms, self.surroundings.forms)
        for reference in process.decisions:
            self._check_reference(process, name, reference, "decision", self.decisions, self.surroundings.decisions)
        here = {other.id: other for other, _, _ in self.processes}
        for reference in process.calls:
            if reference.binding is Binding.DEPLOYMENT:  # the others are looked up when the token arrives
                self._check_reference(process, name, reference, "process", here, here)

    def _check_reference(
        self,
        process: Process,
        name: str,
        reference: Reference,
        noun: str,
        here: Mapping[str, object],
        deployed: Container[str],
    ) -> None:
        if reference.id.expression is not None or reference.id.text in here:
            return
        if reference.binding is Binding.DEPLOYMENT:
            message = f"the {noun} {reference.id.text!r} is bound to this deployment but is not among its files"
        elif reference.id.text not in deployed:
            message = f"the {noun} {reference.id.text!r} does not exist; deploy it together with the diagram"
        else:
            return
        self.findings.append(Finding(process.id, message, f"{name}/{process.id}/{noun}[{reference.id.text}]"))

    def _behaviour_hash(self, process: Process, content: bytes) -> str:
        """Hash the diagram and everything that it binds by deployment (architecture.md, decision 3)."""
        contents = {other.id: (other, found) for other, _, found in self.processes}
        bound: dict[str, str] = {}
        waiting, seen = [process], {process.id}
        while waiting:
            at = waiting.pop()
            bound.update(self._bound_files(at))
            for called in _bound_ids(at.calls):
                if called in contents and called not in seen:
                    seen.add(called)
                    other, found = contents[called]
                    bound[f"process {called}"] = _hash(found)
                    waiting.append(other)
        return _hash("\n".join([_hash(content), *(f"{name} {bound[name]}" for name in sorted(bound))]).encode())

    def _bound_files(self, process: Process) -> Iterator[tuple[str, str]]:
        files: list[FormFile | DecisionFile | None] = [
            *(self.forms.get(name) for name in _bound_ids(process.forms)),
            *(self.decisions.get(name) for name in _bound_ids(process.decisions)),
        ]
        return ((f"{file.resource_name} {file.id}", file.content_hash) for file in files if file is not None)


def _bound_ids(references: Sequence[Reference]) -> Iterator[str]:
    return (ref.id.text for ref in references if ref.binding is Binding.DEPLOYMENT and ref.id.expression is None)


def _all_nodes(body: SubProcess) -> Iterator[FlowNode]:
    for node in body.nodes.values():
        yield node
        if node.sub_process is not None:
            yield from _all_nodes(node.sub_process)


def _is_id(text: str) -> bool:
    """Whether a text can be an id: what no database or address can hold is not."""
    return 0 < len(text) <= LONGEST_ID and text.isprintable()


def looks_like_bpmn(content: bytes) -> bool:
    """Whether a file of any name begins like BPMN 2.0, in UTF-8 or UTF-16."""
    return BPMN.encode() in content[:HEAD].replace(b"\x00", b"")


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def read_resources(resources: Sequence[tuple[str, bytes]], surroundings: Surroundings | None = None) -> Catalog:
    """Read files (name, content) that are deployed together.

    Never raises for what is wrong with a file: every mistake is a finding. Only `PayloadTooLarge` passes.
    """
    reader = ResourceReader(surroundings or Surroundings())
    for name, content in resources:
        reader.read(name, content)
    return reader.catalog()
