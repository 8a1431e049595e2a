"""The same request twice does one thing: a key that the caller chose, kept with its outcome for 24 hours.

Source: draft-ietf-httpapi-idempotency-key-header. The key is claimed and the outcome kept in the transaction of the
work itself, so a server that dies between commit and answer has not forgotten either. What takes several transactions
(a message that is not buffered) keeps its outcome in the last one; until then the key says that somebody is at it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from server.errors import Contended, KeyReused
from server.model import IdempotentRequest

if TYPE_CHECKING:
    from server.model import Variables
    from server.service.context import Context
    from server.store import Transaction

KEPT_FOR = timedelta(hours=24)
GIVEN_UP_AFTER = timedelta(minutes=1)
"""After so long without an outcome whoever was at it is taken for dead."""


@dataclass(frozen=True, slots=True)
class Once:
    """A request that is to be done once: whose it is, its key, and a keyed hash of all that it asks."""

    actor: str
    key: str
    fingerprint: str


def claim(context: Context, tx: Transaction, once: Once | None) -> Variables | None:
    """Return what came of the request when it was done before, or None: it is to be done now.

    Raises `KeyReused` when the key stands for another request, and `Contended` while somebody is at this one.
    """
    if once is None:
        return None
    now = context.now()
    request = IdempotentRequest(once.actor, once.key, once.fingerprint, now)
    if tx.claim_idempotency_key(request):
        return None
    known = tx.idempotent_request(once.actor, once.key)
    if known is not None and known.begun_at + KEPT_FOR <= now:
        tx.release_idempotency_key(once.actor, once.key)
        known = None
    if known is None:
        if tx.claim_idempotency_key(request):
            return None
        raise Contended
    if known.fingerprint != once.fingerprint:
        raise KeyReused
    if known.outcome is None and (
        known.begun_at + GIVEN_UP_AFTER > now or not tx.take_over_idempotency_key(known, now)
    ):
        raise Contended("The same request is being worked on: try again in a moment.")
    return known.outcome


def is_known(context: Context, once: Once) -> bool:
    """Tell whether the request was made before, whatever came of it: then nothing need be asked anew."""
    with context.store.glancing() as reading:
        return reading.idempotent_request(once.actor, once.key) is not None


def keep(tx: Transaction, once: Once | None, **outcome: object) -> None:
    """Write down what came of a request: keys, from which the answer is made again."""
    if once is not None:
        tx.keep_outcome(once.actor, once.key, outcome)


def finish(context: Context, once: Once | None, **outcome: object) -> None:
    """Write down what came of a request that took several transactions."""
    if once is not None:
        with context.store.transaction() as tx:
            keep(tx, once, **outcome)


def release(context: Context, once: Once | None) -> None:
    """Forget a request that came to nothing, so that it may be sent again."""
    if once is not None:
        with context.store.transaction() as tx:
            tx.release_idempotency_key(once.actor, once.key)


def remove_old_requests(context: Context) -> int:
    """Forget requests after 24 hours, and return how many."""
    with context.store.transaction() as tx:
        return tx.remove_idempotent_requests(context.now() - KEPT_FOR)
