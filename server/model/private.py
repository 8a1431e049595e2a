"""What is kept outside process variables: uploaded files and sealed private values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Attachment:
    """An uploaded file. `file_name` is its random name on disk, `sha256` (hexadecimal) that of what is stored.

    `sender` is who uploaded it (`user:lin`); it belongs to nobody else until a form submission binds it to an instance.
    """

    key: int
    sender: str
    name: str
    media_type: str
    size: int
    sha256: str
    file_name: str
    uploaded_at: datetime
    process_instance_key: int | None = None
    root_key: int | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """How much somebody has uploaded: files and bytes."""

    files: int
    size: int


@dataclass(frozen=True, slots=True)
class Sealed:
    """Encrypted bytes: `content` under a key of its own, which `wrapped_key` holds under the master key `key_id`."""

    key_id: str
    wrapped_key: bytes
    content: bytes


@dataclass(frozen=True, slots=True)
class VaultEntry:
    """One private value of a root instance, sealed; `kind` is `identity`, `contact` or `original` (a masked text).

    `field` is where it stood in the report, as a JSON pointer, if the reporter sent it by the public door.
    """

    key: int
    kind: str
    root_key: int
    created_at: datetime
    sealed: Sealed
    field: str | None = None


class RevealState(StrEnum):
    """What became of a request to see a vault entry."""

    WAITING = "WAITING"
    APPROVED = "APPROVED"
    REFUSED = "REFUSED"
    FORBIDDEN = "FORBIDDEN"


class RevealPurpose(StrEnum):
    """What somebody has to know a vault entry for: it is told to the reporter, so it is chosen, never written."""

    VERIFY = "VERIFY"
    VISIT = "VISIT"
    REPLY = "REPLY"
    SAFETY = "SAFETY"
    LEGAL_DUTY = "LEGAL_DUTY"


@dataclass(frozen=True, slots=True)
class VaultReveal:
    """Somebody asked to see a vault entry.

    `sealed` is the reason that they gave (None: erased after its time), `unit_kind` that of the unit they asked for.
    `lapses_at` ends the time in which it can be decided, and once it is approved the time in which the entry can be
    opened; `opened_at` is when that was first done. `decided_by` None although it is approved: opened before a second
    person was needed.
    """

    key: int
    entry_key: int
    root_key: int
    actor: str
    at: datetime
    state: RevealState
    sealed: Sealed | None
    purpose: RevealPurpose | None = None
    unit_kind: str | None = None
    lapses_at: datetime | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    opened_at: datetime | None = None
