"""Lost updates: who changes a record may say which state of it they saw (RFC 9110, section 13).

A tag is a hash of the whole record, so it is strong: another tag means that something is different.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from server.errors import PreconditionFailed

if TYPE_CHECKING:
    from collections.abc import Container

TAG_DIGITS = 32


@dataclass(frozen=True, slots=True)
class Precondition:
    """What must hold of a record's tag before it is changed: `any_of` (`None`: nothing is asked of it).

    `exists`: there must be a record at all; `absent`: there must be none.
    """

    any_of: Container[str] | None = None
    exists: bool = False
    absent: bool = False


def make_tag(*parts: object) -> str:
    """Return the tag of records and plain values, as they are together: the same before and after they were stored."""
    told = json.dumps([_plain(part) for part in parts], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:TAG_DIGITS]


def _plain(value: object) -> object:
    """Return a value as JSON holds it; moments in milliseconds, as the database keeps them."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(str(inner) for inner in value)
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds")
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def check_precondition(precondition: Precondition, tag: str | None) -> None:
    """Raise `PreconditionFailed` unless the record is as the caller saw it; `tag` is None where there is no record.

    Call it under the lock that the change is made under.
    """
    if precondition.absent and tag is not None:
        raise PreconditionFailed("expected no such record yet, but there is one: read it again.", tag)
    if precondition.exists and tag is None:
        raise PreconditionFailed("expected a record to change, but there is none.", tag)
    if precondition.any_of is not None and (tag is None or tag not in precondition.any_of):
        raise PreconditionFailed(None, tag)


UNCONDITIONAL = Precondition()
"""Nothing is asked: the last one who writes wins."""
