"""A world for one root instance without a database: rows are kept from the differences that each step returns."""

from __future__ import annotations

import itertools
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from server.catalog import read_resources
from server.catalog.resources import Surroundings
from server.engine import (
    ErrorThrown,
    Execution,
    Start,
    TokenStopped,
    build_process,
    commands,
    finish,
    migration,
    restore,
)
from server.engine.changes import Changes
from server.engine.modification import modify
from server.engine.returns import find_returns, return_to
from server.errors import Conflict, InvalidArgument
from server.model import (
    Decided,
    DecisionDefinition,
    FormDefinition,
    IncidentType,
    MappingInstruction,
    Modification,
    ProcessDefinition,
    Requirements,
    StepResult,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from server.catalog.model import Reference
    from server.engine import ExecutableProcess
    from server.feel import Environment
    from server.model import (
        HistoryRecord,
        Incident,
        InstanceMigration,
        Job,
        MessageSubscription,
        MigrationPlan,
        RescheduledTimer,
        Signal,
        SignalSubscription,
        Timer,
        UserTask,
    )

SHANGHAI = ZoneInfo("Asia/Shanghai")
EMPTY = {field.name: () for field in fields(StepResult) if field.name not in {"root_key", "state", "active"}}
BEGINNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # 09:00 on a Monday in Shanghai


class Deployed:
    """What is deployed, by id; the keys of definitions count from 1."""

    def __init__(self, *diagrams: bytes) -> None:
        files = [(f"d{number}.bpmn", content) for number, content in enumerate(diagrams)]
        catalog = read_resources(files, Surroundings(forms={"f"}, decisions={"double"}))
        assert not catalog.findings, catalog.findings
        self.by_key: dict[int, ExecutableProcess] = {}
        for key, file in enumerate(catalog.processes, 1):
            self.add(key, file)
        self.forms: dict[str, FormDefinition] = {}

    def add(self, key: int, file: object, version: int = 1) -> ExecutableProcess:
        process, name = file.process, file.resource_name
        record = ProcessDefinition(key, process.id, version, process.name, None, name, file.content_hash, version)
        self.by_key[key] = build_process(record, process)
        return self.by_key[key]

    def add_version(self, diagram: bytes, process_id: str | None = None) -> ExecutableProcess:
        """Deploy a process of a diagram, or its first, once more; call activities go on to mean the first version."""
        catalog = read_resources([("next.bpmn", diagram)], Surroundings(forms={"f"}, decisions={"double"}))
        assert not catalog.findings, catalog.findings
        versions = [p.definition.version for p in self.by_key.values()]
        found = next(file for file in catalog.processes if process_id in {None, file.process.id})
        return self.add(max(self.by_key) + 1, found, max(versions) + 1)

    def process(self, key: int) -> ExecutableProcess:
        return self.by_key[key]

    def find_process(self, reference: Reference, process_id: str, deployment_key: int) -> ExecutableProcess | None:
        return next((p for p in self.by_key.values() if p.process.id == process_id), None)

    def find_form(self, reference: Reference, form_id: str, deployment_key: int) -> FormDefinition | None:
        return self.forms.get(form_id)

    def decide(
        self, reference: Reference, decision_id: str, deployment_key: int, view: Mapping[str, object], env: Environment
    ) -> Decided:
        if decision_id != "double":
            raise TokenStopped(IncidentType.DECISION_EVALUATION_ERROR, f"no decision {decision_id}")
        return Decided(DOUBLE, {"result": view["n"] * 2})


DOUBLE = DecisionDefinition(1, "double", 1, None, "double.dmn", "", 1, Requirements(1, "double", "double", 1))
BESIDE = {"STOPPED", "RESOLVED", "EDITED"}
"""Events of the history that are no part of the path."""


class World:
    """Runs one root instance; `reload` encodes and decodes the state before every command."""

    def __init__(self, *diagrams: bytes, reload: bool = True) -> None:
        self.deployed = Deployed(*diagrams)
        self.reload = reload
        self.keys = itertools.count(1000)
        self.now = BEGINNING
        self.execution: Execution | None = None
        self.state = b""
        self.active = False
        self.tasks: dict[int, UserTask] = {}
        self.jobs: dict[int, Job] = {}
        self.timers: dict[int, Timer] = {}
        self.subscriptions: dict[int, MessageSubscription] = {}
        self.signal_subscriptions: dict[int, SignalSubscription] = {}
        self.thrown: list[Signal] = []
        self.incidents: dict[int, Incident] = {}
        self.rows: dict[tuple[int, str], object] = {}
        self.history: list[tuple[str, str]] = []
        self.lines: list[HistoryRecord] = []
        self.instances: dict[int, object] = {}
        self.ended: dict[int, str] = {}
        self.root_key = 0
        self.result: StepResult | None = None
        self.used: set[int] = set()
        self.plan: MigrationPlan | None = None

    # -- stepping --------------------------------------------------------------------------------------------------

    def _open(self) -> Execution:
        if self.execution is not None and not self.reload:
            self.execution.changes = Changes()
            self.execution.scopes.closed.clear()
            for scope in self.execution.scopes.scopes.values():
                scope.stored = set(scope.variables)
                scope.changed.clear()
            self.execution.moves = 0
            self.execution.now = self.now
            self.execution.environment = type(self.execution.environment)(now=self.now, zone=SHANGHAI, functions={})
            return self.execution
        execution = Execution(self.deployed, self.keys, self.now, SHANGHAI, actor="ann")
        if self.state:
            restore(execution, self.state)
        self.execution = execution
        return execution

    def _close(self, execution: Execution) -> StepResult:
        result = self.result = finish(execution)
        self.state, self.active = result.state, result.active
        self._check_keys(result)
        for record in result.instances_started:
            self.instances[record.key] = record
        for moved in result.instances_migrated:
            self._migrate_rows(moved)
        self.ended.update({end.key: str(end.state) for end in result.instances_ended})
        self._keep(self.tasks, result.user_tasks_created, [end.key for end in result.user_tasks_ended])
        self._keep(self.jobs, result.jobs_created, [end.key for end in result.jobs_ended])
        self._keep(self.timers, result.timers_created, result.timers_removed)
        for move in result.timers_moved:
            self.timers[move.key] = replace(self.timers[move.key], due_at=move.due_at)
        self._keep(self.subscriptions, result.subscriptions_created, result.subscriptions_removed)
        opened, gone = result.signal_subscriptions_created, result.signal_subscriptions_removed
        self._keep(self.signal_subscriptions, opened, gone)
        self.thrown += result.signals_thrown
        self._keep(self.incidents, result.incidents_created, result.incidents_resolved)
        for change in result.variables:
            if change.removed:
                del self.rows[change.scope_key, change.name]
            else:
                self.rows[change.scope_key, change.name] = change.value
        self.lines += result.history
        self.history += [(line.place.element_id, str(line.event)) for line in result.history]
        return result

    def _check_keys(self, result: StepResult) -> None:
        """Keys are never used twice, and nothing is told twice."""
        made = (
            *result.instances_started, *result.user_tasks_created, *result.jobs_created, *result.timers_created,
            *result.subscriptions_created, *result.incidents_created, *result.history,
            *result.signal_subscriptions_created, *result.signals_thrown,
        )  # fmt: skip
        keys = [record.key for record in made]
        assert len(set(keys)) == len(keys)
        assert self.used.isdisjoint(keys)
        self.used.update(keys)
        lines = [line.key for line in result.history]
        assert lines == sorted(lines), "the history is in the order of what happened"
        told = [(change.scope_key, change.name) for change in result.variables]
        assert len(set(told)) == len(told)

    @staticmethod
    def _keep(rows: dict, created: tuple, ended: object) -> None:
        for key in ended:
            del rows[key]
        for record in created:
            assert record.key not in rows
            rows[record.key] = record

    def _migrate_rows(self, moved: InstanceMigration) -> None:
        """Keep the rows as the store does: place and name are another element's, everything else stays."""
        definition = {"process_definition_key": moved.process_definition_key, "process_id": moved.process_id}
        self.instances[moved.key] = replace(self.instances[moved.key], version=moved.version, **definition)
        for rows, moves in (
            (self.tasks, moved.user_tasks), (self.jobs, moved.jobs), (self.timers, moved.timers),
            (self.subscriptions, moved.subscriptions), (self.signal_subscriptions, moved.signal_subscriptions),
            (self.incidents, moved.incidents),
        ):  # fmt: skip
            for one in moves:
                place = replace(rows[one.key].place, element_id=one.element_id, **definition)
                rows[one.key] = replace(rows[one.key], place=place)
                if rows is self.tasks:
                    rows[one.key] = replace(rows[one.key], name=one.name)

    # -- commands --------------------------------------------------------------------------------------------------

    def start(self, process_id: str | None = None, /, *, at: str | None = None, **variables: object) -> World:
        execution = self._open()
        found = self.deployed.by_key[1] if process_id is None else self.deployed.find_process(None, process_id, 1)
        self.root_key = commands.start(execution, found, Start(variables, start_event=at)).key
        self._close(execution)
        return self

    def complete(self, element_id: str, /, **variables: object) -> World:
        task = self._one(self.tasks, element_id)
        execution = self._open()
        commands.complete_user_task(execution, task.place.element_instance_key, variables)
        self._close(execution)
        return self

    def finish_job(self, element_id: str, /, **variables: object) -> World:
        job = self._one(self.jobs, element_id)
        execution = self._open()
        commands.complete_job(execution, job.place.element_instance_key, variables)
        self._close(execution)
        return self

    def throw(self, element_id: str, code: str, /, **variables: object) -> World:
        job = self._one(self.jobs, element_id)
        execution = self._open()
        commands.throw_job_error(execution, job.place.element_instance_key, ErrorThrown(code, "", variables))
        self._close(execution)
        return self

    def give_up(self, element_id: str, message: str) -> World:
        job = self._one(self.jobs, element_id)
        execution = self._open()
        commands.give_up_job(execution, job, message)
        self._close(execution)
        return self

    def wait(self, **duration: float) -> World:
        """Move time; due timers fire in due order at their own times."""
        until = self.now + timedelta(**duration)
        while due := sorted((t.due_at, t.key) for t in self.timers.values() if t.due_at <= until):
            at, key = due[0]
            self.now = max(self.now, at)
            execution = self._open()
            commands.fire_timer(execution, self.timers[key].place.element_instance_key)
            self._close(execution)
        self.now = until
        return self

    def send(self, name: str, key: str, /, **variables: object) -> World:
        found = [s for s in self.subscriptions.values() if (s.message_name, s.correlation_key) == (name, key)]
        assert found, f"nobody waits for {name} {key}: {self.subscriptions}"
        execution = self._open()
        commands.correlate(execution, found[0].place.element_instance_key, variables)
        self._close(execution)
        return self

    def activate(self, element_id: str, /, *, cancel: bool = False, **elements: dict[str, object]) -> World:
        """Let elements of an ad-hoc sub-process begin, each with variables of its own."""
        execution = self._open()
        containers = execution.root.subprocesses
        key = next(key for key, inside in containers.items() if inside.owner.node.id == element_id)
        commands.activate_elements(execution, key, elements, cancel_remaining=cancel)
        self._close(execution)
        return self

    def signal(self, name: str, /, **variables: object) -> World:
        """Let everybody who waits for a signal now receive it, each in a step of its own."""
        found = [key for key, one in self.signal_subscriptions.items() if one.signal_name == name]
        assert found, f"nobody waits for {name}: {self.signal_subscriptions}"
        for key in found:
            if key in self.signal_subscriptions:
                execution = self._open()
                place = self.signal_subscriptions[key].place
                commands.receive_signal(execution, place.element_instance_key, variables)
                self._close(execution)
        return self

    def resolve(self, /, **variables: object) -> World:
        """Edit variables of the instance, then resolve its only incident."""
        (incident,) = self.incidents.values()
        execution = self._open()
        if variables:
            commands.set_variables(execution, self.root_key, variables, local=False)
        commands.resolve_incident(execution, incident.place.element_instance_key, incident.key)
        self._close(execution)
        return self

    def fix(self, element_id: str) -> World:
        """Resolve the incident at an element."""
        incident = self._one(self.incidents, element_id)
        execution = self._open()
        commands.resolve_incident(execution, incident.place.element_instance_key, incident.key)
        self._close(execution)
        return self

    def write(self, scope_key: int, /, *, local: bool = False, **variables: object) -> World:
        """Write variables as an operator."""
        execution = self._open()
        commands.set_variables(execution, scope_key, variables, local=local)
        self._close(execution)
        return self

    def migrate(
        self, diagram: bytes, /, *, key: int | None = None, same_ids: bool = True, **mapped: str
    ) -> tuple[str, ...]:
        """Migrate to a new version of the process; returns the reasons of what cannot move, () when it has moved."""
        target = self.deployed.add_version(diagram)
        return self.migrate_to(target, key=key, same_ids=same_ids, **mapped)

    def migrate_to(
        self, target: ExecutableProcess, *, key: int | None = None, same_ids: bool = True, **mapped: str
    ) -> tuple[str, ...]:
        instructions = [MappingInstruction(source, aim) for source, aim in mapped.items()]
        execution = self._open()
        plan = migration.migrate(execution, key or self.root_key, target, instructions, same_ids=same_ids)
        self.plan = plan
        if plan.movable:
            self._close(execution)
        elif not self.reload:  # what was met on the way has left its traces
            self.execution = Execution(self.deployed, self.keys, self.now, SHANGHAI, actor="ann")
            restore(self.execution, self.state)
        return tuple(f"{finding.element_id}: {finding.reason}" for finding in plan.findings)

    def fire(self, element_id: str) -> World:
        """Let the timer at an element fire, whether it is due or not."""
        timer = self._one(self.timers, element_id)
        execution = self._open()
        commands.fire_timer(execution, timer.place.element_instance_key)
        self._close(execution)
        return self

    def reschedule(self) -> tuple[RescheduledTimer, ...]:
        """Evaluate the waiting timers once more."""
        execution = self._open()
        told = commands.reschedule(execution, self.timers.values())
        self._close(execution)
        return told

    def cancel(self) -> World:
        execution = self._open()
        commands.cancel(execution)
        self._close(execution)
        return self

    def modify(self, *, of: int | None = None, **instructions: object) -> World:
        """Modify the root instance, or the one with the key `of`; a refusal must leave everything as it was."""
        return self._try(lambda execution: modify(execution, of or self.root_key, Modification(**instructions)))

    def return_to(self, element_id: str, target_id: str, visited: Collection[str] | None = None) -> World:
        """Send the token that waits at an element back to an earlier one."""
        key = self.instance_of(element_id)
        back = self.passed() if visited is None else visited
        return self._try(lambda execution: return_to(execution, key, target_id, back))

    def returns(self, element_id: str) -> tuple[str, ...]:
        """Return where the token that waits at an element may go back to."""
        return find_returns(self._open(), self.instance_of(element_id), self.passed())

    def _try(self, command: Callable[[Execution], object]) -> World:
        execution = self._open()
        try:
            command(execution)
        except (Conflict, InvalidArgument):
            assert finish(execution) == replace(self.result, **EMPTY), "a refused command has changed something"
            raise
        self._close(execution)
        return self

    # -- looking ---------------------------------------------------------------------------------------------------

    def _one(self, rows: dict, element_id: str) -> object:
        """Return an open row at an element: of jobs, one without an incident if there is one."""
        given_up = {incident.job_key for incident in self.incidents.values()}
        found = [row for row in rows.values() if row.place.element_id == element_id]
        found.sort(key=lambda row: row.key in given_up)
        assert found, f"expected {element_id} to be open, but open are {self.open}"
        return found[0]

    @property
    def open(self) -> list[str]:
        """Element ids of everything that waits, sorted."""
        rows = [*self.tasks.values(), *self.jobs.values()]
        return sorted(row.place.element_id for row in rows)

    @property
    def workable(self) -> list[str]:
        """Element ids of the jobs without an incident."""
        given_up = {incident.job_key for incident in self.incidents.values()}
        return sorted({job.place.element_id for job in self.jobs.values() if job.key not in given_up})

    def instance_of(self, element_id: str) -> int:
        """Return the key of the element instance where something is open."""
        rows = {**self.tasks, **self.jobs, **self.timers, **self.subscriptions, **self.incidents}
        return self._one(rows, element_id).place.element_instance_key

    def local(self, scope_key: int) -> dict[str, object]:
        """Return the variables of a scope."""
        return {name: value for (scope, name), value in self.rows.items() if scope == scope_key}

    @property
    def stopped(self) -> list[tuple[str, str]]:
        """Where tokens have stopped: (element id, type of the incident), sorted."""
        return sorted((i.place.element_id, str(i.type)) for i in self.incidents.values())

    @property
    def variables(self) -> dict[str, object]:
        return {name: value for (scope, name), value in self.rows.items() if scope == self.root_key}

    def passed(self, event: str = "COMPLETED") -> list[str]:
        return [element_id for element_id, what in self.history if what == event]
