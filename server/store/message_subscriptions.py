"""Element instances that wait for a message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Integer, not_, select, type_coerce

from server.model import MessageSubscription, MessageSubscriptionView
from server.store.connected import Connected, Values
from server.store.filters import instant_field, key_field, number_field, text_field
from server.store.places import place_fields, place_values, to_place
from server.store.search import Searchable
from server.store.tables.definitions import process_definition
from server.store.tables.work import message_subscription

if TYPE_CHECKING:
    from sqlalchemy import Row, Table

    from server.model import Page, Query

_c = message_subscription.c


def _to_record(row: Row[Any]) -> MessageSubscription:
    return MessageSubscription(
        key=row.key,
        place=to_place(row),
        message_name=row.message_name,
        correlation_key=row.correlation_key,
        creation_date=row.creation_date,
    )


def _to_view(row: Row[Any]) -> MessageSubscriptionView:
    return MessageSubscriptionView(_to_record(row), row.process_name, row.version)


def message_subscription_values(record: MessageSubscription) -> Values:
    """Return the columns of a subscription."""
    return place_values(record.place) | {
        "key": record.key,
        "message_name": record.message_name,
        "correlation_key": record.correlation_key,
        "creation_date": record.creation_date,
    }


# The searches of this package take a table; a named selection has columns just as well.
_listed = cast(
    "Table",
    select(
        message_subscription,
        process_definition.c.name.label("process_name"),
        type_coerce(process_definition.c.version, Integer()).label("version"),
    )
    .outerjoin(process_definition, process_definition.c.key == _c.process_definition_key)
    .subquery("listed"),
)
_SEARCHABLE = Searchable(
    "message subscriptions",
    _listed,
    place_fields(_listed)
    | {
        "key": key_field(_listed.c.key),
        "message_name": text_field(_listed.c.message_name),
        "correlation_key": text_field(_listed.c.correlation_key),
        "creation_date": instant_field(_listed.c.creation_date),
        "process_name": text_field(_listed.c.process_name),
        "version": number_field(_listed.c.version),
    },
    _to_view,
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

    def search_message_subscriptions(self, query: Query) -> Page[MessageSubscriptionView]:
        """Search by any of the record's fields."""
        return _SEARCHABLE.search(self._connection, query)
