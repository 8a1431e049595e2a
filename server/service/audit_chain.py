"""The hashes of the audit log: of a line, of a batch of lines, of a name under its salt. No I/O.

A line is hashed with the reference of each name instead of the name. A reference is a hash of the name under a random
salt: while the salt is there it proves the name, and once it is thrown away it says nothing about anybody, without any
hash being another one (docs/adr/0009-audit-log-as-a-chain.md).
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from server.model import AuditBatch, AuditName

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from server.model import AuditEntry

BEGINNING = "0" * 64
"""What stands for the batch before the first one."""
PERSONAL = frozenset({"USER"})
"""Entity types whose key is the name of a person."""
SALT_BYTES = 16
HASH_BYTES = 32
KEY_BYTES = 8
LINE_BYTES = KEY_BYTES + HASH_BYTES
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Difference:
    """A line that is not what was sealed: `key` is its key, `problem` says how."""

    key: int
    problem: str


def names_of(entries: Iterable[AuditEntry]) -> frozenset[str]:
    """Return the names that stand in lines: of those who acted, and of those it was done to."""
    found: set[str] = set()
    for entry in entries:
        found |= {entry.actor, entry.acting_for or entry.actor}
        if entry.entity_type in PERSONAL:
            found.add(entry.entity_key)
    return frozenset(found)


def make_salt() -> str:
    """Return a new random salt (hexadecimal)."""
    return secrets.token_hex(SALT_BYTES)


def make_name(name: str, salt: str) -> AuditName:
    """Return what stands for a name in sealed lines, given a random salt (hexadecimal)."""
    return AuditName(hashlib.sha256(f"{salt}:{name}".encode()).hexdigest(), name, salt)


def make_pseudonym(reference: str) -> str:
    """Return what is shown for a name that was erased."""
    return f"erased-{reference[:16]}"


def proves_name(name: AuditName) -> bool:
    """Tell whether a reference stands for its name – or for nobody any more."""
    if name.salt is None:
        return name.name == make_pseudonym(name.reference)
    return make_name(name.name, name.salt).reference == name.reference


def hash_payload(payload: object, salt: str) -> str:
    """Return the hash of a JSON value under a salt: who has both can show that this is what was sent."""
    return hashlib.sha256(f"{salt}:{_canonical(payload)}".encode()).hexdigest()


def seal_lines(entries: Iterable[AuditEntry], references: Mapping[str, str]) -> bytes:
    """Return key and hash of each line, 40 bytes each, in the order of their keys."""
    return b"".join(
        (entry.key or 0).to_bytes(KEY_BYTES, "big") + hash_line(entry, references)
        for entry in sorted(entries, key=lambda entry: entry.key or 0)
    )


def hash_line(entry: AuditEntry, references: Mapping[str, str]) -> bytes:
    """Return the hash of a line; raises `KeyError` for a name without a reference."""
    key = references[entry.entity_key] if entry.entity_type in PERSONAL else entry.entity_key
    told = [
        entry.key,
        (entry.at - _EPOCH) // timedelta(milliseconds=1),
        references[entry.actor],
        entry.operation,
        entry.entity_type,
        key,
        entry.root_key,
        entry.payload_hash,
        entry.result,
        None if entry.acting_for is None else references[entry.acting_for],
    ]
    return hashlib.sha256(_canonical(told).encode()).digest()


def make_batch(number: int, sealed_at: datetime, previous_hash: str, lines: bytes) -> AuditBatch:
    """Return the batch with its hash."""
    moment = (sealed_at - _EPOCH) // timedelta(milliseconds=1)
    told = [number, moment, previous_hash, hashlib.sha256(lines).hexdigest()]
    digest = hashlib.sha256(_canonical(told).encode()).hexdigest()
    return AuditBatch(number, sealed_at, previous_hash, lines, digest)


def check_link(batch: AuditBatch, number: int, previous_hash: str) -> str | None:
    """Return what is wrong with a batch as the one after `previous_hash`, or None."""
    if batch.number != number:
        return f"expected batch {number}, found batch {batch.number}: those between are gone"
    if batch.previous_hash != previous_hash:
        return f"batch {number} does not follow on the one before it: {number} or {number - 1} was exchanged"
    if make_batch(batch.number, batch.sealed_at, batch.previous_hash, batch.lines).hash != batch.hash:
        return f"batch {number} was changed: its hash is that of something else"
    return None


def compare_lines(
    batch: AuditBatch, entries: Sequence[AuditEntry], references: Mapping[str, str]
) -> Iterator[Difference]:
    """Yield the lines of a batch that were changed, taken away or added, by key."""
    sealed = dict(_read_lines(batch.lines))
    found = {entry.key or 0: entry for entry in entries}
    for key in sorted(sealed.keys() | found.keys()):
        if key not in found:
            yield Difference(key, "is gone")
        elif key not in sealed:
            yield Difference(key, "was added afterwards")
        elif _hash_or_nothing(found[key], references) != sealed[key]:
            yield Difference(key, "was changed")


def _hash_or_nothing(entry: AuditEntry, references: Mapping[str, str]) -> bytes:
    try:
        return hash_line(entry, references)
    except KeyError:  # a name that has never been in a sealed line
        return b""


def _read_lines(lines: bytes) -> Iterator[tuple[int, bytes]]:
    for start in range(0, len(lines), LINE_BYTES):
        line = lines[start : start + LINE_BYTES]
        yield int.from_bytes(line[:KEY_BYTES], "big"), line[KEY_BYTES:]


def _canonical(value: object) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
