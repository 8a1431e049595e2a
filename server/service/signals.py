"""Signals: broadcast to everybody who waits for a name; each receiver steps in a transaction of its own."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from server import access
from server.access import SYSTEM, Actor
from server.engine import Start, canonical_variables, commands
from server.errors import Contended, Forbidden, InvalidArgument, MusterError, Unavailable
from server.model import AuditEntry, Signal
from server.service.definitions import DefinitionReader
from server.service.sealed_messages import open_content, seal_signal
from server.service.steps import open_step
from server.service.transactions import retried_once
from server.service.viewers import limit_to_observed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from server.model import Page, Query, SignalDelivery, SignalSubscription
    from server.service.context import Context
    from server.store import Transaction

log = logging.getLogger(__name__)

MOST_AT_ONCE = 100
"""Deliveries that a broadcast makes itself; the worker makes the others."""
MOST_ATTEMPTS = 8
FIRST_PAUSE = timedelta(seconds=10)
"""After the first failure; it doubles with each one, so the last try comes some 20 minutes after the first."""
MOST_LISTED = 1000


def broadcast_signal(context: Context, actor: Actor, name: str, variables: Mapping[str, object]) -> int:
    """Broadcast a signal and return its key.

    Every element that waits for the name now receives it, and every process that begins with it starts. What cannot
    be delivered at once is delivered by the worker. Raises `Forbidden` and `InvalidArgument`.
    """
    key = _throw(context, actor, name, variables)
    with context.store.reading() as reading:
        deliveries = reading.signal_deliveries(MOST_AT_ONCE, key)
    for delivery in deliveries:
        try:
            try_delivery(context, delivery)
        except MusterError as error:
            log.warning("signal %s is left to the worker: %s", key, error)
    return key


@retried_once
def _throw(context: Context, actor: Actor, name: str, variables: Mapping[str, object]) -> int:
    if not access.may_publish(actor):
        raise Forbidden("only administrators and clients with a start scope broadcast signals")
    if not name:
        raise InvalidArgument("expected the name of a signal, found none")
    values = canonical_variables(variables)
    with context.store.transaction() as tx:
        key = next(tx.keys)
        tx.add_signal(Signal(key, name, {}, actor.name, sealed=seal_signal(context, key, values)))
        tx.add_audit([AuditEntry(context.now(), actor.name, "BROADCAST", "SIGNAL", str(key))])
    return key


def search_signal_subscriptions(context: Context, actor: Actor, query: Query) -> Page[SignalSubscription]:
    """Search who waits for signals; raises `Forbidden`."""
    limited = limit_to_observed(actor, query, "signal subscriptions")
    with context.store.reading() as reading:
        return reading.search_signal_subscriptions(limited)


def due_deliveries(context: Context, limit: int) -> tuple[SignalDelivery, ...]:
    """Return deliveries that wait, oldest signal first; candidates only, without a lock."""
    with context.store.reading() as reading:
        return reading.signal_deliveries(limit, now=context.now())


def try_delivery(context: Context, delivery: SignalDelivery) -> bool:
    """Deliver as `deliver_signal` does; what fails is tried again ever later, and at last given up for an operator."""
    try:
        return deliver_signal(context, delivery)
    except (Contended, Unavailable):
        raise
    except Exception as error:
        attempts = delivery.attempts + 1
        retry_at = None if attempts >= MOST_ATTEMPTS else context.now() + FIRST_PAUSE * 2 ** (attempts - 1)
        what = f"signal {delivery.signal_key} to {delivery.element_id} ({delivery.receiver_key})"
        log.exception("%s could not be delivered; %s", what, f"next try at {retry_at}" if retry_at else "given up")
        with context.store.transaction() as tx:
            tx.fail_signal_delivery(delivery, f"{type(error).__name__}: {error}", retry_at)
        return False


def list_failed_deliveries(context: Context, actor: Actor) -> tuple[tuple[SignalDelivery, datetime | None], ...]:
    """Return the deliveries that have failed, and when each is tried again (None: given up); raises `Forbidden`."""
    if not access.may_administer(actor):
        raise Forbidden("only administrators see failed deliveries")
    with context.store.reading() as reading:
        return reading.failed_signal_deliveries(MOST_LISTED)


def retry_failed_deliveries(context: Context, actor: Actor) -> int:
    """Have every failed delivery tried again, those that were given up too; returns how many. Raises `Forbidden`."""
    if not access.may_administer(actor):
        raise Forbidden("only administrators have deliveries tried again")
    with context.store.transaction() as tx:
        count = tx.retry_signal_deliveries(context.now())
        tx.add_audit([AuditEntry(context.now(), actor.name, "RETRY", "SIGNAL", "*")])
    return count


def deliver_signal(context: Context, delivery: SignalDelivery) -> bool:
    """Let one receiver step; False when somebody else does that, or did.

    The instance is locked first, then the delivery is taken: however many workers see it, one delivers. A subscription
    that has gone since the signal was thrown receives nothing more.
    """
    with context.store.transaction() as tx:
        if delivery.root_key is None:
            return _start(context, tx, delivery)
        return _trigger(context, tx, delivery, delivery.root_key)


def _trigger(context: Context, tx: Transaction, delivery: SignalDelivery, root_key: int) -> bool:
    locked = tx.lock_instance(root_key, skip_locked=True)
    signal = tx.signal(delivery.signal_key)
    if locked is not None and locked.suspended:
        tx.suspend_signal_delivery(delivery)
        return False
    if locked is None or signal is None or not tx.take_signal_delivery(delivery):
        return False
    subscription = tx.signal_subscription(delivery.receiver_key)
    if subscription is not None:
        step = open_step(context, tx, _actor_of(signal), locked)
        step.execution.changes.signal_budget = signal.further
        place = subscription.place
        variables = step.protect_all(open_content(context, signal), place.process_definition_key)
        commands.receive_signal(step.execution, place.element_instance_key, variables, signal.name)
        step.note("CORRELATE", "SIGNAL_SUBSCRIPTION", subscription.key)
        step.save()
    return True


def _start(context: Context, tx: Transaction, delivery: SignalDelivery) -> bool:
    signal = tx.signal(delivery.signal_key)
    if signal is None or not tx.take_signal_delivery(delivery):
        return False
    step = open_step(context, tx, _actor_of(signal))
    step.execution.changes.signal_budget = signal.further
    executable = DefinitionReader(context.definitions, tx).process(delivery.receiver_key)
    variables = step.protect_all(open_content(context, signal), delivery.receiver_key)
    start = Start(variables, start_event=delivery.element_id)
    instance = commands.start(step.execution, executable, start)
    step.note("CREATE", "PROCESS_INSTANCE", instance.key)
    step.save()
    return True


def _actor_of(signal: Signal) -> Actor:
    """Return who is behind a signal: who broadcast it, or the server when a process threw it.

    The person whose step made a process throw is not: they would come to see instances that are no business of theirs.
    """
    return SYSTEM if signal.actor is None else Actor(signal.actor)


def remove_delivered_signals(context: Context) -> int:
    """Delete the signals that everybody has received, and return how many these were."""
    with context.store.transaction() as tx:
        return tx.remove_delivered_signals()
