"""The identity vault: opened entry by entry, by few, for a reason, and never unnoticed.

Who may is in `access.may_reveal`: administrators, and the lead of a street that the case concerns – a street whose own
groups, or those of units below it, have or had a task in the instance. Entries cannot be listed or searched.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server import access
from server.errors import Forbidden, InvalidArgument, NotFound
from server.model import AuditEntry, VaultReveal
from server.service.envelopes import Keyring
from server.service.private_values import about
from server.service.process_instances import may_see
from server.service.webhooks import rewrap_secrets

if TYPE_CHECKING:
    from datetime import datetime

    from server.access import Actor
    from server.model import VaultEntry
    from server.service.context import Context
    from server.store import Reading, Transaction

STREET = "street"
SHORTEST_REASON = 10
LONGEST_REASON = 1000
ROTATED_AT_ONCE = 500
NOBODYS = "there is no vault entry with key {}"


@dataclass(frozen=True, slots=True)
class Revealed:
    """A private value, for whoever asked."""

    key: int
    kind: str
    value: object


@dataclass(frozen=True, slots=True)
class Reveal:
    """Somebody asked for an entry, for a reason; `result` is `SUCCESS` or `FORBIDDEN`."""

    actor: str
    at: datetime
    result: str
    reason: str


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a rotation did: how many entries it re-wrapped, under which key, and how many each key has now."""

    rewrapped: int
    key_id: str
    entries: dict[str, int]


def reveal(context: Context, actor: Actor, key: int, reason: str) -> Revealed:
    """Open one entry and write down who did, and the reason – sealed, since it may itself name somebody.

    Raises `InvalidArgument` for a reason that is none, `NotFound` when there is no such entry or the actor may not know
    of its case, `Forbidden` (both attempts are written down as well), and `Unavailable` when it cannot be opened.
    """
    if not SHORTEST_REASON <= len(reason.strip()) <= LONGEST_REASON:
        raise InvalidArgument(f"expected a reason of {SHORTEST_REASON} to {LONGEST_REASON} characters")
    with context.store.transaction() as tx:
        entry = tx.vault_entry(key)
        if entry is None:
            raise NotFound(NOBODYS.format(key))
        allowed = access.may_reveal(actor, tx.units_around(tx.units_of_root(entry.root_key), STREET))
        known = allowed or _knows_case(tx, actor, entry)
        revealed = _open(context, entry) if allowed else None
        noted = AuditEntry(
            at=context.now(),
            actor=actor.name,
            operation="REVEAL",
            entity_type="VAULT_ENTRY",
            entity_key=str(key),
            root_key=entry.root_key,
            payload_hash=hash_reason(context.config.secret_key, key, reason),
            result="SUCCESS" if allowed else "FORBIDDEN",
        )
        tx.add_audit([noted])
        _keep_reason(context, tx, noted, key, reason)
    if not known:
        raise NotFound(NOBODYS.format(key))
    if revealed is None:
        raise Forbidden("only administrators and the lead of the street that a case concerns see who reported it")
    return revealed


def _keep_reason(context: Context, tx: Transaction, noted: AuditEntry, entry_key: int, reason: str) -> None:
    """Seal the reason under the vault's keys: for administrators, who answer for it, and for nobody else."""
    key = next(tx.keys)
    sealed = Keyring(context.config.vault_keys).seal(reason.strip().encode(), _about_reason(key, entry_key))
    tx.add_vault_reveal(VaultReveal(key, entry_key, noted.actor, noted.at, noted.result, sealed))


def _about_reason(key: int, entry_key: int) -> bytes:
    return f"reason {key} for vault entry {entry_key}".encode()


def list_reveals(context: Context, actor: Actor, key: int) -> tuple[Reveal, ...]:
    """Return who asked for an entry and why, oldest first; looking at it is written down as well.

    Raises `Forbidden`, `NotFound` (no such entry), and `Unavailable` (a reason cannot be opened).
    """
    if not access.may_see_audit(actor):
        raise Forbidden("only administrators read why somebody asked who reported")
    ring = Keyring(context.config.vault_keys)
    with context.store.transaction() as tx:
        entry = tx.vault_entry(key)
        if entry is None:
            raise NotFound(NOBODYS.format(key))
        told = tuple(
            Reveal(one.actor, one.at, one.result, ring.open(one.sealed, _about_reason(one.key, key)).decode())
            for one in tx.vault_reveals(key)
        )
        tx.add_audit([AuditEntry(context.now(), actor.name, "READ_REASONS", "VAULT_ENTRY", str(key), entry.root_key)])
    return told


def hash_reason(secret: bytes, key: int, reason: str) -> str:
    """Return the hash by which a reason that is kept elsewhere can be recognised (HMAC-SHA-256, hexadecimal)."""
    return hmac.new(secret, f"reveal {key} {reason.strip()}".encode(), hashlib.sha256).hexdigest()


def _knows_case(reading: Reading, actor: Actor, entry: VaultEntry) -> bool:
    instance = reading.process_instance(entry.root_key)
    return instance is not None and may_see(reading, actor, instance)


def _open(context: Context, entry: VaultEntry) -> Revealed:
    ring = Keyring(context.config.vault_keys)
    content = ring.open(entry.sealed, about(entry.key, entry.kind, entry.root_key))
    return Revealed(entry.key, entry.kind, json.loads(content))


def _rotate_reasons(context: Context, ring: Keyring) -> int:
    rewrapped, after = 0, 0
    while True:
        with context.store.transaction() as tx:
            reveals = tx.vault_reveals_under_other_keys(ring.current, after, ROTATED_AT_ONCE)
            for one in reveals:
                tx.rewrap_vault_reveal(one.key, ring.rewrap(one.sealed, _about_reason(one.key, one.entry_key)))
        if not reveals:
            return rewrapped
        rewrapped, after = rewrapped + len(reveals), reveals[-1].key


def rotate(context: Context, actor: Actor) -> Rotation:
    """Put every entry under the first master key, batch by batch; an interrupted rotation goes on where it was.

    The older keys must still be known. Raises `Forbidden` and `Unavailable` (an entry's key is not known).
    """
    if not access.may_manage_identity(actor):
        raise Forbidden("only administrators rotate the keys of the vault")
    ring = Keyring(context.config.vault_keys)
    rewrapped, after = _rotate_reasons(context, ring), 0
    while True:
        with context.store.transaction() as tx:
            entries = tx.vault_entries_under_other_keys(ring.current, after, ROTATED_AT_ONCE)
            for entry in entries:
                sealed = ring.rewrap(entry.sealed, about(entry.key, entry.kind, entry.root_key))
                tx.rewrap_vault_entry(entry.key, sealed)
            if not entries:
                rewrap_secrets(tx, ring)
                tx.add_audit([AuditEntry(context.now(), actor.name, "ROTATE", "VAULT", ring.current)])
                return Rotation(rewrapped, ring.current, tx.vault_key_ids())
            rewrapped, after = rewrapped + len(entries), entries[-1].key
