"""Messages: published by name and correlation key, buffered for those who do not wait yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from server import access
from server.engine import Start, canonical_variables, commands
from server.errors import AlreadyExists, Forbidden, InvalidArgument, NotFound
from server.model import AuditEntry
from server.service.process_definitions import find_start_form
from server.service.steps import open_step
from server.service.submissions import check_submission
from server.service.transactions import retried_once

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.access import Actor
    from server.model import MessageSubscription, StartSubscription
    from server.service.context import Context
    from server.service.steps import Step
    from server.service.submissions import Accepted
    from server.store import Transaction

LONGEST_TIME_TO_LIVE = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Publication:
    """A message. `message_id` makes it idempotent while it is buffered."""

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
    message_key: int
    waiting: tuple[MessageSubscription, ...]
    starting: tuple[StartSubscription, ...]


@retried_once
def publish_message(context: Context, actor: Actor, publication: Publication) -> int:
    """Publish a message and return its key.

    It reaches one waiting instance of each process and starts the processes that begin with it; when there is
    neither, it is kept for its time to live. Each receiver steps in a transaction of its own. Raises
    `SubmissionInvalid`, before anything is delivered, when a process that it starts has a start form that its variables
    do not fit.
    """
    _check(actor, publication)
    receivers = _accept(context, actor, publication)
    reached = _deliver(context, actor, publication, receivers)
    if not reached and (receivers.waiting or receivers.starting):
        _accept(context, actor, publication, receivers.message_key)
    return receivers.message_key


@retried_once
def correlate_message(context: Context, actor: Actor, publication: Publication) -> Correlation:
    """Deliver a message at once; raises `NotFound` when nobody waits for it, `SubmissionInvalid` as publishing does."""
    _check(actor, publication)
    with context.store.transaction() as tx:
        receivers = _Receivers(
            next(tx.keys),
            tx.message_subscriptions(publication.name, publication.correlation_key),
            tx.start_subscriptions(publication.name),
        )
        _check_starts(context, tx, actor, receivers.starting, publication)
    reached = _deliver(context, actor, publication, receivers)
    if not reached:
        message = f"nobody waits for the message {publication.name!r} with key {publication.correlation_key!r}"
        raise NotFound(message)
    return Correlation(receivers.message_key, reached[0])


def _check(actor: Actor, publication: Publication) -> None:
    if not access.may_publish(actor):
        raise Forbidden("only administrators and clients with a start scope publish messages")
    if not publication.name:
        raise InvalidArgument("expected the name of a message, found none")
    if not timedelta(0) <= publication.time_to_live <= LONGEST_TIME_TO_LIVE:
        raise InvalidArgument(f"expected a time to live from 0 to {LONGEST_TIME_TO_LIVE}")
    canonical_variables(publication.variables)


def _accept(context: Context, actor: Actor, publication: Publication, key: int | None = None) -> _Receivers:
    """Find the receivers under the message's lock, or keep the message when there are none."""
    with context.store.transaction() as tx:
        now = context.now()
        tx.lock_message(publication.name, publication.correlation_key)
        known = tx.buffered_messages(publication.name, publication.correlation_key, now)
        if publication.message_id and any(m.message_id == publication.message_id for m in known):
            raise AlreadyExists(f"a message with the id {publication.message_id!r} waits already")
        waiting = tx.message_subscriptions(publication.name, publication.correlation_key)
        starting = tx.start_subscriptions(publication.name)
        _check_starts(context, tx, actor, starting, publication)
        message_key = key or next(tx.keys)
        if not waiting and not starting and publication.time_to_live > timedelta(0):
            tx.add_message(
                message_key,
                publication.name,
                publication.correlation_key,
                publication.message_id,
                canonical_variables(publication.variables),
                now + publication.time_to_live,
                now,
            )
        tx.add_audit([AuditEntry(now, actor.name, "PUBLISH", "MESSAGE", str(message_key))])
    return _Receivers(message_key, waiting, starting)


def _check_starts(
    context: Context,
    tx: Transaction,
    actor: Actor,
    starting: tuple[StartSubscription, ...],
    publication: Publication,
) -> None:
    """Hold the message against the start form of every process that it starts, before anybody gets it."""
    for subscription in starting:
        _check_start(open_step(context, tx, actor), subscription, publication)


def _check_start(step: Step, subscription: StartSubscription, publication: Publication) -> Accepted:
    form = find_start_form(step.reader, subscription.definition_key)
    form_key = None if form is None else form.key
    key = subscription.definition_key
    return check_submission(step, key, form_key, publication.variables, {}, publication.locale)


def _deliver(context: Context, actor: Actor, publication: Publication, receivers: _Receivers) -> list[int]:
    """Step every receiver; returns the keys of the process instances that were reached."""
    reached: list[int] = []
    served: set[str] = set()
    for subscription in receivers.waiting:
        process_id = subscription.place.process_id
        if process_id not in served and _correlate(context, actor, subscription, publication.variables):
            served.add(process_id)
            reached.append(subscription.place.process_instance_key)
    started = (_start(context, actor, subscription, publication) for subscription in receivers.starting)
    reached.extend(key for key in started if key is not None)
    return reached


def _correlate(
    context: Context, actor: Actor, subscription: MessageSubscription, variables: Mapping[str, object]
) -> bool:
    with context.store.transaction() as tx:
        locked = tx.lock_instance(subscription.place.root_key)
        if locked is None or locked.suspended or tx.message_subscription(subscription.key) is None:
            return False
        step = open_step(context, tx, actor, locked)
        protected = step.protect_all(variables, subscription.place.process_definition_key)
        commands.correlate(step.execution, subscription.place.element_instance_key, protected)
        step.note("CORRELATE", "MESSAGE_SUBSCRIPTION", subscription.key)
        step.save()
    return True


def _start(context: Context, actor: Actor, subscription: StartSubscription, publication: Publication) -> int | None:
    """Start a process by a message; at most one instance is active for each process and correlation key."""
    with context.store.transaction() as tx:
        tx.lock_message(publication.name, publication.correlation_key)
        key = publication.correlation_key or None
        if key is not None and tx.is_started_by_message(subscription.process_id, key):
            return None
        step = open_step(context, tx, actor)
        executable = step.reader.process(subscription.definition_key)
        accepted = _check_start(step, subscription, publication)
        start = Start(accepted.data, start_event=subscription.element_id, correlation_key=key)
        instance = commands.start(step.execution, executable, start)
        accepted.bind(step, instance.key)
        step.note("CREATE", "PROCESS_INSTANCE", instance.key)
        step.save()
    return instance.key


def remove_expired_messages(context: Context, limit: int = 1000) -> int:
    """Delete buffered messages whose time to live is over, and return how many."""
    with context.store.transaction() as tx:
        return tx.remove_expired_messages(context.now(), limit)
