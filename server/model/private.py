"""What is kept outside process variables: uploaded files and sealed private values."""

from __future__ import annotations

from dataclasses import dataclass
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
    """One private value of a root instance, sealed; `kind` is `identity` or `contact`."""

    key: int
    kind: str
    root_key: int
    created_at: datetime
    sealed: Sealed


@dataclass(frozen=True, slots=True)
class VaultReveal:
    """Somebody asked for a vault entry; `sealed` is the reason that they gave, `result` as in the audit log."""

    key: int
    entry_key: int
    actor: str
    at: datetime
    result: str
    sealed: Sealed
