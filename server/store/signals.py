"""Signals: subscriptions and start events that wait, thrown signals, and their deliveries to each receiver.

Who receives a signal is settled in the transaction that throws it: one delivery row each, which the receiver's own
step takes away. So nothing is lost when a process dies in between, and nobody receives a signal twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, exists, func, insert, literal, not_, select, update

from server.model import Signal, SignalDelivery, SignalSubscription
from server.store.columns import Key
from server.store.connected import Connected, Values, Writing
from server.store.envelopes import sealed_values, to_sealed
from server.store.filters import FlagField, instant_field, key_field, text_field
from server.store.places import place_fields, place_values, to_place
from server.store.search import Searchable
from server.store.tables.signals import signal_broadcast, signal_delivery, signal_subscription, start_signal

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import ColumnElement, Row, Select

    from server.model import Page, Query, Sealed, StartSignal

_delivery = signal_delivery.c
_COLUMNS = ["signal_key", "receiver_key", "element_id", "root_key"]


def signal_subscription_values(record: SignalSubscription) -> Values:
    """Return the columns of a subscription."""
    return place_values(record.place) | {
        "key": record.key,
        "signal_name": record.signal_name,
        "creation_date": record.creation_date,
    }


def _to_record(row: Row[Any]) -> SignalSubscription:
    return SignalSubscription(row.key, to_place(row), row.signal_name, row.creation_date, bool(row.suspended))


_SEARCHABLE = Searchable(
    "signal subscriptions",
    signal_subscription,
    place_fields(signal_subscription)
    | {
        "key": key_field(signal_subscription.c.key),
        "signal_name": text_field(signal_subscription.c.signal_name),
        "creation_date": instant_field(signal_subscription.c.creation_date),
        "suspended": FlagField(signal_subscription.c.suspended),
    },
    _to_record,
)


def _to_delivery(row: Row[Any]) -> SignalDelivery:
    return SignalDelivery(row.signal_key, row.receiver_key, row.element_id, row.root_key, row.attempts, row.problem)


def _to_signal(row: Row[Any]) -> Signal:
    return Signal(row.key, row.name, row.variables, row.actor, further=row.further, sealed=to_sealed(row))


def _is(delivery: SignalDelivery) -> ColumnElement[bool]:
    return (
        (_delivery.signal_key == delivery.signal_key)
        & (_delivery.receiver_key == delivery.receiver_key)
        & (_delivery.element_id == delivery.element_id)
    )


class SignalReads(Connected):
    """Reads what has to do with signals."""

    def signal(self, key: int) -> Signal | None:
        """Find a thrown signal that is not delivered to everybody yet."""
        row = self._row(select(signal_broadcast).where(signal_broadcast.c.key == key))
        return None if row is None else _to_signal(row)

    def signals_under_other_keys(self, key_id: str, after: int, limit: int) -> tuple[Signal, ...]:
        """Return thrown signals with a key above `after` whose content another master key wraps, by key."""
        c = signal_broadcast.c
        found = select(signal_broadcast).where(c.key_id != key_id, c.key > after).order_by(c.key).limit(limit)
        return tuple(_to_signal(row) for row in self._rows(found))

    def signal_subscription(self, key: int) -> SignalSubscription | None:
        """Find by key."""
        row = self._row(select(signal_subscription).where(signal_subscription.c.key == key))
        return None if row is None else _to_record(row)

    def search_signal_subscriptions(self, query: Query) -> Page[SignalSubscription]:
        """Search by any of the record's fields."""
        return _SEARCHABLE.search(self._connection, query)

    def signal_deliveries(
        self, limit: int, signal_key: int | None = None, now: datetime | None = None
    ) -> tuple[SignalDelivery, ...]:
        """Return deliveries that wait, of one signal or of all, oldest signal first; candidates without locks.

        Those to suspended instances are left out: they go on with the instance. With `now` those are left out, too,
        that are to be tried again later, or are given up.
        """
        statement = (
            select(signal_delivery).where(not_(_delivery.suspended)).order_by(*signal_delivery.primary_key).limit(limit)
        )
        if signal_key is not None:
            statement = statement.where(_delivery.signal_key == signal_key)
        if now is not None:
            statement = statement.where(_delivery.retry_at <= now)
        return tuple(_to_delivery(row) for row in self._rows(statement))

    def failed_signal_deliveries(self, limit: int) -> tuple[tuple[SignalDelivery, datetime | None], ...]:
        """Return the deliveries that have failed, and when each is tried again (None: given up), oldest first."""
        failed = select(signal_delivery).where(_delivery.attempts > 0).order_by(*signal_delivery.primary_key)
        return tuple((_to_delivery(row), row.retry_at) for row in self._rows(failed.limit(limit)))


class SignalWrites(Writing):
    """Writes what has to do with signals."""

    def add_signal(self, signal: Signal) -> int:
        """Throw a signal at everybody who waits for it now; returns how many these are. Nobody: nothing is kept.

        Suspended instances do not receive it, now or later, as in Camunda 8.
        """
        thrown = literal(signal.key, Key())
        waiting = signal_subscription.c
        reached: Select[Any] = select(thrown, waiting.key, waiting.element_id, waiting.root_key)
        reached = reached.where(waiting.signal_name == signal.name, not_(waiting.suspended))
        if signal.missed:
            reached = reached.where(waiting.key.not_in(signal.missed))
        starts = start_signal.c
        started: Select[Any] = select(thrown, starts.definition_key, starts.element_id, literal(None, Key())).where(
            starts.signal_name == signal.name
        )
        self._write(insert(signal_delivery).from_select(_COLUMNS, reached.union_all(started)))
        row = self._row(select(func.count().label("count")).where(_delivery.signal_key == signal.key))
        count = 0 if row is None else int(row[0])
        if count:
            values = {"key": signal.key, "name": signal.name, "variables": signal.variables, "actor": signal.actor}
            self._write(
                insert(signal_broadcast), values | sealed_values(signal.sealed) | {"further": signal.further // count}
            )
        return count

    def replace_signal_content(self, key: int, sealed: Sealed) -> None:
        """Put what a signal brings under another master key."""
        self._write(update(signal_broadcast).where(signal_broadcast.c.key == key).values(**sealed_values(sealed)))

    def take_signal_delivery(self, delivery: SignalDelivery) -> bool:
        """Take a delivery for the step of this transaction; tells whether it was there and nobody else takes it."""
        locked = select(_delivery.signal_key).where(_is(delivery)).with_for_update(skip_locked=True)
        if self._row(locked) is None:
            return False
        self._write(delete(signal_delivery).where(_is(delivery)))
        return True

    def fail_signal_delivery(self, delivery: SignalDelivery, problem: str, retry_at: datetime | None) -> None:
        """Note that a delivery has failed, and when it is tried again; None gives it up."""
        failed = update(signal_delivery).where(_is(delivery))
        self._write(failed.values(attempts=_delivery.attempts + 1, problem=problem, retry_at=retry_at))

    def retry_signal_deliveries(self, now: datetime) -> int:
        """Have every delivery that has failed tried again at once, and return how many these are."""
        failed = update(signal_delivery).where(_delivery.attempts > 0)
        return self._write(failed.values(attempts=0, retry_at=now))

    def remove_delivered_signals(self) -> int:
        """Delete the signals that everybody has received, and return how many these were."""
        waits = exists().where(_delivery.signal_key == signal_broadcast.c.key)
        return self._write(delete(signal_broadcast).where(~waits))

    def replace_start_signals(self, process_id: str, signals: Iterable[StartSignal]) -> None:
        """Let these signal start events, those of the newest version, take the place of the older version's."""
        self._write(delete(start_signal).where(start_signal.c.process_id == process_id))
        self._write_each(
            insert(start_signal),
            [
                {
                    "process_id": process_id,
                    "element_id": one.element_id,
                    "definition_key": one.definition_key,
                    "signal_name": one.signal_name,
                }
                for one in signals
            ],
        )
