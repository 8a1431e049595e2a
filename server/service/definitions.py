"""Deployed resources made ready to use: read from the store once, then shared by all threads.

Definitions never change, so what is cached by key stays true. What may change (the latest version) is always asked.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar, cast

from server.catalog import read_resources
from server.catalog.diagram import read_diagram
from server.catalog.model import Binding
from server.dmn import parse_dmn
from server.engine import ExecutableProcess, TokenStopped, build_process
from server.errors import NotFound
from server.forms import parse_form
from server.model import IncidentType
from server.service.decisions import evaluate_decision, refuse_silence

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from server.catalog.model import Reference
    from server.dmn import DecisionModel
    from server.feel import Environment
    from server.forms import Form
    from server.model import Decided, DecisionDefinition, FormDefinition, ProcessDefinition
    from server.store import Reading

Made = TypeVar("Made")
MOST_ENTRIES = 2000


@dataclass(slots=True)
class DefinitionCache:
    """A bounded cache, least recently used out first; safe for threads."""

    _entries: OrderedDict[Hashable, object] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """Return what is cached under `key`, or make it; two threads may make the same thing twice."""
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
                return cast("Made", self._entries[key])
        made = make()
        with self._lock:
            self._entries[key] = made
            if len(self._entries) > MOST_ENTRIES:
                self._entries.popitem(last=False)
        return made


@dataclass(frozen=True, slots=True)
class DefinitionReader:
    """Definitions as one transaction sees them; the engine asks it during a step (`engine.Definitions`)."""

    cache: DefinitionCache
    reading: Reading

    def record(self, key: int) -> ProcessDefinition:
        """Return the record of a process definition; raises `NotFound`."""
        return self.cache.get(("record", key), lambda: self._load_record(key))

    def _load_record(self, key: int) -> ProcessDefinition:
        record = self.reading.process_definition(key)
        if record is None:
            raise NotFound(f"there is no process definition with key {key}")
        return record

    def process(self, key: int) -> ExecutableProcess:
        """Return the executable process of a definition; raises `NotFound`."""
        return self.cache.get(("process", key), lambda: self._load_process(key))

    def _load_process(self, key: int) -> ExecutableProcess:
        record = self.record(key)
        content = self.reading.resource(record.deployment_key, record.resource_name)
        if content is None:
            raise NotFound(f"the diagram {record.resource_name} of deployment {record.deployment_key} is not stored")
        diagram = read_diagram(record.resource_name, content)
        process = next(process for process in diagram.processes if process.id == record.process_id)
        return build_process(record, process)

    def form(self, key: int) -> tuple[FormDefinition, Form]:
        """Return a form's record and its parsed schema; raises `NotFound`."""
        return self.cache.get(("form", key), lambda: self._load_form(key))

    def _load_form(self, key: int) -> tuple[FormDefinition, Form]:
        record = self.reading.form_definition(key)
        if record is None:
            raise NotFound(f"there is no form with key {key}")
        return record, parse_form(record.schema)

    def find_process(self, reference: Reference, process_id: str, deployment_key: int) -> ExecutableProcess | None:
        """Return the process that a call activity means."""
        record: ProcessDefinition | None
        if reference.binding is Binding.DEPLOYMENT:
            record = cast("ProcessDefinition | None", self._of_deployment("process", process_id, deployment_key))
        elif reference.binding is Binding.VERSION_TAG:
            record = self.reading.process_definition_by_tag(process_id, reference.version_tag or "")
        else:
            record = self.reading.latest_process_definition(process_id)
        return None if record is None else self.process(record.key)

    def find_form(self, reference: Reference, form_id: str, deployment_key: int) -> FormDefinition | None:
        """Return the form that a user task means."""
        if reference.binding is Binding.DEPLOYMENT:
            return cast("FormDefinition | None", self._of_deployment("form", form_id, deployment_key))
        if reference.binding is Binding.VERSION_TAG:
            return self.reading.form_definition_by_tag(form_id, reference.version_tag or "")
        key = self.reading.latest_form_key(form_id)
        return None if key is None else self.form(key)[0]

    def find_decision(self, reference: Reference, decision_id: str, deployment_key: int) -> DecisionDefinition | None:
        """Return the decision that a business rule task means."""
        if reference.binding is Binding.DEPLOYMENT:
            return cast("DecisionDefinition | None", self._of_deployment("decision", decision_id, deployment_key))
        if reference.binding is Binding.VERSION_TAG:
            return self.reading.decision_definition_by_tag(decision_id, reference.version_tag or "")
        return self.reading.latest_decision_definition(decision_id)

    def decide(
        self,
        reference: Reference,
        decision_id: str,
        deployment_key: int,
        view: Mapping[str, object],
        environment: Environment,
    ) -> Decided:
        """Return what a decision answers, or why it cannot; raises `TokenStopped` when it is not deployed."""
        record = self.find_decision(reference, decision_id, deployment_key)
        if record is None:
            message = f"expected a deployed decision {decision_id!r} ({reference.binding}), found none; deploy it"
            raise TokenStopped(IncidentType.DECISION_EVALUATION_ERROR, message)
        model = self.decision_model(record)
        return refuse_silence(evaluate_decision(model, record, self.decisions_beside(record), view, environment))

    def decisions_beside(self, record: DecisionDefinition) -> Mapping[str, DecisionDefinition]:
        """Return the decisions of the same DMN file by id."""
        key = record.requirements.key
        return self.cache.get(("decisions", key), lambda: self._load_decisions(key))

    def _load_decisions(self, requirements_key: int) -> dict[str, DecisionDefinition]:
        return {one.decision_id: one for one in self.reading.decisions_of_requirements(requirements_key)}

    def decision_model(self, record: DecisionDefinition) -> DecisionModel:
        """Return the parsed DMN file of a decision."""
        return self.cache.get(("decision", record.key), lambda: self._load_decision_model(record))

    def _load_decision_model(self, record: DecisionDefinition) -> DecisionModel:
        content = self.reading.resource(record.deployment_key, record.resource_name)
        model, _ = parse_dmn(content or b"")
        if model is None:
            raise NotFound(f"the decisions {record.resource_name} of deployment {record.deployment_key} are not stored")
        return model

    def _of_deployment(self, kind: str, definition_id: str, deployment_key: int) -> object:
        """Return the definition that was deployed together with `deployment_key`."""
        key = ("deployment", deployment_key, kind, definition_id)
        return self.cache.get(key, lambda: self._load_of_deployment(kind, definition_id, deployment_key))

    def _load_of_deployment(self, kind: str, definition_id: str, deployment_key: int) -> object:
        found = self.reading.definition_of_deployment(kind, definition_id, deployment_key)
        if found is not None:
            return found
        # Earlier servers did not note down what a deployment defines: its files are asked for the content.
        hashes = self.cache.get(("hashes", deployment_key), lambda: self._hashes(deployment_key))
        content_hash = hashes.get((kind, definition_id))
        return None if content_hash is None else self.reading.definition_by_hash(kind, definition_id, content_hash)

    def _hashes(self, deployment_key: int) -> dict[tuple[str, str], str]:
        names = self.reading.resource_names(deployment_key)
        files = [(name, self.reading.resource(deployment_key, name) or b"") for name in names]
        return read_resources(files).hashes()
