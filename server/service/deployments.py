"""Deploying diagrams, forms and decisions; the same content keeps its version."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server import access
from server.actions.registry import RESERVED_PREFIXES
from server.catalog import read_resources
from server.catalog.model import EventKind
from server.catalog.resources import Surroundings
from server.engine import StartPlan
from server.errors import DefinitionInvalid, Forbidden, InvalidArgument, PayloadTooLarge
from server.model import (
    AuditEntry,
    DecisionDefinition,
    FormDefinition,
    ProcessDefinition,
    Requirements,
    StartSubscription,
)
from server.service.feel_functions import feel_functions
from server.service.transactions import retried_once

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from server.access import Actor
    from server.catalog.model import Process
    from server.catalog.resources import Catalog, DecisionFile, FormFile, ProcessFile
    from server.service.context import Context
    from server.store import Reading, Transaction

Resource = tuple[str, bytes]
MOST_FILES = 200
MOST_BYTES = 20 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Deployment:
    """What one deployment defines; unchanged definitions appear with the version they keep."""

    key: int
    processes: tuple[ProcessDefinition, ...]
    forms: tuple[FormDefinition, ...]
    decisions: tuple[DecisionDefinition, ...]

    def definition_keys(self) -> dict[tuple[str, str], int]:
        """Return the keys of everything that is defined, by kind and id."""
        keys = {("process", one.process_id): one.key for one in self.processes}
        keys |= {("form", one.form_id): one.key for one in self.forms}
        return keys | {("decision", one.decision_id): one.key for one in self.decisions}


@dataclass(frozen=True, slots=True)
class _Deployed:
    """The ids that exist already, asked one by one."""

    exists: Callable[[str], object]

    def __contains__(self, definition_id: object) -> bool:
        return self.exists(str(definition_id)) is not None


def check_resources(context: Context, resources: Sequence[Resource], reading: Reading) -> Catalog:
    """Read and judge files; they may refer to each other and to what is deployed already."""
    surroundings = Surroundings(
        forms=_Deployed(reading.latest_form_definition),
        decisions=_Deployed(reading.latest_decision_definition),
        actions=context.actions,
        reserved_prefixes=RESERVED_PREFIXES,
        form_schema=lambda form_id: _schema_of(reading.latest_form_definition(form_id)),
    )
    return read_resources(resources, surroundings)


def _schema_of(record: FormDefinition | None) -> str | None:
    return None if record is None else record.schema


@retried_once
def deploy(context: Context, actor: Actor, resources: Sequence[Resource]) -> Deployment:
    """Deploy files together.

    Raises `DefinitionInvalid` with a finding per mistake (nothing is deployed then), `Forbidden`,
    `PayloadTooLarge` and `InvalidArgument` for no files or names that repeat.
    """
    if not access.may_deploy(actor):
        raise Forbidden("only administrators and clients with the scope to deploy may deploy")
    _check_amount(resources)
    with context.store.transaction() as tx:
        catalog = check_resources(context, resources, tx)
        if catalog.errors:
            raise DefinitionInvalid(catalog.errors)
        key = next(tx.keys)
        now = context.now()
        plan = StartPlan(now, context.config.timezone, feel_functions(context, tx))
        deployment = _Writer(tx, key, plan).write(catalog)
        tx.add_deployment(key, now, actor.name, resources, deployment.definition_keys())
        tx.add_audit([AuditEntry(now, actor.name, "CREATE", "DEPLOYMENT", str(key))])
    return deployment


def _check_amount(resources: Sequence[Resource]) -> None:
    if not resources:
        raise InvalidArgument("expected at least one file (part 'resources'), found none")
    if len(resources) > MOST_FILES:
        raise PayloadTooLarge(f"expected at most {MOST_FILES} files, found {len(resources)}")
    if sum(len(content) for _, content in resources) > MOST_BYTES:
        raise PayloadTooLarge(f"expected at most {MOST_BYTES} bytes in all files together")
    names = [name for name, _ in resources]
    if len(set(names)) < len(names):
        raise InvalidArgument("expected every file to have a name of its own")


@dataclass(frozen=True, slots=True)
class _Writer:
    tx: Transaction
    deployment_key: int
    plan: StartPlan
    requirements: dict[str, Requirements] = field(default_factory=dict)

    def write(self, catalog: Catalog) -> Deployment:
        forms = tuple(self._form(file) for file in catalog.forms)
        decisions = tuple(self._decision(file) for file in catalog.decisions)
        processes = tuple(self._process(file) for file in catalog.processes)
        return Deployment(self.deployment_key, processes, forms, decisions)

    def _form(self, file: FormFile) -> FormDefinition:
        latest = self.tx.latest_form_definition(file.id)
        if latest is not None and latest.content_hash == file.content_hash:
            return latest
        record = FormDefinition(
            key=next(self.tx.keys),
            form_id=file.id,
            version=self.tx.highest_version("form", file.id) + 1,
            resource_name=file.resource_name,
            content_hash=file.content_hash,
            deployment_key=self.deployment_key,
            schema=file.schema,
            version_tag=file.version_tag,
        )
        self.tx.add_form_definition(record)
        return record

    def _decision(self, file: DecisionFile) -> DecisionDefinition:
        latest = self.tx.latest_decision_definition(file.id)
        if latest is not None and latest.content_hash == file.content_hash:
            return latest
        record = DecisionDefinition(
            key=next(self.tx.keys),
            decision_id=file.id,
            version=self.tx.highest_version("decision", file.id) + 1,
            name=file.name,
            resource_name=file.resource_name,
            content_hash=file.content_hash,
            deployment_key=self.deployment_key,
            requirements=self._requirements(file),
        )
        self.tx.add_decision_definition(record)
        return record

    def _requirements(self, file: DecisionFile) -> Requirements:
        """Return the new version of the DMN file that the decision is in, the same for all its decisions."""
        found = self.requirements.get(file.resource_name)
        if found is None:
            latest = self.tx.latest_requirements(file.requirements_id)
            version = 1 if latest is None else latest.version + 1
            found = Requirements(next(self.tx.keys), file.requirements_id, file.requirements_name, version)
            self.requirements[file.resource_name] = found
        return found

    def _process(self, file: ProcessFile) -> ProcessDefinition:
        process = file.process
        latest = self.tx.latest_process_definition(process.id)
        if latest is not None and latest.content_hash == file.content_hash:
            return latest
        record = ProcessDefinition(
            key=next(self.tx.keys),
            process_id=process.id,
            version=self.tx.highest_version("process", process.id) + 1,
            name=process.name,
            version_tag=process.version_tag,
            resource_name=file.resource_name,
            content_hash=file.content_hash,
            deployment_key=self.deployment_key,
            start_form_id=None if process.start_form is None else process.start_form.id.text,
        )
        self.tx.add_process_definition(record)
        self.tx.replace_start_subscriptions(process.id, start_subscriptions(process, record.key))
        place = f"{file.resource_name}/{process.id}"
        self.tx.replace_start_signals(process.id, self.plan.signals(process, record.key, place))
        self.tx.replace_start_timers(process.id, self.plan.first_timers(process, record.key, place))
        return record


def start_subscriptions(process: Process, definition_key: int) -> list[StartSubscription]:
    """Return the message start events of a process."""
    return [
        StartSubscription(process.id, definition_key, node.event.message_name.text, node.id)
        for node in process.body.start_events()
        if node.event is not None and node.event.kind is EventKind.MESSAGE and node.event.message_name is not None
    ]
