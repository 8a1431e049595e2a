"""Batch operations: the same done to many process instances or incidents, in the background, one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class BatchType(StrEnum):
    """What is done to each item."""

    CANCEL_PROCESS_INSTANCE = "CANCEL_PROCESS_INSTANCE"
    MIGRATE_PROCESS_INSTANCE = "MIGRATE_PROCESS_INSTANCE"
    MODIFY_PROCESS_INSTANCE = "MODIFY_PROCESS_INSTANCE"
    RESOLVE_INCIDENT = "RESOLVE_INCIDENT"
    RESUME_PROCESS_INSTANCE = "RESUME_PROCESS_INSTANCE"
    SUSPEND_PROCESS_INSTANCE = "SUSPEND_PROCESS_INSTANCE"


class BatchState(StrEnum):
    """Where a batch operation stands; it is COMPLETED when no item is left, also where some have failed."""

    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    CANCELED = "CANCELED"
    COMPLETED = "COMPLETED"


class BatchItemState(StrEnum):
    """What came of an item; ACTIVE: nothing yet."""

    ACTIVE = "ACTIVE"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"


@dataclass(frozen=True, slots=True)
class BatchOperation:
    """A batch operation; the counts are of its items.

    `actor_kind` is the kind of `server.actors.Actor`, `plan` says what a migration or modification does.
    """

    key: int
    type: BatchType
    state: BatchState
    actor: str
    actor_kind: str
    start_date: datetime
    end_date: datetime | None
    plan: Mapping[str, object]
    total: int = 0
    completed: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class BatchItem:
    """One of the many: `item_key` is that of the process instance, or of the incident."""

    key: int
    batch_key: int
    type: BatchType
    item_key: int
    process_instance_key: int
    root_key: int
    state: BatchItemState = BatchItemState.ACTIVE
    processed_date: datetime | None = None
    error_message: str | None = None


@dataclass(frozen=True, slots=True)
class Selected:
    """What a batch operation is to be done to."""

    item_key: int
    process_instance_key: int
    root_key: int
