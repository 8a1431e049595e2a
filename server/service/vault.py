"""The keys of the identity vault: putting everything that is sealed under another master key.

Who may see what is in it: reveals.py.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server import access
from server.errors import Forbidden
from server.model import AuditEntry
from server.service.envelopes import Keyring
from server.service.private_values import about
from server.service.sealed_messages import rewrap_contents
from server.service.webhooks import rewrap_secrets

if TYPE_CHECKING:
    from server.access import Actor
    from server.service.context import Context

ROTATED_AT_ONCE = 500
NOBODYS = "there is no vault entry with key {}"


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a rotation did: how many entries it re-wrapped, under which key, and how many each key has now."""

    rewrapped: int
    key_id: str
    entries: dict[str, int]


def about_reason(key: int, entry_key: int) -> bytes:
    """Return what the encryption of a request's reason is bound to."""
    return f"reason {key} for vault entry {entry_key}".encode()


def hash_reason(secret: bytes, key: int, reason: str) -> str:
    """Return the hash by which a reason that is kept elsewhere can be recognised (HMAC-SHA-256, hexadecimal)."""
    return hmac.new(secret, f"reveal {key} {reason.strip()}".encode(), hashlib.sha256).hexdigest()


def _rotate_reasons(context: Context, ring: Keyring) -> int:
    rewrapped, after = 0, 0
    while True:
        with context.store.transaction() as tx:
            reveals = tx.vault_reveals_under_other_keys(ring.current, after, ROTATED_AT_ONCE)
            for one in reveals:
                if one.sealed is not None:
                    tx.rewrap_vault_reveal(one.key, ring.rewrap(one.sealed, about_reason(one.key, one.entry_key)))
        if not reveals:
            return rewrapped
        rewrapped, after = rewrapped + len(reveals), reveals[-1].key


def _rotate_messages(context: Context, ring: Keyring) -> int:
    rewrapped = 0
    while True:
        with context.store.transaction() as tx:
            found = rewrap_contents(tx, ring)
        if not found:
            return rewrapped
        rewrapped += found


def rotate(context: Context, actor: Actor) -> Rotation:
    """Put every entry under the first master key, batch by batch; an interrupted rotation goes on where it was.

    The older keys must still be known. Raises `Forbidden` and `Unavailable` (an entry's key is not known).
    """
    if not access.may_manage_identity(actor):
        raise Forbidden("only administrators rotate the keys of the vault")
    ring = Keyring(context.config.vault_keys)
    rewrapped, after = _rotate_reasons(context, ring) + _rotate_messages(context, ring), 0
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
