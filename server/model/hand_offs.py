"""How work goes from hand to hand: who gave what to whom and why, who signs along, who got a copy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class HandOffKind(StrEnum):
    """What was done with a task or a process instance besides working on it."""

    TRANSFER = "TRANSFER"
    DELEGATION = "DELEGATION"
    HAND_BACK = "HAND_BACK"
    RETURN = "RETURN"
    WITHDRAWAL = "WITHDRAWAL"
    CO_SIGNER_ADDITION = "CO_SIGNER_ADDITION"
    CO_SIGNER_REMOVAL = "CO_SIGNER_REMOVAL"
    SIGNATURE = "SIGNATURE"
    COPY = "COPY"
    REMINDER = "REMINDER"
    VOIDING = "VOIDING"
    SUSPENSION = "SUSPENSION"
    RESUMPTION = "RESUMPTION"
    CANCELLATION = "CANCELLATION"
    MIGRATION = "MIGRATION"
    MOVE = "MOVE"


@dataclass(frozen=True, slots=True)
class HandOff:
    """One line of a task's or an instance's hand-offs; lines are only ever added.

    `user_task_key` None: it is about the process instance. `recipients` are names of people or groups; `element_id` is
    where a return, withdrawal or move went to.
    """

    key: int
    kind: HandOffKind
    root_key: int
    process_instance_key: int
    user_task_key: int | None
    actor: str
    at: datetime
    reason: str
    recipients: tuple[str, ...] = ()
    acting_for: str | None = None
    element_id: str | None = None


class Stage(StrEnum):
    """When a co-signer's turn comes: before the holder, as the holder, or after them."""

    BEFORE = "BEFORE"
    HOLDER = "HOLDER"
    AFTER = "AFTER"


class SigningRule(StrEnum):
    """Whether each has to sign (会签), or one of those with this rule is enough (或签)."""

    ALL = "ALL"
    ANY = "ANY"


@dataclass(frozen=True, slots=True)
class CoSigner:
    """Somebody whose signature a task waits for, and how they signed.

    `agrees` is None as long as they have not; `signed_by` is another person where a substitute signed.
    """

    name: str
    stage: Stage
    rule: SigningRule
    agrees: bool | None = None
    opinion: str | None = None
    signed_at: datetime | None = None
    signed_by: str | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """What somebody was shown (抄送): a task, or with `user_task_key` None a whole process instance."""

    key: int
    root_key: int
    process_instance_key: int
    user_task_key: int | None
    recipient: str
    sender: str
    reason: str
    at: datetime
    read_at: datetime | None = None
