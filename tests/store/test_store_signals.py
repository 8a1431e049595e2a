"""Signals: who receives one is settled when it is thrown, and each receiver takes it once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from store_examples import MINUTE, NOW, ROOT, place, step

from server.model import Signal, SignalDelivery, SignalSubscription, StartSignal

if TYPE_CHECKING:
    from server.store import Store

ALARM = Signal(2**40, "alarm", {"level": 3}, "ann")


def subscription(key: int, name: str = "alarm") -> SignalSubscription:
    return SignalSubscription(key, place("wait"), name)


def to(key: int, signal: Signal = ALARM) -> SignalDelivery:
    return SignalDelivery(signal.key, key, "wait", ROOT)


def test_a_signal_is_on_its_way_to_those_who_wait_when_it_is_thrown(store: Store) -> None:
    with store.transaction() as tx:
        tx.create_root(step(signal_subscriptions_created=(subscription(21), subscription(22), subscription(23, "x"))))
        tx.replace_start_signals("q", [StartSignal("q", 9, "alarm", "go"), StartSignal("q", 9, "x", "stay")])
        assert tx.signal_subscription(21) == subscription(21)
    with store.transaction() as tx:
        assert tx.add_signal(ALARM) == 3
        begun = SignalDelivery(ALARM.key, 9, "go", None)
        assert tx.signal_deliveries(9) == (begun, to(21), to(22))
        assert tx.signal_deliveries(1, ALARM.key) == (begun,)
        assert tx.signal_deliveries(9, 501) == ()
        assert tx.signal(ALARM.key) == replace(ALARM, further=3333), "what may come of it is divided"
    with store.transaction() as tx:
        tx.save_step(step(signal_subscriptions_created=(subscription(24),), signal_subscriptions_removed=(22,)), 1)
        assert tx.signal_subscription(22) is None
        assert tx.signal_deliveries(9) == (begun, to(21), to(22))


def test_a_step_throws_at_those_who_waited_before(store: Store) -> None:
    with store.transaction() as tx:
        tx.create_root(step(signal_subscriptions_created=(subscription(21), subscription(22))))
    thrown = replace(ALARM, actor=None, missed=(24,))
    opened = subscription(23), subscription(24)
    with store.transaction() as tx:
        changes = {"signal_subscriptions_created": opened, "signal_subscriptions_removed": (22,)}
        tx.save_step(step(signals_thrown=(thrown,), **changes), 1)
    with store.reading() as reading:
        assert reading.signal_deliveries(9) == (to(21), to(23))
        assert reading.signal(ALARM.key) == replace(thrown, missed=(), further=5000)


def test_nothing_is_kept_of_a_signal_that_nobody_waits_for(store: Store) -> None:
    with store.transaction() as tx:
        assert tx.add_signal(ALARM) == 0
        assert tx.signal(ALARM.key) is None


def test_a_delivery_is_taken_once_and_the_signal_goes_with_the_last(store: Store) -> None:
    with store.transaction() as tx:
        tx.create_root(step(signal_subscriptions_created=(subscription(21), subscription(22))))
        tx.add_signal(ALARM)
    with store.transaction() as tx:
        assert tx.take_signal_delivery(to(21))
        assert not tx.take_signal_delivery(to(21))
        assert tx.remove_delivered_signals() == 0
    with store.transaction() as tx:
        assert not tx.take_signal_delivery(to(21))
        assert tx.take_signal_delivery(to(22))
        assert tx.remove_delivered_signals() == 1
        assert tx.signal(ALARM.key) is None


def test_what_one_transaction_takes_another_passes_over(store: Store) -> None:
    if store.dialect == "sqlite":
        return  # the open transaction is the only writer
    with store.transaction() as tx:
        tx.create_root(step(signal_subscriptions_created=(subscription(21),)))
        tx.add_signal(ALARM)
    with store.transaction() as first, store.transaction() as second:
        assert first.take_signal_delivery(to(21))
        assert not second.take_signal_delivery(to(21))


def test_the_newer_version_takes_the_place_of_the_older_ones_only(store: Store) -> None:
    with store.transaction() as tx:
        tx.replace_start_signals("p", [StartSignal("p", 1, "alarm", "go")])
        tx.replace_start_signals("q", [StartSignal("q", 2, "alarm", "go")])
        tx.replace_start_signals("p", [StartSignal("p", 3, "alarm", "again")])
        tx.add_signal(ALARM)
        found = {(one.receiver_key, one.element_id) for one in tx.signal_deliveries(9)}
        assert found == {(2, "go"), (3, "again")}


def test_a_delivery_that_failed_waits_for_its_next_try_or_for_an_operator(store: Store) -> None:
    with store.transaction() as tx:
        tx.create_root(step(signal_subscriptions_created=(subscription(21), subscription(22))))
        tx.add_signal(ALARM)
        assert tx.failed_signal_deliveries(9) == ()
        tx.fail_signal_delivery(to(21), "torn", NOW + MINUTE)
        tx.fail_signal_delivery(to(22), "torn", None)
    once = replace(to(21), attempts=1, problem="torn")
    with store.transaction() as tx:
        assert tx.signal_deliveries(9, now=NOW) == ()
        assert tx.signal_deliveries(9, now=NOW + MINUTE) == (once,)
        assert [retry_at for _, retry_at in tx.failed_signal_deliveries(9)] == [NOW + MINUTE, None]
        assert tx.remove_delivered_signals() == 0
        assert tx.retry_signal_deliveries(NOW) == 2
        assert [one.receiver_key for one in tx.signal_deliveries(9, now=NOW)] == [21, 22]
        assert tx.failed_signal_deliveries(9) == ()
