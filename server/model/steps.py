"""What one step of an instance changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from server.model.decisions import DecisionInstance
    from server.model.instances import (
        Incident,
        Job,
        MessageSubscription,
        Place,
        ProcessInstance,
        Signal,
        SignalSubscription,
        Timer,
        UserTask,
    )
    from server.model.migrations import InstanceMigration
    from server.model.states import HistoryEvent, InstanceState, JobState, UserTaskState
    from server.model.values import Variables


@dataclass(frozen=True, slots=True)
class VariableChange:
    """A variable written in a scope; `removed` when the scope ended and the search row has to go."""

    scope_key: int
    process_instance_key: int
    root_key: int
    name: str
    value: object = None
    removed: bool = False


@dataclass(frozen=True, slots=True)
class HistoryRecord:
    """One append-only line of the taken path. `element_id` is the flow's id when the event is TAKEN.

    `variables` are those written. `details` say what the event needs: `due` of a timer that fired (ISO time), `message`
    or `signal` that came (name), `incident` (key), `type` and `message` of a stop, `assignee`, what was `previous`.
    `scope_key` is the element instance or process instance that an element was ENTERED in; None for other events.
    """

    key: int
    place: Place
    element_type: str
    event: HistoryEvent
    at: datetime
    actor: str | None
    variables: Variables = field(default_factory=dict)
    details: Variables = field(default_factory=dict)
    scope_key: int | None = None


@dataclass(frozen=True, slots=True)
class UserTaskEnd:
    """A user task that the step closed; `by` is who completed it."""

    key: int
    state: UserTaskState
    at: datetime
    by: str | None = None


@dataclass(frozen=True, slots=True)
class JobEnd:
    """A job that the step closed, or that failed for good."""

    key: int
    state: JobState
    at: datetime
    error_message: str | None = None
    error_code: str | None = None


@dataclass(frozen=True, slots=True)
class InstanceEnd:
    """A process instance that the step ended."""

    key: int
    state: InstanceState
    at: datetime


@dataclass(frozen=True, slots=True)
class TimerMove:
    """A waiting timer that the step gave another due date."""

    key: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class RescheduledTimer:
    """A timer that was evaluated once more: as it waited, and when it is due now.

    `problem` says why it could not be told; then it is due as before.
    """

    timer: Timer
    due_at: datetime
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class StepResult:
    """Everything one step changed, as differences: what is not named here is not touched by the save.

    `state` is the encoded blob of the root instance. Things that were opened and closed within the same step
    appear in neither list, except in the history.
    """

    root_key: int
    state: bytes
    active: bool
    instances_started: tuple[ProcessInstance, ...] = ()
    instances_ended: tuple[InstanceEnd, ...] = ()
    instances_migrated: tuple[InstanceMigration, ...] = ()
    user_tasks_created: tuple[UserTask, ...] = ()
    user_tasks_ended: tuple[UserTaskEnd, ...] = ()
    jobs_created: tuple[Job, ...] = ()
    jobs_ended: tuple[JobEnd, ...] = ()
    timers_created: tuple[Timer, ...] = ()
    timers_removed: tuple[int, ...] = ()
    timers_moved: tuple[TimerMove, ...] = ()
    subscriptions_created: tuple[MessageSubscription, ...] = ()
    subscriptions_removed: tuple[int, ...] = ()
    signal_subscriptions_created: tuple[SignalSubscription, ...] = ()
    signal_subscriptions_removed: tuple[int, ...] = ()
    signals_thrown: tuple[Signal, ...] = ()
    incidents_created: tuple[Incident, ...] = ()
    incidents_resolved: tuple[int, ...] = ()
    variables: tuple[VariableChange, ...] = ()
    history: tuple[HistoryRecord, ...] = ()
    decisions: tuple[DecisionInstance, ...] = ()
