"""Deliveries: leased, sent by their connector, tried again ever later, and at last given up for an administrator.

A call of a webhook arrives at least once; its id tells a receiver what it has already. A mail is sent once: before the
server can have it, it is noted that it may (`COMMITTING`); whoever dies after that leaves a delivery that is UNCERTAIN,
which nobody sends again by themselves. Where a diagram waits for a delivery, its job goes on, or becomes an incident.
"""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from server import access
from server.access import SYSTEM
from server.connectors import LeaseLost, NotSent, Uncertain, open_connectors
from server.engine import commands
from server.errors import Conflict, Forbidden, MusterError, NotFound
from server.model import (
    AuditEntry,
    ConnectorSettings,
    Delivery,
    DeliveryState,
    EventKind,
    JobState,
    NotificationEvent,
    Outgoing,
)
from server.service.announcements import MAIL, describe_alone, write_call
from server.service.notification_texts import CHINESE, write_mail
from server.service.steps import open_step
from server.service.webhooks import open_secret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.access import Actor
    from server.connectors import Connector
    from server.model import Job, Page, Query
    from server.service.context import Context
    from server.store import Transaction

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
"""Longer than any connector works between two renewals."""
MOST_ATTEMPTS = 12
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=4)
"""The pause doubles up to this; the last try comes some twelve hours after the first."""
SETTLE_BATCH = 100
SETTLE_PAUSE = timedelta(minutes=1)


def open_channels(context: Context) -> Mapping[str, Connector]:
    """Return the connectors of this installation, by channel."""
    config = context.config
    return open_connectors(ConnectorSettings(config.mail_server, config.webhook_networks, config.public_url))


def deliver_next(context: Context, channels: Mapping[str, Connector]) -> bool:
    """Send the delivery that has been due longest; False when none is."""
    with context.store.reading() as reading:
        if not reading.is_delivery_due(context.now()):
            return False
    lease = _Lease(context, secrets.token_hex(8))
    with context.store.transaction() as tx:
        delivery = tx.lease_delivery(lease.owner, context.now(), context.now() + LEASE)
        if delivery is None:
            return False
        if delivery.state is not DeliveryState.SENDING:
            log.warning("delivery %s to %s is uncertain: %s", delivery.key, delivery.recipient, delivery.problem)
            return True
        lease.key = delivery.key
        try:
            outgoing = _prepare(context, tx, delivery)
        except _Refused as refused:
            tx.end_delivery(delivery.key, lease.owner, refused.state, context.now(), refused.problem)
            return True
    _send(context, lease, delivery, channels.get(delivery.channel), outgoing)
    return True


@dataclass(slots=True)
class _Lease:
    """A courier's hold on one delivery, which its connector renews: nobody else sends it meanwhile."""

    context: Context
    owner: str
    key: int = 0

    def renew(self) -> None:
        """Prolong it; raises `LeaseLost`."""
        self._renew(committing=False)

    def hand_over(self) -> None:
        """Note for good that the receiver may have it from now on; raises `LeaseLost`."""
        self._renew(committing=True)

    def _renew(self, *, committing: bool) -> None:
        with self.context.store.transaction() as tx:
            until = self.context.now() + LEASE
            if not tx.renew_delivery(self.key, self.owner, until, committing=committing):
                raise LeaseLost


class _Refused(Exception):
    """A delivery that is not to be sent at all."""

    def __init__(self, state: DeliveryState, problem: str) -> None:
        self.state = state
        self.problem = problem
        super().__init__(problem)


def _prepare(context: Context, tx: Transaction, delivery: Delivery) -> Outgoing:
    """Return what is sent, to which address as it is now."""
    content, secret = delivery.content, b""
    if delivery.job_key is not None:
        content = _describe_job(context, tx, delivery)
    if delivery.channel == MAIL:
        wishes = tx.preferences([delivery.recipient]).get(delivery.recipient)
        if wishes is None or wishes.email is None or not tx.active_people([delivery.recipient]):
            raise _Refused(DeliveryState.DEAD, f"{delivery.recipient} has no address for mail, or has left")
        target = wishes.email
    else:
        hook = tx.webhook(delivery.recipient)
        if hook is None:
            raise _Refused(DeliveryState.DEAD, f"there is no webhook {delivery.recipient!r} any more")
        target, secret = hook.url, open_secret(context, hook)
    return Outgoing(delivery.key, target, content, delivery.created_at, context.now(), secret)


def _describe_job(context: Context, tx: Transaction, delivery: Delivery) -> Mapping[str, object]:
    """Return what a delivery says that a diagram asked for; nothing is sent any more when the diagram has moved on."""
    job = None if delivery.job_key is None else tx.job(delivery.job_key)
    if job is None or job.state is not JobState.CREATED:
        raise _Refused(DeliveryState.CANCELED, "the process does not wait for it any more")
    subject = delivery.content.get("subject")
    event = NotificationEvent(
        key=delivery.key,
        kind=EventKind.MESSAGE,
        at=delivery.created_at,
        process_instance_key=job.place.process_instance_key,
        root_key=job.place.root_key,
        process_definition_key=job.place.process_definition_key,
        subject=subject if isinstance(subject, str) else None,
    )
    notice = describe_alone(tx, event)
    if delivery.channel == MAIL:
        wishes = tx.preferences([delivery.recipient]).get(delivery.recipient)
        return write_mail([notice], wishes.language if wishes else CHINESE, context.config.public_url)
    return write_call(context, notice) | {"elementId": job.place.element_id}


def _send(context: Context, lease: _Lease, delivery: Delivery, connector: Connector | None, outgoing: Outgoing) -> None:
    problem: str | None = None
    state = DeliveryState.SENT
    try:
        if connector is None:
            raise NotSent(f"nothing is set up for the channel {delivery.channel}: see MUSTER_SMTP_URL")  # noqa: TRY301
        connector.send(outgoing, lease)
    except LeaseLost:
        log.warning("delivery %s: somebody else took it over", delivery.key)
        return
    except Uncertain as error:
        state, problem = DeliveryState.UNCERTAIN, str(error)
    except NotSent as error:
        problem = error.message
        state = DeliveryState.DEAD if error.final or delivery.attempts >= MOST_ATTEMPTS else DeliveryState.WAITING
    except Exception as error:
        log.exception("delivery %s: the connector %s failed", delivery.key, delivery.channel)
        problem = f"the connector failed: {type(error).__name__}"
        state = DeliveryState.DEAD if delivery.attempts >= MOST_ATTEMPTS else DeliveryState.WAITING
    with context.store.transaction() as tx:
        if state is DeliveryState.WAITING:
            pause = min(FIRST_PAUSE * 2 ** (delivery.attempts - 1), LONGEST_PAUSE)
            tx.postpone_delivery(delivery.key, lease.owner, context.now() + pause, problem or "")
        else:
            tx.end_delivery(delivery.key, lease.owner, state, context.now(), problem)
    if problem is not None:
        log.warning("delivery %s to %s is %s: %s", delivery.key, delivery.recipient, state, problem)


def settle_ended(context: Context) -> int:
    """Let the jobs go on, or stop, whose deliveries have ended; returns how many those were."""
    with context.store.reading() as reading:
        ended = reading.unsettled_deliveries(context.now(), SETTLE_BATCH)
    settled = 0
    for delivery in ended:
        try:
            settled += _settle(context, delivery)
        except MusterError as error:
            log.warning("delivery %s: the process could not be told yet: %s", delivery.key, error)
            with context.store.transaction() as tx:
                tx.settle_delivery(delivery.key, context.now() + SETTLE_PAUSE)
    return settled


def _settle(context: Context, delivery: Delivery) -> bool:
    assert delivery.job_key is not None  # noqa: S101 - only such deliveries are unsettled
    with context.store.transaction() as tx:
        locked = tx.lock_instance_of_job(delivery.job_key, skip_locked=True)
        job, current = tx.job(delivery.job_key), tx.delivery(delivery.key)
        if current is None or current.ended_at is None:
            return False
        if locked is None or (locked.active and locked.suspended):
            tx.settle_delivery(delivery.key, context.now() + SETTLE_PAUSE)
            return False
        tx.settle_delivery(delivery.key)
        if not locked.active or job is None or job.state is not JobState.CREATED:
            return True
        step = open_step(context, tx, SYSTEM, locked)
        if step.awaits_job(job):
            if current.state is DeliveryState.SENT:
                commands.complete_job(step.execution, job.place.element_instance_key, {})
                step.note("COMPLETE", "JOB", job.key)
            else:
                _give_up(context, tx, job, current.problem or "")
                commands.give_up_job(
                    step.execution, job, f"{current.channel} to {current.recipient}: {current.problem}"
                )
                step.note("FAIL", "JOB", job.key)
            step.save()
    return True


def _give_up(context: Context, tx: Transaction, job: Job, problem: str) -> None:
    tx.fail_job(job.key, 0, problem, context.now(), context.now())


def search_deliveries(context: Context, actor: Actor, query: Query) -> Page[Delivery]:
    """Search deliveries; raises `Forbidden`."""
    if not access.may_administer(actor):
        raise Forbidden("only administrators see deliveries")
    with context.store.reading() as reading:
        return reading.search_deliveries(query)


def retry_delivery(context: Context, actor: Actor, key: int) -> None:
    """Have a delivery sent again that was given up, or is uncertain: then it may arrive twice.

    Raises `Forbidden`, `NotFound`, and `Conflict` for those in another state, and those a diagram waited for: there
    the incident is resolved instead.
    """
    if not access.may_administer(actor):
        raise Forbidden("only administrators have deliveries sent again")
    with context.store.transaction() as tx:
        delivery = tx.delivery(key)
        if delivery is None:
            raise NotFound(f"there is no delivery with key {key}")
        if delivery.job_key is not None:
            raise Conflict("a process waited for this delivery: resolve its incident, and it is sent anew")
        if not tx.retry_delivery(key, context.now()):
            raise Conflict(f"expected a delivery that is DEAD or UNCERTAIN, but it is {delivery.state}")
        tx.add_audit([AuditEntry(context.now(), actor.name, "RETRY", "DELIVERY", str(key))])
