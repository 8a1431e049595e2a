"""Messages: published by name and correlation key, buffered for those who do not wait yet."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from server import access
from server.access import SYSTEM, Actor
from server.engine import canonical_variables, commands
from server.errors import AlreadyExists, Forbidden, InvalidArgument, MusterError, NotFound
from server.model import AuditEntry, Message, MessageStart
from server.service.idempotency import claim, finish, keep, release
from server.service.message_starts import check_start, start_next, start_once
from server.service.sealed_messages import seal_message
from server.service.steps import open_step
from server.service.transactions import retried_once
from server.service.viewers import limit_to_observed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from server.model import MessageSubscription, MessageSubscriptionView, Page, Query, StartSubscription
    from server.service.context import Context
    from server.service.idempotency import Once
    from server.store import Transaction

log = logging.getLogger(__name__)

LONGEST_TIME_TO_LIVE = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Publication:
    """A message. `message_id` makes it idempotent while it is buffered, received or not."""

    name: str
    correlation_key: str = ""
    time_to_live: timedelta = timedelta(0)
    message_id: str | None = None
    variables: Mapping[str, object] = field(default_factory=dict)
    locale: str = "zh-CN"


@dataclass(frozen=True, slots=True)
class Correlation:
    """A message that reached an instance."""

    message_key: int
    process_instance_key: int


@dataclass(frozen=True, slots=True)
class _Receivers:
    """Who may take a message: elements that wait, longest first, and processes that begin with it."""

    message_key: int
    waiting: tuple[MessageSubscription, ...]
    starting: tuple[StartSubscription, ...]
    accepted_before: bool = False


def publish_message(context: Context, actor: Actor, publication: Publication, once: Once | None = None) -> int:
    """Publish a message and return its key.

    It reaches one waiting instance of each process and starts the other processes that begin with it. For its time to
    live it stays in the buffer, where each process that has not received it yet finds it; without one it is gone.
    Each receiver steps in a transaction of its own. Raises `AlreadyExists` while a message with its id is buffered,
    and `SubmissionInvalid`, before anything is delivered, when a process that it starts has a start form that its
    variables do not fit.
    """
    _check(actor, publication)
    receivers = _accept(context, actor, publication, once)
    if receivers.accepted_before:
        return receivers.message_key
    if publication.time_to_live > timedelta(0):
        try:
            _deliver_buffered(context, actor, publication, receivers)
        except MusterError as error:  # it is safe in the buffer
            log.warning("message %s is left to the worker: %s", receivers.message_key, error)
    else:
        with _released_on_failure(context, once):
            _deliver(context, actor, publication, receivers)
        finish(context, once, message=receivers.message_key)
    return receivers.message_key


@contextmanager
def _released_on_failure(context: Context, once: Once | None) -> Iterator[None]:
    """Let the same request be sent again when the body fails: who has received the message waits for it no more."""
    try:
        yield
    except MusterError:
        release(context, once)
        raise


def correlate_message(
    context: Context, actor: Actor, publication: Publication, once: Once | None = None
) -> Correlation:
    """Deliver a message at once; raises `NotFound` when nobody takes it, `SubmissionInvalid` as publishing does."""
    _check(actor, publication)
    with context.store.transaction() as tx:
        known = claim(context, tx, once)
        if known is not None:
            return Correlation(cast("int", known["message"]), cast("int", known["instance"]))
        receivers = _find_receivers(tx, publication, next(tx.keys))
        _check_starts(context, tx, actor, receivers.starting, publication)
    with _released_on_failure(context, once):
        reached = _hand_over(context, actor, publication, receivers)
    finish(context, once, message=receivers.message_key, instance=reached)
    return Correlation(receivers.message_key, reached)


def _hand_over(context: Context, actor: Actor, publication: Publication, receivers: _Receivers) -> int:
    """Deliver a message and return the instance that took it; raises `NotFound` when nobody did."""
    reached = _deliver(context, actor, publication, receivers)
    if not reached:
        message = f"nobody waits for the message {publication.name!r} with key {publication.correlation_key!r}"
        if receivers.starting:
            names = ", ".join(repr(one.process_id) for one in receivers.starting)
            message = f"{message}; of each process that it starts ({names}) an instance with this key is active"
        raise NotFound(message)
    return reached[0]


def _check(actor: Actor, publication: Publication) -> None:
    if not access.may_publish(actor):
        raise Forbidden("only administrators and clients with a start scope publish messages")
    if not publication.name:
        raise InvalidArgument("expected the name of a message, found none")
    if not timedelta(0) <= publication.time_to_live <= LONGEST_TIME_TO_LIVE:
        raise InvalidArgument(f"expected a time to live from 0 to {LONGEST_TIME_TO_LIVE}")
    canonical_variables(publication.variables)


def _find_receivers(tx: Transaction, publication: Publication, key: int) -> _Receivers:
    waiting = tx.message_subscriptions(publication.name, publication.correlation_key)
    return _Receivers(key, waiting, tx.start_subscriptions(publication.name))


@retried_once
def _accept(context: Context, actor: Actor, publication: Publication, once: Once | None) -> _Receivers:
    """Find the receivers under the message's lock, and keep the message for its time to live.

    So whoever begins to wait is found here, or finds the message (architecture.md, decision 5).
    """
    with context.store.transaction() as tx:
        done = claim(context, tx, once)
        if done is not None:
            return _Receivers(cast("int", done["message"]), (), (), accepted_before=True)
        now = context.now()
        tx.lock_message(publication.name, publication.correlation_key)
        known = publication.message_id and tx.message_with_id(
            publication.name, publication.correlation_key, publication.message_id, now
        )
        if known:
            raise AlreadyExists(f"a message with the id {publication.message_id!r} waits already")
        receivers = _find_receivers(tx, publication, next(tx.keys))
        _check_starts(context, tx, actor, receivers.starting, publication)
        if publication.time_to_live > timedelta(0):
            message = Message(
                key=receivers.message_key,
                name=publication.name,
                correlation_key=publication.correlation_key,
                message_id=publication.message_id,
                variables={},
                published_at=now,
                expires_at=now + publication.time_to_live,
                actor=actor.name,
                sealed=seal_message(context, receivers.message_key, canonical_variables(publication.variables)),
            )
            tx.add_message(message, _starting_alone(receivers))
            keep(tx, once, message=receivers.message_key)
        tx.add_audit([AuditEntry(now, actor.name, "PUBLISH", "MESSAGE", str(receivers.message_key))])
    return receivers


def _starting_alone(receivers: _Receivers) -> list[str]:
    """Return the processes that a message starts unless an instance of theirs waits for it: that comes first."""
    waiting = {subscription.place.process_id for subscription in receivers.waiting}
    return [one.process_id for one in receivers.starting if one.process_id not in waiting]


def _check_starts(
    context: Context,
    tx: Transaction,
    actor: Actor,
    starting: tuple[StartSubscription, ...],
    publication: Publication,
) -> None:
    """Hold the message against the start form of every process that it starts, before anybody gets it."""
    for subscription in starting:
        check_start(open_step(context, tx, actor), subscription, publication.variables, publication.locale)


def _deliver(context: Context, actor: Actor, publication: Publication, receivers: _Receivers) -> list[int]:
    """Step every receiver of a message that is not buffered; returns the process instances that were reached."""
    reached: dict[str, int] = {}
    for subscription in receivers.waiting:
        process_id = subscription.place.process_id
        if process_id not in reached and _correlate(context, actor, subscription, publication.variables):
            reached[process_id] = subscription.place.process_instance_key
    for start in receivers.starting:
        if start.process_id not in reached:
            key = start_once(context, actor, start, publication)
            if key is not None:
                reached[start.process_id] = key
    return list(reached.values())


@retried_once
def _correlate(
    context: Context, actor: Actor, subscription: MessageSubscription, variables: Mapping[str, object]
) -> bool:
    with context.store.transaction() as tx:
        locked = tx.lock_instance(subscription.place.root_key)
        if locked is None or locked.suspended or tx.message_subscription(subscription.key) is None:
            return False
        step = open_step(context, tx, actor, locked)
        protected = step.protect_all(variables, subscription.place.process_definition_key)
        place, name = subscription.place, subscription.message_name
        commands.correlate(step.execution, place.element_instance_key, protected, name)
        step.note("CORRELATE", "MESSAGE_SUBSCRIPTION", subscription.key)
        step.save()
    return True


def _deliver_buffered(context: Context, actor: Actor, publication: Publication, receivers: _Receivers) -> None:
    """Step every receiver of a message that is buffered; what fails stays there for a later try."""
    served: set[str] = set()
    for subscription in receivers.waiting:
        process_id = subscription.place.process_id
        if process_id not in served and deliver_buffered_message(context, receivers.message_key, subscription.key):
            served.add(process_id)
    alone = _starting_alone(receivers)
    for start in receivers.starting:
        if start.process_id in served:
            continue
        if start.process_id not in alone:  # whoever waited there is gone
            with context.store.transaction() as tx:
                tx.add_message_starts(receivers.message_key, [start.process_id])
        start_next(context, MessageStart(start.process_id, publication.correlation_key), actor)


@retried_once
def deliver_buffered_message(context: Context, message_key: int, subscription_key: int) -> bool:
    """Hand a buffered message to an element that waits; False when one of them is gone, or the instance suspended."""
    with context.store.transaction() as tx:
        subscription = tx.message_subscription(subscription_key)
        locked = None if subscription is None else tx.lock_instance(subscription.place.root_key)
        if locked is None or locked.suspended:
            return False
        subscription, message = tx.message_subscription(subscription_key), tx.message(message_key)
        if subscription is None or message is None or message.expires_at <= context.now():
            return False
        step = open_step(context, tx, SYSTEM if message.actor is None else Actor(message.actor), locked)
        if not step.deliver_message(message, subscription):
            return False
        step.note("CORRELATE", "MESSAGE_SUBSCRIPTION", subscription.key)
        step.save()
    return True


def undelivered_messages(context: Context, limit: int) -> tuple[tuple[int, int], ...]:
    """Return keys of buffered messages with the key of a subscription each that waits for them; candidates only.

    Diagrams publish with the commit of their step; other messages are there when a server died before delivering.
    """
    with context.store.reading() as reading:
        return reading.undelivered_messages(context.now(), limit)


def search_message_subscriptions(context: Context, actor: Actor, query: Query) -> Page[MessageSubscriptionView]:
    """Search the instances that wait for messages; raises `Forbidden`."""
    limited = limit_to_observed(actor, query, "message subscriptions")
    with context.store.reading() as reading:
        return reading.search_message_subscriptions(limited)


def remove_expired_messages(context: Context, limit: int = 1000) -> int:
    """Delete buffered messages whose time to live is over, and return how many."""
    with context.store.transaction() as tx:
        return tx.remove_expired_messages(context.now(), limit)
