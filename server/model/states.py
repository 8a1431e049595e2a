"""States and kinds, in the words of Camunda 8."""

from __future__ import annotations

from enum import StrEnum


class InstanceState(StrEnum):
    """State of a process instance."""

    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
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
    MESSAGE_SIZE_EXCEEDED = "MESSAGE_SIZE_EXCEEDED"  # too many tokens, moves, items or calls within each other
    UNKNOWN = "UNKNOWN"


class ElementState(StrEnum):
    """State of an element instance."""

    ACTIVE = "ACTIVE"
    COMPLETED = "COMPLETED"
    TERMINATED = "TERMINATED"


class HistoryEvent(StrEnum):
    """What happened to an element instance."""

    ENTERED = "ENTERED"
    COMPLETED = "COMPLETED"
    CANCELED = "CANCELED"
    TAKEN = "TAKEN"  # a sequence flow
    STOPPED = "STOPPED"  # by an incident
    RESOLVED = "RESOLVED"  # the incident
    EDITED = "EDITED"  # variables, by an operator
    ASSIGNED = "ASSIGNED"  # a user task
    UPDATED = "UPDATED"  # a user task's dates, priority or candidates
    SUSPENDED = "SUSPENDED"  # the process instance
    RESUMED = "RESUMED"
    MOVED_AWAY = "MOVED_AWAY"  # by a migration, told at the old place
    MIGRATED = "MIGRATED"  # the same, told at the new place
