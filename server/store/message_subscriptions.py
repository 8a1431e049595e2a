"""Element instances that wait for a message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import not_, select

from server.model import MessageSubscription
from server.store.connected import Connected, Values
from server.store.filters import key_field, text_field
from server.store.places import place_fields, place_values, to_place
from server.store.search import Searchable
from server.store.tables.work import message_subscription

if TYPE_CHECKING:
    from sqlalchemy import Row

    from server.model import Page, Query

_c = message_subscription.c


def _to_record(row: Row[Any]) -> MessageSubscription:
    return MessageSubscription(
        key=row.key, place=to_place(row), message_name=row.message_name, correlation_key=row.correlation_key
    )


def message_subscription_values(record: MessageSubscription) -> Values:
    """Return the columns of a subscription."""
    return place_values(record.place) | {
        "key": record.key,
        "message_name": record.message_name,
        "correlation_key": record.correlation_key,
    }


_SEARCHABLE = Searchable(
    "message subscriptions",
    message_subscription,
    place_fields(message_subscription)
    | {
        "key": key_field(_c.key),
        "message_name": text_field(_c.message_name),
        "correlation_key": text_field(_c.correlation_key),
    },
    _to_record,
)


class MessageSubscriptionReads(Connected):
    """Reads message subscriptions."""

    def message_subscription(self, key: int) -> MessageSubscription | None:
        """Find by key."""
        row = self._row(select(message_subscription).where(_c.key == key))
        return None if row is None else _to_record(row)

    def message_subscriptions(self, name: str, correlation_key: str) -> tuple[MessageSubscription, ...]:
        """Return who waits for this message with this correlation key, longest waiting first.

        Suspended instances do not: messages for them are buffered.
        """
        rows = self._rows(
            select(message_subscription)
            .where(_c.message_name == name, _c.correlation_key == correlation_key, not_(_c.suspended))
            .order_by(_c.key)
        )
        return tuple(_to_record(row) for row in rows)

    def message_subscriptions_of_root(self, root_key: int) -> tuple[MessageSubscription, ...]:
        """Return the subscriptions of a root instance and all instances it called."""
        rows = self._rows(select(message_subscription).where(_c.root_key == root_key).order_by(_c.key))
        return tuple(_to_record(row) for row in rows)

    def search_message_subscriptions(self, query: Query) -> Page[MessageSubscription]:
        """Search by any of the record's fields."""
        return _SEARCHABLE.search(self._connection, query)
