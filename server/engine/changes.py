"""What one step changed, collected as it happens; opened and closed within the step cancel out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server.model import JobEnd, JobState, StepResult, UserTaskEnd, UserTaskState, VariableChange

if TYPE_CHECKING:
    from datetime import datetime

    from server.engine.scopes import ScopeTree
    from server.model import (
        HistoryRecord,
        Incident,
        InstanceEnd,
        Job,
        MessageSubscription,
        ProcessInstance,
        Timer,
        UserTask,
    )


@dataclass(slots=True)
class Changes:
    """Lists that become a `StepResult`."""

    instances_started: list[ProcessInstance] = field(default_factory=list)
    instances_ended: list[InstanceEnd] = field(default_factory=list)
    user_tasks: dict[int, UserTask] = field(default_factory=dict)
    user_tasks_ended: dict[int, UserTaskEnd] = field(default_factory=dict)
    jobs: dict[int, Job] = field(default_factory=dict)
    jobs_ended: dict[int, JobEnd] = field(default_factory=dict)
    timers: dict[int, Timer] = field(default_factory=dict)
    timers_removed: list[int] = field(default_factory=list)
    subscriptions: dict[int, MessageSubscription] = field(default_factory=dict)
    subscriptions_removed: list[int] = field(default_factory=list)
    incidents: dict[int, Incident] = field(default_factory=dict)
    incidents_resolved: list[int] = field(default_factory=list)
    history: list[HistoryRecord] = field(default_factory=list)

    def end_user_task(self, key: int, state: UserTaskState, at: datetime) -> None:
        """Note that a user task was closed."""
        if self.user_tasks.pop(key, None) is None:
            self.user_tasks_ended[key] = UserTaskEnd(key, state, at)

    def end_job(self, key: int, state: JobState, at: datetime) -> None:
        """Note that a job was closed."""
        if self.jobs.pop(key, None) is None:
            self.jobs_ended[key] = JobEnd(key, state, at)

    def remove_timer(self, key: int) -> None:
        """Note that a timer no longer waits."""
        if self.timers.pop(key, None) is None:
            self.timers_removed.append(key)

    def remove_subscription(self, key: int) -> None:
        """Note that nobody waits for a message any more."""
        if self.subscriptions.pop(key, None) is None:
            self.subscriptions_removed.append(key)

    def resolve_incident(self, key: int) -> None:
        """Note that an incident is over."""
        if self.incidents.pop(key, None) is None:
            self.incidents_resolved.append(key)

    def result(self, root_key: int, state: bytes, scopes: ScopeTree, *, active: bool) -> StepResult:
        """Return the differences for the store."""
        return StepResult(
            root_key=root_key,
            state=state,
            active=active,
            instances_started=tuple(self.instances_started),
            instances_ended=tuple(self.instances_ended),
            user_tasks_created=tuple(self.user_tasks.values()),
            user_tasks_ended=tuple(self.user_tasks_ended.values()),
            jobs_created=tuple(self.jobs.values()),
            jobs_ended=tuple(self.jobs_ended.values()),
            timers_created=tuple(self.timers.values()),
            timers_removed=tuple(self.timers_removed),
            subscriptions_created=tuple(self.subscriptions.values()),
            subscriptions_removed=tuple(self.subscriptions_removed),
            incidents_created=tuple(self.incidents.values()),
            incidents_resolved=tuple(self.incidents_resolved),
            variables=_variable_changes(root_key, scopes),
            history=tuple(self.history),
        )


def _variable_changes(root_key: int, scopes: ScopeTree) -> tuple[VariableChange, ...]:
    """Return written variables of open scopes and of ended process instances, and removals of ended local scopes."""
    changes = [
        VariableChange(scope.key, scope.instance_key, root_key, name, scope.variables[name])
        for scope in (*scopes.scopes.values(), *scopes.closed)
        if scope.key in scopes.scopes or scope.parent is None
        for name in sorted(scope.changed)
    ]
    changes += [
        VariableChange(scope.key, scope.instance_key, root_key, name, removed=True)
        for scope in scopes.closed
        if scope.parent is not None
        for name in sorted(scope.stored)
    ]
    return tuple(changes)
