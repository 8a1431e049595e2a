"""What one step changed, collected as it happens; opened and closed within the step cancel out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from server.model import (
    MOST_SIGNALS,
    JobEnd,
    JobState,
    StepResult,
    TimerMove,
    UserTaskEnd,
    UserTaskState,
    VariableChange,
)

if TYPE_CHECKING:
    from datetime import datetime

    from server.engine.scopes import ScopeTree
    from server.model import (
        DecisionInstance,
        HistoryRecord,
        Incident,
        InstanceEnd,
        InstanceMigration,
        Job,
        MessageSubscription,
        ProcessInstance,
        Signal,
        SignalSubscription,
        Timer,
        UserTask,
    )


@dataclass(slots=True)
class Changes:
    """Lists that become a `StepResult`."""

    instances_started: list[ProcessInstance] = field(default_factory=list)
    instances_ended: list[InstanceEnd] = field(default_factory=list)
    instances_migrated: list[InstanceMigration] = field(default_factory=list)
    user_tasks: dict[int, UserTask] = field(default_factory=dict)
    user_tasks_ended: dict[int, UserTaskEnd] = field(default_factory=dict)
    jobs: dict[int, Job] = field(default_factory=dict)
    jobs_ended: dict[int, JobEnd] = field(default_factory=dict)
    timers: dict[int, Timer] = field(default_factory=dict)
    timers_removed: list[int] = field(default_factory=list)
    timers_moved: dict[int, TimerMove] = field(default_factory=dict)
    subscriptions: dict[int, MessageSubscription] = field(default_factory=dict)
    subscriptions_removed: list[int] = field(default_factory=list)
    signal_subscriptions: dict[int, SignalSubscription] = field(default_factory=dict)
    signal_subscriptions_removed: list[int] = field(default_factory=list)
    signals: list[tuple[Signal, frozenset[int]]] = field(default_factory=list)
    signal_budget: int = MOST_SIGNALS
    """How many signals the step may throw, with everything that comes of them."""
    incidents: dict[int, Incident] = field(default_factory=dict)
    incidents_resolved: list[int] = field(default_factory=list)
    history: list[HistoryRecord] = field(default_factory=list)
    decisions: list[DecisionInstance] = field(default_factory=list)

    def end_user_task(self, key: int, state: UserTaskState, at: datetime, by: str | None = None) -> None:
        """Note that a user task was closed; `by` is who completed it."""
        if self.user_tasks.pop(key, None) is None:
            self.user_tasks_ended[key] = UserTaskEnd(key, state, at, by)

    def end_job(self, key: int, state: JobState, at: datetime) -> None:
        """Note that a job was closed."""
        if self.jobs.pop(key, None) is None:
            self.jobs_ended[key] = JobEnd(key, state, at)

    def move_timer(self, key: int, due_at: datetime) -> None:
        """Note that a waiting timer has another due date; its row stays the same."""
        created = self.timers.get(key)
        if created is None:
            self.timers_moved[key] = TimerMove(key, due_at)
        else:
            self.timers[key] = replace(created, due_at=due_at)

    def remove_timer(self, key: int) -> None:
        """Note that a timer no longer waits."""
        self.timers_moved.pop(key, None)
        if self.timers.pop(key, None) is None:
            self.timers_removed.append(key)

    def remove_subscription(self, key: int) -> None:
        """Note that nobody waits for a message any more."""
        if self.subscriptions.pop(key, None) is None:
            self.subscriptions_removed.append(key)

    def remove_signal_subscription(self, key: int) -> None:
        """Note that nobody waits for a signal any more."""
        if self.signal_subscriptions.pop(key, None) is None:
            self.signal_subscriptions_removed.append(key)

    def throw_signal(self, signal: Signal) -> None:
        """Note a thrown signal; it reaches who waits at this moment, not who begins to wait later in the step."""
        self.signals.append((signal, frozenset(self.signal_subscriptions)))

    def _thrown(self) -> tuple[Signal, ...]:
        opened, count = self.signal_subscriptions, len(self.signals)
        return tuple(
            replace(
                signal,
                missed=tuple(key for key in opened if key not in waiting),
                further=(self.signal_budget - count) // count,
            )
            for signal, waiting in self.signals
        )

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
            instances_migrated=tuple(self.instances_migrated),
            user_tasks_created=tuple(self.user_tasks.values()),
            user_tasks_ended=tuple(self.user_tasks_ended.values()),
            jobs_created=tuple(self.jobs.values()),
            jobs_ended=tuple(self.jobs_ended.values()),
            timers_created=tuple(self.timers.values()),
            timers_removed=tuple(self.timers_removed),
            timers_moved=tuple(self.timers_moved.values()),
            subscriptions_created=tuple(self.subscriptions.values()),
            subscriptions_removed=tuple(self.subscriptions_removed),
            signal_subscriptions_created=tuple(self.signal_subscriptions.values()),
            signal_subscriptions_removed=tuple(self.signal_subscriptions_removed),
            signals_thrown=self._thrown(),
            incidents_created=tuple(self.incidents.values()),
            incidents_resolved=tuple(self.incidents_resolved),
            variables=_variable_changes(root_key, scopes),
            history=tuple(self.history),
            decisions=tuple(self.decisions),
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
