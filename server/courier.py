"""Tells people what happened and sends what is to leave the house, beside the worker: a slow receiver delays no timer.

Any number may run beside each other: what is told is marked, what is sent is leased.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from server.errors import Contended, MusterError
from server.service import announcements, deliveries, digests

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from server.connectors import Connector
    from server.service.context import Context

log = logging.getLogger(__name__)

PAUSE_SECONDS = 1.0
UPKEEP_EVERY = timedelta(minutes=1)
THREADS = 2
"""One may wait for a slow receiver while the other goes on."""


@dataclass(slots=True)
class Courier:
    """Works until it is told to stop."""

    context: Context
    stopping: threading.Event = field(default_factory=threading.Event)
    _channels: Mapping[str, Connector] = field(init=False)
    _upkeep_at: datetime | None = None

    def __post_init__(self) -> None:
        self._channels = deliveries.open_channels(self.context)

    def run(self) -> None:
        """Work until `stopping` is set."""
        while not self.stopping.is_set():
            try:
                done = self.run_due()
            except MusterError as error:
                log.warning("the courier waits: %s", error)
                done = 0
            except Exception:
                log.exception("the courier waits after a failure")
                done = 0
            if not done:
                self.stopping.wait(PAUSE_SECONDS)

    def run_due(self) -> int:
        """Tell and send everything that is due now, and return how much that was."""
        self._keep_up()
        done = 0
        while not self.stopping.is_set():
            turn = sum(self._try(piece) for piece in (self._announce, self._deliver, self._settle))
            done += turn
            if not turn:
                break
        return done

    def _announce(self) -> int:
        return announcements.announce(self.context)

    def _deliver(self) -> int:
        return int(deliveries.deliver_next(self.context, self._channels))

    def _settle(self) -> int:
        return deliveries.settle_ended(self.context)

    def _try(self, piece: Callable[[], int]) -> int:
        try:
            return piece()
        except Contended:
            return 0

    def _keep_up(self) -> None:
        now = self.context.now()
        if self._upkeep_at is None or now >= self._upkeep_at:
            digests.send_digests(self.context)
            digests.remove_old_notices(self.context)
            self._upkeep_at = now + UPKEEP_EVERY


def start_couriers(context: Context, stopping: threading.Event | None = None) -> None:
    """Start couriers as threads of this process."""
    stopping = stopping or threading.Event()
    for number in range(THREADS):
        courier = Courier(context, stopping)
        threading.Thread(target=courier.run, name=f"muster-courier-{number}", daemon=True).start()
