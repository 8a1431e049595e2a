"""The message buffer: in order, until messages expire, each process once, and what still has to start."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from store_examples import MINUTE, NOW, instance, place, start, step, subscription

from server.errors import AlreadyExists
from server.model import InstanceEnd, InstanceState, Message, MessageStart, Sealed

if TYPE_CHECKING:
    from server.store import Store

SECOND = timedelta(seconds=1)


def message(key: int, name: str = "支付", correlation_key: str = "17", **changes: object) -> Message:
    given = {"message_id": None, "variables": {}, "published_at": NOW, "expires_at": NOW + MINUTE, **changes}
    return Message(key, name, correlation_key, **given)


def test_a_message_waits_in_the_buffer_until_it_expires(store: Store) -> None:
    first = message(1, variables={"sum": 5}, actor="ann")
    with store.transaction() as tx:
        tx.add_message(first)
        tx.add_message(message(2, expires_at=NOW + 5 * MINUTE))
        tx.add_message(message(3, correlation_key="18", expires_at=NOW + 5 * MINUTE))
    with store.transaction() as tx:
        assert tx.message(1) == tx.next_message("支付", "17", "p", NOW) == first
        later = tx.next_message("支付", "17", "p", NOW + MINUTE)
        assert later is not None
        assert later.key == 2
        assert tx.next_message("支付", "17", "p", NOW + 5 * MINUTE) is None
        assert tx.next_message("支付", "19", "p", NOW) is None
        assert tx.remove_expired_messages(NOW + MINUTE, 10) == 1
        assert tx.remove_expired_messages(NOW + MINUTE, 10) == 0
        assert tx.message(1) is None


def test_messages_come_in_the_order_of_their_publication_whatever_their_keys(store: Store) -> None:
    with store.transaction() as tx:
        tx.add_message(message(1, published_at=NOW + SECOND))
        tx.add_message(message(2, published_at=NOW))
        tx.add_message(message(3, published_at=NOW))
    order = []
    with store.transaction() as tx:
        while (found := tx.next_message("支付", "17", "p", NOW)) is not None:
            assert tx.take_message(found.key, "p")
            order.append(found.key)
    assert order == [2, 3, 1]


def test_each_process_receives_a_message_once(store: Store) -> None:
    with store.transaction() as tx:
        tx.add_message(message(1), ["p", "q"])
    with store.transaction() as tx:
        assert tx.take_message(1, "p")
        assert not tx.take_message(1, "p")
        assert not tx.take_message(2, "p"), "there is none"
        assert tx.next_message("支付", "17", "p", NOW) is None
        assert tx.next_message("支付", "17", "q", NOW) is not None
        assert tx.next_message_start("p", "17", NOW) is None, "what was received starts nothing more"
        assert tx.next_message_start("q", "17", NOW) is not None
    with store.transaction() as tx:
        assert tx.remove_expired_messages(NOW + MINUTE, 10) == 1
        assert tx.next_message_start("q", "17", NOW) is None, "everything goes with the message"


def test_a_message_id_is_buffered_once(store: Store) -> None:
    with store.transaction() as tx:
        tx.add_message(message(1, message_id="id-1"), ["p"])
        tx.add_message(message(2, correlation_key="18", message_id="id-1"))
        assert tx.take_message(1, "p")
        assert tx.message_with_id("支付", "17", "id-1", NOW) is not None, "received or not"
        assert tx.message_with_id("支付", "17", "id-1", NOW + MINUTE) is None
        assert tx.message_with_id("支付", "17", "id-2", NOW) is None
    with pytest.raises(AlreadyExists, match="id-1"), store.transaction() as tx:
        tx.add_message(message(3, message_id="id-1"))
    with store.transaction() as tx:
        tx.add_message(message(4, message_id="id-1", published_at=NOW + MINUTE, expires_at=NOW + 9 * MINUTE))
        found = tx.next_message("支付", "17", "p", NOW + MINUTE)
        assert found is not None
        assert found.key == 4


def test_private_values_leave_the_buffer(store: Store) -> None:
    with store.transaction() as tx:
        tx.add_message(message(1, variables={"phone": "139"}))
        sealed = Sealed("k", b"wrapped", b"content")
        tx.replace_message_content(1, sealed)
        kept = tx.message(1)
        assert kept is not None
        assert (kept.variables, kept.sealed) == ({}, sealed)


def test_starts_are_due_while_no_instance_with_their_key_is_active(store: Store) -> None:
    start(store, 1000, instances_started=(instance(1000, process_id="p", start_correlation_key="17"),))
    with store.transaction() as tx:
        tx.add_message(message(1, published_at=NOW + SECOND), ["p", "q"])
        tx.add_message(message(2, correlation_key="18"), ["p"])
        tx.add_message(message(3, correlation_key=""), ["p"])
        tx.add_message(message(4, expires_at=NOW), ["gone"])
        tx.add_message_starts(4, ["p"])
    with store.reading() as reading:
        due = [MessageStart("p", ""), MessageStart("p", "18"), MessageStart("q", "17")]
        assert list(reading.message_starts(NOW, 9)) == due
        assert list(reading.message_starts(NOW, 1)) == due[:1]
    with store.transaction() as tx:
        ended = InstanceEnd(1000, InstanceState.COMPLETED, NOW)
        tx.save_step(step(1000, active=False, instances_ended=(ended,)), 1)
    with store.transaction() as tx:
        assert MessageStart("p", "17") in tx.message_starts(NOW, 9)
        tx.remove_message_start(1, "p")
        assert MessageStart("p", "17") not in tx.message_starts(NOW, 9)


def test_what_was_accepted_and_not_delivered_is_found(store: Store) -> None:
    waiting = (subscription(1, "支付", "17"), subscription(2, "支付", "18"))
    start(store, 1000, subscriptions_created=waiting)
    with store.transaction() as tx:
        tx.add_message(message(5))
        tx.add_message(message(6, expires_at=NOW))
        tx.add_message(message(7, correlation_key="19"))
        assert tx.undelivered_messages(NOW, 9) == ((5, 1),)
        assert tx.take_message(5, place().process_id)
        assert tx.undelivered_messages(NOW, 9) == ()
