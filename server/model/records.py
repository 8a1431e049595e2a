"""Rows that are kept for good: the audit log and the governance lists."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from server.model.values import Variables


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the audit log: who did what to which record. No personal data beyond names of staff.

    `acting_for` is the absent person whom the actor stood in for.
    `payload_hash` is a hash of what was sent, under `payload_salt` where there is one; without the salt it says nothing
    any more. `key` and `batch` are those of a line that was read: `batch` is None until the line is sealed.
    """

    at: datetime
    actor: str
    operation: str
    entity_type: str
    entity_key: str
    root_key: int | None = None
    payload_hash: str | None = None
    result: str = "SUCCESS"
    acting_for: str | None = None
    payload_salt: str | None = None
    key: int | None = field(default=None, compare=False)
    batch: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class AuditBatch:
    """Lines of the audit log that were sealed together; `lines` has 40 bytes each: key and SHA-256, by key.

    `hash` is that of everything else, `previous_hash` that of the batch before (hexadecimal).
    """

    number: int
    sealed_at: datetime
    previous_hash: str
    lines: bytes
    hash: str


@dataclass(frozen=True, slots=True)
class AuditName:
    """What stands for a name in sealed lines: its hash under a salt. Without the salt it stands for nobody."""

    reference: str
    name: str
    salt: str | None


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """A request that is done once: `outcome` holds the keys of what came of it, None until it is done."""

    actor: str
    key: str
    fingerprint: str
    begun_at: datetime
    outcome: Variables | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person has typed into a task and not yet sent; nobody else sees it."""

    user_task_key: int
    user_name: str
    data: Variables
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ListRow:
    """One row of a governance list (问题清单, 任务清单, 结果清单 …): every row has owner, measure and date.

    `data` holds the columns that only this list has. `prev_row_key` is the row that this one follows from in the six
    lists. `version` counts from 1; `changed_by` is who made this version (an actor's name).
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
    prev_row_key: int | None = None
    version: int = 1
    changed_by: str | None = None
