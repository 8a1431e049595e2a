"""The records that travel between layers, in Camunda 8's words.

Every record is frozen: a layer hands it on and never changes it. Keys are positive 63-bit integers (decimal strings
only on the wire), times are aware datetimes in UTC, variables are canonical JSON values (see `engine.values`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from datetime import datetime

Item = TypeVar("Item")
Other = TypeVar("Other")
Variables = Mapping[str, object]
"""Variable names to canonical JSON values."""


class InstanceState(StrEnum):
    """State of a process instance."""

    ACTIVE = "ACTIVE"
    COMPLETED = "COMPLETED"
    TERMINATED = "TERMINATED"


class UserTaskState(StrEnum):
    """State of a user task."""

    CREATED = "CREATED"
    COMPLETED = "COMPLETED"
    CANCELED = "CANCELED"


class JobState(StrEnum):
    """State of a job. A job in CREATED or TIMED_OUT is offered to workers; ACTIVATED is told by worker and deadline."""

    CREATED = "CREATED"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    ERROR_THROWN = "ERROR_THROWN"
    CANCELED = "CANCELED"


class IncidentState(StrEnum):
    """State of an incident."""

    ACTIVE = "ACTIVE"
    RESOLVED = "RESOLVED"


class IncidentType(StrEnum):
    """Why a token stopped; the names are those of Camunda 8's `errorType`."""

    CALLED_ELEMENT_ERROR = "CALLED_ELEMENT_ERROR"
    CONDITION_ERROR = "CONDITION_ERROR"
    DECISION_EVALUATION_ERROR = "DECISION_EVALUATION_ERROR"
    EXTRACT_VALUE_ERROR = "EXTRACT_VALUE_ERROR"
    FORM_NOT_FOUND = "FORM_NOT_FOUND"
    IO_MAPPING_ERROR = "IO_MAPPING_ERROR"
    JOB_NO_RETRIES = "JOB_NO_RETRIES"
    UNHANDLED_ERROR_EVENT = "UNHANDLED_ERROR_EVENT"
    RESOURCE_LIMIT = "RESOURCE_LIMIT"
    UNKNOWN = "UNKNOWN"


class HistoryEvent(StrEnum):
    """What happened to an element instance."""

    ENTERED = "ENTERED"
    COMPLETED = "COMPLETED"
    CANCELED = "CANCELED"
    TAKEN = "TAKEN"  # a sequence flow


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason why a resource cannot be deployed (or, as a warning, should be looked at).

    `path` reads from the file inward, e.g. `three_step.bpmn/three_step/classify/script`.
    """

    element_id: str
    message: str
    path: str
    severity: str = "error"


@dataclass(frozen=True, slots=True)
class ProcessDefinition:
    """One deployed version of one process of a BPMN file."""

    key: int
    process_id: str
    version: int
    name: str | None
    version_tag: str | None
    resource_name: str
    content_hash: str
    deployment_key: int
    start_form_id: str | None = None


@dataclass(frozen=True, slots=True)
class FormDefinition:
    """One deployed version of a form-js schema; `schema` is its JSON text."""

    key: int
    form_id: str
    version: int
    resource_name: str
    content_hash: str
    deployment_key: int
    schema: str
    version_tag: str | None = None


@dataclass(frozen=True, slots=True)
class Requirements:
    """One deployed version of a DMN file as a whole, Camunda's decision requirements graph."""

    key: int
    requirements_id: str
    name: str
    version: int


@dataclass(frozen=True, slots=True)
class DecisionDefinition:
    """One deployed version of one decision of a DMN file."""

    key: int
    decision_id: str
    version: int
    name: str | None
    resource_name: str
    content_hash: str
    deployment_key: int
    requirements: Requirements
    version_tag: str | None = None


@dataclass(frozen=True, slots=True)
class ProcessInstance:
    """A running or ended process instance. A called process has its own record, with parent and root.

    `started_by` is the actor's name; `start_correlation_key` that of the message it began with.
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
    """A task for people. `form_key` is the deployed form it was bound to when it opened."""

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


@dataclass(frozen=True, slots=True)
class Job:
    """Work for an action or an outside worker."""

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


@dataclass(frozen=True, slots=True)
class Timer:
    """A waiting timer; the row is deleted when it fires or its element is left."""

    key: int
    place: Place
    due_at: datetime


@dataclass(frozen=True, slots=True)
class MessageSubscription:
    """An element instance that waits for a message; unique by name and correlation key within its instance."""

    key: int
    place: Place
    message_name: str
    correlation_key: str


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
    """One append-only line of the taken path. `element_id` is the flow's id when the event is TAKEN."""

    key: int
    place: Place
    element_type: str
    event: HistoryEvent
    at: datetime
    actor: str | None
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UserTaskEnd:
    """A user task that the step closed."""

    key: int
    state: UserTaskState
    at: datetime


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
    user_tasks_created: tuple[UserTask, ...] = ()
    user_tasks_ended: tuple[UserTaskEnd, ...] = ()
    jobs_created: tuple[Job, ...] = ()
    jobs_ended: tuple[JobEnd, ...] = ()
    timers_created: tuple[Timer, ...] = ()
    timers_removed: tuple[int, ...] = ()
    subscriptions_created: tuple[MessageSubscription, ...] = ()
    subscriptions_removed: tuple[int, ...] = ()
    incidents_created: tuple[Incident, ...] = ()
    incidents_resolved: tuple[int, ...] = ()
    variables: tuple[VariableChange, ...] = ()
    history: tuple[HistoryRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the audit log: who did what to which record. No personal data beyond the actor's name."""

    at: datetime
    actor: str
    operation: str
    entity_type: str
    entity_key: str
    root_key: int | None = None
    payload_hash: str | None = None
    result: str = "SUCCESS"


@dataclass(frozen=True, slots=True)
class Condition:
    """One filter of a search: `operator` is one of eq neq exists in notIn like gt gte lt lte."""

    name: str
    operator: str
    value: object


@dataclass(frozen=True, slots=True)
class Sort:
    """One sort key of a search."""

    name: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A search: all conditions hold, and at least one of `any_of` when it is not empty.

    `after` and `before` are opaque cursors of an earlier page; `offset` counts items.
    """

    conditions: tuple[Condition, ...] = ()
    any_of: tuple[tuple[Condition, ...], ...] = ()
    sort: tuple[Sort, ...] = ()
    limit: int = 100
    offset: int = 0
    after: str | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page of a search; totals are exact up to 10,000 and capped beyond."""

    items: tuple[Item, ...]
    total: int
    has_more_total: bool = False
    start_cursor: str | None = None
    end_cursor: str | None = None

    def holding(self, items: tuple[Other, ...]) -> Page[Other]:
        """Return the same page with other items, one for each."""
        return Page(items, self.total, self.has_more_total, self.start_cursor, self.end_cursor)


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
    """A published message that waits in the buffer for a subscription until `expires_at`."""

    key: int
    name: str
    correlation_key: str
    message_id: str | None
    variables: Variables
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class StartSubscription:
    """A message start event of the newest version of a process."""

    process_id: str
    definition_key: int
    message_name: str
    element_id: str


@dataclass(frozen=True, slots=True)
class ListRow:
    """One row of a governance list (问题清单, 任务清单, 结果清单 …): every row has owner, measure and date.

    `data` holds the columns that only this list has.
    """

    key: int
    list_name: str
    case_no: str | None
    process_instance_key: int
    root_key: int
    element_id: str
    title: str
    owner: str | None
    measure: str | None
    due_at: datetime | None
    status: str
    created_at: datetime
    updated_at: datetime
    data: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UserAccount:
    """A person who can sign in; `credential_version` grows with every new password."""

    name: str
    display_name: str
    password_hash: str | None
    created_at: datetime
    admin: bool = False
    disabled: bool = False
    credential_version: int = 1


@dataclass(frozen=True, slots=True)
class Scopes:
    """What a client may do: start these processes, work jobs of these types (`*` is any), read, deploy."""

    start: tuple[str, ...] = ()
    jobs: tuple[str, ...] = ()
    read: bool = False
    deploy: bool = False


@dataclass(frozen=True, slots=True)
class Client:
    """A program that signs in with id and secret; without scopes it may do nothing."""

    client_id: str
    name: str
    secret_hash: str
    created_at: datetime
    scopes: Scopes = field(default_factory=Scopes)
    admin: bool = False
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Token:
    """A personal token of a user; only the SHA-256 of the token is kept (hexadecimal)."""

    token_id: str
    hash: str
    user_name: str
    created_at: datetime
    expires_at: datetime | None
    name: str = ""
    last_used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """An organisation unit (city, district, street, community, grid, department …) in the tree of units."""

    unit_id: str
    name: str
    kind: str
    parent_id: str | None = None
