"""Message start events: at most one instance is active for each process and correlation key; later messages wait."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from server.access import SYSTEM, Actor
from server.engine import Start, commands
from server.errors import SubmissionInvalid
from server.model import AuditEntry
from server.service.process_definitions import find_start_form
from server.service.sealed_messages import open_content, seal_message
from server.service.steps import open_step
from server.service.submissions import check_submission
from server.service.transactions import retried_once

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.model import Message, MessageStart, StartSubscription
    from server.service.context import Context
    from server.service.messages import Publication
    from server.service.steps import Step
    from server.service.submissions import Accepted
    from server.store import Transaction

log = logging.getLogger(__name__)

LOCALE = "zh-CN"
"""In which problems of a message that was buffered are told, to the log."""


def check_start(step: Step, subscription: StartSubscription, variables: Mapping[str, object], locale: str) -> Accepted:
    """Return what of a message may enter the process that it starts; raises `SubmissionInvalid`."""
    form = find_start_form(step.reader, subscription.definition_key)
    form_key = None if form is None else form.key
    return check_submission(step, subscription.definition_key, form_key, variables, {}, locale)


@retried_once
def start_once(context: Context, actor: Actor, subscription: StartSubscription, publication: Publication) -> int | None:
    """Start a process by a message that is not buffered; returns its key.

    None while an instance with the message's correlation key is active, or a message before it has still to start one.
    """
    process_id, key = subscription.process_id, publication.correlation_key
    with context.store.transaction() as tx:
        tx.lock_message_start(process_id, key)
        if key and (_is_active(tx, process_id, key) or tx.next_message_start(process_id, key, context.now())):
            return None
        step = open_step(context, tx, actor)
        accepted = check_start(step, subscription, publication.variables, publication.locale)
        return _start(step, subscription, accepted, key)


def _is_active(tx: Transaction, process_id: str, key: str) -> bool:
    return bool(key) and tx.is_started_by_message(process_id, key)


def _start(step: Step, subscription: StartSubscription, accepted: Accepted, key: str) -> int:
    executable = step.reader.process(subscription.definition_key)
    request = Start(accepted.data, start_event=subscription.element_id, correlation_key=key or None)
    instance = commands.start(step.execution, executable, request)
    accepted.bind(step, instance.key)
    step.note("CREATE", "PROCESS_INSTANCE", instance.key)
    step.save()
    return instance.key


def due_message_starts(context: Context, limit: int) -> tuple[MessageStart, ...]:
    """Return which processes buffered messages can start now, longest waiting first; candidates without locks."""
    with context.store.reading() as reading:
        return reading.message_starts(context.now(), limit)


@retried_once
def start_next(context: Context, start: MessageStart, publisher: Actor | None = None) -> bool:
    """Start a process by the first buffered message of a correlation key, unless an instance with it is active.

    The newest version of the process starts. False when there is nothing to do. A message that this version does not
    begin with, or whose variables do not fit its start form any more, starts nothing: the log says so.
    """
    with context.store.transaction() as tx:
        tx.lock_message_start(start.process_id, start.correlation_key)
        if _is_active(tx, start.process_id, start.correlation_key):
            return False
        message = tx.next_message_start(start.process_id, start.correlation_key, context.now())
        if message is None:
            return False
        tx.lock_message(message.name, message.correlation_key)
        known = (one for one in tx.start_subscriptions(message.name) if one.process_id == start.process_id)
        subscription = next(known, None)
        if subscription is None:
            _refuse(context, tx, message, start.process_id, "its newest version does not begin with this message")
            return True
        step = open_step(context, tx, _actor_of(message, publisher))
        try:
            accepted = check_start(step, subscription, open_content(context, message), LOCALE)
        except SubmissionInvalid as error:
            _refuse(context, tx, message, start.process_id, str(error))
            return True
        if tx.take_message(message.key, start.process_id):
            if step.secrets:
                tx.replace_message_content(message.key, seal_message(context, message.key, accepted.data))
            _start(step, subscription, accepted, message.correlation_key)
    return True


def _actor_of(message: Message, publisher: Actor | None) -> Actor:
    """Return who published a message; of somebody else only the name is known."""
    if publisher is not None and message.actor == publisher.name:
        return publisher
    return SYSTEM if message.actor is None else Actor(message.actor)


def _refuse(context: Context, tx: Transaction, message: Message, process_id: str, reason: str) -> None:
    log.error("message %s does not start %s: %s", message.key, process_id, reason)
    tx.remove_message_start(message.key, process_id)
    actor = SYSTEM.name
    tx.add_audit([AuditEntry(context.now(), actor, "REJECT", "MESSAGE", str(message.key), result="FAILURE")])
