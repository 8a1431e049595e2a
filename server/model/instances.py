"""Running instances and what waits in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

    from server.model.hand_offs import CoSigner
    from server.model.private import Sealed
    from server.model.states import ElementState, IncidentState, IncidentType, InstanceState, JobState, UserTaskState
    from server.model.values import Variables


MOST_SIGNALS = 10_000
"""Signals that may come of one, thrown in the steps that it sets off, those that they set off, and so on."""


@dataclass(frozen=True, slots=True)
class ProcessInstance:
    """A running or ended process instance. A called process has its own record, with parent and root.

    `started_by` is the actor's name; `start_correlation_key` that of the message it began with; `suspended_date` is
    None unless it is suspended.
    """

    key: int
    root_key: int
    process_definition_key: int
    process_id: str
    version: int
    state: InstanceState
    start_date: datetime
    end_date: datetime | None = None
    parent_key: int | None = None
    parent_element_instance_key: int | None = None
    business_id: str | None = None
    tags: tuple[str, ...] = ()
    started_by: str | None = None
    start_correlation_key: str | None = None
    suspended_date: datetime | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the running system something is: the element instance and the instances around it."""

    element_id: str
    element_instance_key: int
    process_instance_key: int
    root_key: int
    process_definition_key: int
    process_id: str


@dataclass(frozen=True, slots=True)
class UserTask:
    """A task for people. `form_key` is the deployed form it was bound to when it opened.

    `owner` has delegated it to the assignee and gets it back; `copied_to` are people who may look at it.
    """

    key: int
    place: Place
    name: str | None
    state: UserTaskState
    creation_date: datetime
    assignee: str | None = None
    candidate_groups: tuple[str, ...] = ()
    candidate_users: tuple[str, ...] = ()
    due_date: datetime | None = None
    follow_up_date: datetime | None = None
    priority: int = 50
    form_key: int | None = None
    external_form_reference: str | None = None
    completion_date: datetime | None = None
    custom_headers: Mapping[str, str] = field(default_factory=dict)
    owner: str | None = None
    co_signers: tuple[CoSigner, ...] = ()
    copied_to: tuple[str, ...] = ()
    completed_by: str | None = None


@dataclass(frozen=True, slots=True)
class Labels:
    """What somebody who started a root instance wrote on it, for programs that look for their own."""

    business_id: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """Work for an action or an outside worker. `updated_at`: last offered, leased, failed, changed or ended.

    `lease_token` is that of the last activation that asked for one: whoever completes the job has to know it.
    """

    key: int
    place: Place
    type: str
    state: JobState
    retries: int
    creation_date: datetime
    custom_headers: Mapping[str, str] = field(default_factory=dict)
    worker: str | None = None
    deadline: datetime | None = None
    error_message: str | None = None
    error_code: str | None = None
    end_date: datetime | None = None
    updated_at: datetime | None = None
    lease_token: str | None = None


@dataclass(frozen=True, slots=True)
class Timer:
    """A waiting timer; the row is deleted when it fires or its element is left.

    `creation_date` is when it began to wait, here and in subscriptions.
    """

    key: int
    place: Place
    due_at: datetime
    creation_date: datetime | None = None
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class MessageSubscription:
    """An element instance that waits for a message; unique by name and correlation key within its instance."""

    key: int
    place: Place
    message_name: str
    correlation_key: str
    creation_date: datetime | None = None


@dataclass(frozen=True, slots=True)
class MessageSubscriptionView:
    """A message subscription with the name and version of its process, as searches find it."""

    subscription: MessageSubscription
    process_name: str | None
    version: int | None


@dataclass(frozen=True, slots=True)
class SignalSubscription:
    """An element instance that waits for a signal; it may take many when it does not interrupt."""

    key: int
    place: Place
    signal_name: str
    creation_date: datetime | None = None
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class Signal:
    """A thrown signal. `actor` broadcast it from outside; None: a process threw it.

    `missed` are subscriptions of that name that were opened after it in the same step. `further` is how many signals
    may come of it at once: so a process that begins with a signal and throws it does not run for ever. What comes from
    outside is `sealed` until everybody has received it; a process has only references in the place of private values.
    """

    key: int
    name: str
    variables: Variables
    actor: str | None = None
    missed: tuple[int, ...] = ()
    further: int = MOST_SIGNALS
    sealed: Sealed | None = None


@dataclass(frozen=True, slots=True)
class SignalDelivery:
    """A signal on its way to one receiver: a subscription of a root instance, or (`root_key` None) a start event.

    `receiver_key` is the key of the subscription, or of the process definition that the start event belongs to.
    `attempts` have failed, the last one because of `problem`.
    """

    signal_key: int
    receiver_key: int
    element_id: str
    root_key: int | None
    attempts: int = 0
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Incident:
    """A technical failure that stopped one token; a person resolves it and the token goes on from there."""

    key: int
    place: Place
    type: IncidentType
    message: str
    state: IncidentState
    creation_date: datetime
    job_key: int | None = None
    expression: str | None = None

    @property
    def told(self) -> str:
        """The message with the expression that failed: Camunda's incidents have no member of their own for it."""
        if not self.expression or self.expression in self.message:
            return self.message
        return f"{self.message} (expression: {self.expression})"

    @property
    def hash_code(self) -> int:
        """Camunda's hash code of the message: that of a Java string, over UTF-16 units, as a signed 32-bit number."""
        units = self.told.encode("utf-16-le", "surrogatepass")
        found = 0
        for low, high in zip(units[::2], units[1::2], strict=True):
            found = (31 * found + (high << 8 | low)) & 0xFFFFFFFF
        return found - (1 << 32) if found >= 1 << 31 else found


@dataclass(frozen=True, slots=True)
class ElementInstance:
    """One visit of a token at an element, told from the history; `element_type` is BPMN's name, e.g. `userTask`."""

    key: int
    place: Place
    element_type: str
    state: ElementState
    start_date: datetime
    end_date: datetime | None = None
    incident_key: int | None = None


@dataclass(frozen=True, slots=True)
class ElementStatistics:
    """How many tokens stand at an element, have stopped there, and have left it either way."""

    element_id: str
    active: int = 0
    incidents: int = 0
    completed: int = 0
    canceled: int = 0


@dataclass(frozen=True, slots=True)
class ElementTimes:
    """How long tokens stayed at an element: how many there were that completed it, their mean and their median."""

    element_id: str
    number: int
    mean: timedelta
    median: timedelta


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable as it stands in its scope; `scope_key` is the process instance's key for variables of the process."""

    key: int
    scope_key: int
    process_instance_key: int
    root_key: int
    name: str
    value: object


@dataclass(frozen=True, slots=True)
class Message:
    """A published message. It stays in the buffer until `expires_at`, and each process receives it at most once.

    `actor` published it. What comes from outside is `sealed` while it waits; a diagram has only references in the place
    of private values.
    """

    key: int
    name: str
    correlation_key: str
    message_id: str | None
    variables: Variables
    published_at: datetime
    expires_at: datetime
    actor: str | None = None
    sealed: Sealed | None = None


@dataclass(frozen=True, slots=True)
class MessageStart:
    """A process that buffered messages of one correlation key are to start, one instance after the other."""

    process_id: str
    correlation_key: str
