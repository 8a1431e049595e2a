"""Requests with a key of idempotency: claimed, and kept with their outcome in the transaction of what they did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from server.model import IdempotentRequest
from server.store.connected import Connected, Writing
from server.store.tables.idempotency import idempotent_request

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from server.model import Variables

_c = idempotent_request.c


def _is(actor: str, key: str) -> ColumnElement[bool]:
    return (_c.actor == actor) & (_c.idempotency_key == key)


class IdempotencyReads(Connected):
    """Reads requests."""

    def idempotent_request(self, actor: str, key: str) -> IdempotentRequest | None:
        """Find by actor and key."""
        row = self._row(select(idempotent_request).where(_is(actor, key)))
        if row is None:
            return None
        return IdempotentRequest(row.actor, row.idempotency_key, row.fingerprint, row.begun_at, row.outcome)


class IdempotencyWrites(Writing):
    """Writes requests."""

    def claim_idempotency_key(self, request: IdempotentRequest) -> bool:
        """Add a request without outcome; False when its key is taken. Waits for another transaction that claims it."""
        insert = sqlite_insert if self.dialect == "sqlite" else postgresql_insert
        statement = insert(idempotent_request).values(
            actor=request.actor, idempotency_key=request.key, fingerprint=request.fingerprint, begun_at=request.begun_at
        )
        claimed = statement.on_conflict_do_nothing(index_elements=[_c.actor, _c.idempotency_key])
        return self._row(claimed.returning(_c.actor)) is not None

    def take_over_idempotency_key(self, request: IdempotentRequest, begun_at: datetime) -> bool:
        """Begin a request anew that nobody has finished; False when somebody else was quicker."""
        unchanged = _is(request.actor, request.key) & (_c.begun_at == request.begun_at) & _c.outcome.is_(None)
        return self._write(update(idempotent_request).where(unchanged).values(begun_at=begun_at)) == 1

    def keep_outcome(self, actor: str, key: str, outcome: Variables) -> None:
        """Write what came of a request."""
        self._write(update(idempotent_request).where(_is(actor, key)).values(outcome=outcome))

    def release_idempotency_key(self, actor: str, key: str) -> None:
        """Forget a request."""
        self._write(delete(idempotent_request).where(_is(actor, key)))

    def remove_idempotent_requests(self, before: datetime) -> int:
        """Forget requests that began before a moment; returns how many."""
        return self._write(delete(idempotent_request).where(_c.begun_at < before))
