"""Deliveries: what is on its way out of the house, leased to whoever sends it.

Each change of a leased delivery names its lease, so a sender that was thought dead and wakes up changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from server.model import Delivery, DeliveryState
from server.store.connected import Connected, Writing
from server.store.filters import instant_field, key_field, number_field, text_field, word_field
from server.store.search import Searchable
from server.store.tables.notifications import delivery

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Row

    from server.model import Page, Query

_c = delivery.c
_ADD = {
    "sqlite": sqlite_insert(delivery).on_conflict_do_nothing(),
    "postgresql": postgresql_insert(delivery).on_conflict_do_nothing(),
}
_COLUMNS = (
    "key", "channel", "recipient", "content", "dedupe_key", "created_at", "due_at", "attempts", "problem", "ended_at",
    "job_key", "process_instance_key",
)  # fmt: skip
_ENDED = (DeliveryState.SENT, DeliveryState.UNCERTAIN, DeliveryState.DEAD, DeliveryState.CANCELED)
_GIVEN_UP = (DeliveryState.UNCERTAIN.value, DeliveryState.DEAD.value)


def _to_record(row: Row[Any]) -> Delivery:
    return Delivery(state=DeliveryState(row.state), **{name: getattr(row, name) for name in _COLUMNS})


_SEARCHABLE = Searchable(
    "deliveries",
    delivery,
    {
        "key": key_field(_c.key),
        "channel": text_field(_c.channel),
        "recipient": text_field(_c.recipient),
        "state": word_field(_c.state, DeliveryState),
        "attempts": number_field(_c.attempts),
        "created_at": instant_field(_c.created_at),
        "due_at": instant_field(_c.due_at),
        "ended_at": instant_field(_c.ended_at),
        "process_instance_key": key_field(_c.process_instance_key),
    },
    _to_record,
)


class DeliveryReads(Connected):
    """Reads deliveries."""

    def delivery(self, key: int) -> Delivery | None:
        """Find by key."""
        row = self._row(select(delivery).where(_c.key == key))
        return None if row is None else _to_record(row)

    def search_deliveries(self, query: Query) -> Page[Delivery]:
        """Search by the record's fields."""
        return _SEARCHABLE.search(self._connection, query)

    def is_delivery_due(self, now: datetime) -> bool:
        """Tell whether anything is to be sent now; takes no lock."""
        return self._row(select(_c.key).where(_c.due_at <= now).limit(1)) is not None

    def unsettled_deliveries(self, now: datetime, limit: int) -> tuple[Delivery, ...]:
        """Return ended deliveries whose waiting job is to be told now; candidates only."""
        found = select(delivery).where(_c.settle_at <= now).order_by(_c.settle_at, _c.key).limit(limit)
        return tuple(_to_record(row) for row in self._rows(found))


class DeliveryWrites(DeliveryReads, Writing):
    """Writes deliveries."""

    def add_deliveries(self, records: Iterable[Delivery]) -> None:
        """Add deliveries; one whose dedupe key is there already is not added again."""
        rows = [{name: getattr(one, name) for name in _COLUMNS} | {"state": one.state.value} for one in records]
        self._write_each(_ADD[self.dialect], rows)

    def lease_delivery(self, owner: str, now: datetime, until: datetime) -> Delivery | None:
        """Lease the delivery that has been due longest, or return None.

        One whose sender died is leased again – unless the receiver may have it already: that one is UNCERTAIN from now
        on, and returned as such.
        """
        row = self._row(
            select(delivery)
            .where(_c.due_at <= now)
            .order_by(_c.due_at, _c.key)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if row is None:
            return None
        if row.state == DeliveryState.COMMITTING.value:
            problem = "the sender died, or lost the line, while the mail server was taking the mail"
            self._end(row.key, DeliveryState.UNCERTAIN, now, problem)
        else:
            leased = {"state": DeliveryState.SENDING.value, "lease_owner": owner, "due_at": until}
            self._write(update(delivery).where(_c.key == row.key).values(leased | {"attempts": row.attempts + 1}))
        return self.delivery(row.key)

    def renew_delivery(self, key: int, owner: str, until: datetime, *, committing: bool = False) -> bool:
        """Prolong a lease, and with `committing` note that the receiver may have it from now on; False: it is lost."""
        state = DeliveryState.COMMITTING if committing else DeliveryState.SENDING
        held = (_c.key == key, _c.lease_owner == owner, _c.state == DeliveryState.SENDING.value)
        return bool(self._write(update(delivery).where(*held).values(due_at=until, state=state.value)))

    def end_delivery(self, key: int, owner: str, state: DeliveryState, now: datetime, problem: str | None) -> bool:
        """Note how a leased delivery ended; False when it is another's by now.

        That it was sent is noted also where it was thought UNCERTAIN before.
        """
        held = [DeliveryState.SENDING.value, DeliveryState.COMMITTING.value]
        if state is DeliveryState.SENT:
            held.append(DeliveryState.UNCERTAIN.value)
        mine = self._row(select(_c.key).where(_c.key == key, _c.lease_owner == owner, _c.state.in_(held)))
        if mine is not None:
            self._end(key, state, now, problem)
        return mine is not None

    def postpone_delivery(self, key: int, owner: str, until: datetime, problem: str) -> None:
        """Give a leased delivery back, to be tried again from a time on."""
        held = (DeliveryState.SENDING.value, DeliveryState.COMMITTING.value)
        mine = update(delivery).where(_c.key == key, _c.lease_owner == owner, _c.state.in_(held))
        values = {"state": DeliveryState.WAITING.value, "lease_owner": None, "due_at": until, "problem": problem}
        self._write(mine.values(values))

    def retry_delivery(self, key: int, now: datetime) -> bool:
        """Have a delivery that was given up sent again; False when it was not."""
        again = {"state": DeliveryState.WAITING.value, "due_at": now, "ended_at": None, "attempts": 0}
        found = update(delivery).where(_c.key == key, _c.state.in_(_GIVEN_UP))
        return bool(self._write(found.values(again | {"lease_owner": None, "settle_at": None})))

    def settle_delivery(self, key: int, again_at: datetime | None = None) -> None:
        """Note that the job which waited was told, or is to be told later."""
        self._write(update(delivery).where(_c.key == key).values(settle_at=again_at))

    def remove_old_deliveries(self, before: datetime) -> int:
        """Delete deliveries that ended before a time, and return how many these were."""
        ended = _c.state.in_([state.value for state in _ENDED])
        return self._write(
            delete(delivery).where(ended, _c.created_at < before, _c.ended_at < before, _c.settle_at.is_(None))
        )

    def _end(self, key: int, state: DeliveryState, now: datetime, problem: str | None) -> None:
        row = self._row(select(_c.job_key).where(_c.key == key))
        settle_at = None if row is None or row.job_key is None else now
        values = {"state": state.value, "due_at": None, "ended_at": now, "problem": problem, "settle_at": settle_at}
        self._write(update(delivery).where(_c.key == key).values(values))
