"""Background work: what is due is run, each piece in a transaction of its own.

Any number of workers may run beside each other: a timer is fired by the one that has the lock on its instance.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from server.errors import Contended, MusterError
from server.service import (
    absences,
    attachments,
    audit,
    batch_operations,
    clocks,
    departures,
    drafts,
    idempotency,
    meeting_plans,
    message_starts,
    messages,
    openid_sign_ins,
    rate_limits,
    retention,
    sessions,
    signals,
    start_timers,
    successions,
    timers,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from server.service.context import Context

log = logging.getLogger(__name__)

BATCH = 100
LONGEST_WAIT = timedelta(seconds=1)
UPKEEP_EVERY = timedelta(minutes=1)
FIRST_PENALTY = timedelta(seconds=5)
LONGEST_PENALTY = timedelta(minutes=10)


@dataclass(slots=True)
class Worker:
    """Runs what is due until it is told to stop; what fails is tried again ever more rarely."""

    context: Context
    stopping: threading.Event = field(default_factory=threading.Event)
    upkeep_every: timedelta = UPKEEP_EVERY
    _penalties: dict[str, tuple[datetime, timedelta]] = field(default_factory=dict)
    _upkeep_at: datetime | None = None

    def run(self) -> None:
        """Work until `stopping` is set."""
        while not self.stopping.is_set():
            try:
                done = self.run_due()
            except MusterError as error:
                log.warning("background work waits: %s", error)
                done = 0
            if not done:
                self.stopping.wait(self._pause())

    def run_due(self) -> int:
        """Run everything that is due now and return how much that was."""
        self._keep_up()
        done = 0
        while True:
            fired = sum(self._try(name, piece) for name, piece in self._due())
            done += fired
            if not fired or self.stopping.is_set():
                return done

    def _due(self) -> Iterator[tuple[str, Callable[[], bool]]]:
        """Yield what is due, each with a name for the log and a piece of work that tells whether it was done."""
        batch = BATCH + len(self._penalties)  # what fails must not take the places of what comes after it
        for timer in timers.due_timers(self.context, batch):
            yield f"timer {timer.key}", partial(timers.fire_timer, self.context, timer.key)
        for delivery in signals.due_deliveries(self.context, batch):
            name = f"signal {delivery.signal_key} to {delivery.element_id} ({delivery.receiver_key})"
            yield name, partial(signals.try_delivery, self.context, delivery)
        for plan in meeting_plans.due_plans(self.context, batch):
            name = f"meeting {plan.kind} of {plan.committee}"
            yield name, partial(meeting_plans.start_planned_meeting, self.context, plan.key)
        for message_key, subscription_key in messages.undelivered_messages(self.context, batch):
            yield (
                f"message {message_key} to the subscription {subscription_key}",
                partial(messages.deliver_buffered_message, self.context, message_key, subscription_key),
            )
        for following in message_starts.due_message_starts(self.context, batch):
            name = f"start of {following.process_id} by messages with the key {following.correlation_key}"
            yield name, partial(message_starts.start_next, self.context, following)
        for item in batch_operations.open_items(self.context, batch):
            yield (
                f"item {item.item_key} of batch {item.batch_key}",
                partial(batch_operations.run_item, self.context, item),
            )
        for key in batch_operations.finished_batches(self.context, batch):
            yield f"end of batch {key}", partial(batch_operations.finish_batch, self.context, key)
        for root in clocks.roots_to_recalculate(self.context, batch):
            yield f"clocks of {root}", partial(clocks.recalculate_clocks, self.context, root)
        for start in start_timers.due_start_timers(self.context, batch):
            place = start.process_id, start.element_id
            name = f"start event {place[1]} of {place[0]}"
            yield name, partial(start_timers.fire_start_timer, self.context, *place)

    def _try(self, name: str, piece: Callable[[], bool]) -> bool:
        now = self.context.now()
        until, penalty = self._penalties.get(name, (now, timedelta()))
        if until > now:
            return False
        try:
            done = piece()
        except Contended:
            return False
        except Exception:
            penalty = min(max(penalty * 2, FIRST_PENALTY), LONGEST_PENALTY)
            self._penalties[name] = (now + penalty, penalty)
            log.exception("%s: could not be done; next try in %s", name, penalty)
            return False
        self._penalties.pop(name, None)
        return done

    def _pause(self) -> float:
        due = timers.next_due_at(self.context)
        wait = LONGEST_WAIT if due is None else min(due - self.context.now(), LONGEST_WAIT)
        return max(wait.total_seconds(), 0.05)

    def _keep_up(self) -> None:
        now = self.context.now()
        if self._upkeep_at is None or now >= self._upkeep_at:
            messages.remove_expired_messages(self.context)
            signals.remove_delivered_signals(self.context)
            drafts.remove_drafts_of_ended_tasks(self.context)
            attachments.remove_unused_attachments(self.context)
            sessions.remove_ended_sign_ins(self.context)
            rate_limits.remove_unused_limits(self.context)
            openid_sign_ins.remove_expired_requests(self.context)
            absences.remove_ended_substitutions(self.context)
            meeting_plans.set_first_ticks(self.context)
            departures.carry_out_departures(self.context)
            successions.carry_out_successions(self.context)
            retention.run_daily(self.context)
            audit.seal_audit(self.context)
            idempotency.remove_old_requests(self.context)
            self._penalties = {name: one for name, one in self._penalties.items() if one[0] + LONGEST_PENALTY > now}
            self._upkeep_at = now + self.upkeep_every


def start_thread(context: Context) -> Worker:
    """Start a worker as a thread of this process."""
    worker = Worker(context)
    threading.Thread(target=worker.run, name="muster-worker", daemon=True).start()
    return worker
