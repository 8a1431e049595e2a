"""Where a scenario plays: a database, a clock that steps move, a door to the server, and people."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from server.actions import ACTIONS
from server.app import context_of, create_app
from server.scenario.cast import Cast
from server.scenario.clock import MovableClock
from server.scenario.direct import DirectDoor
from server.scenario.http import Api, HttpDoor
from server.scenario.step import StepFailed
from server.scenario.web import HOST, serve_locally
from server.service import timers
from server.service.context import Context
from server.store import Store
from server.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from server.clock import Clock
    from server.config import Config
    from server.governance.organisation import Organisation
    from server.scenario.door import Door


class Mode(StrEnum):
    """How a scenario is run."""

    STRAIGHT = "straight"
    RELOAD = "reload"
    HTTP = "http"


@dataclass(slots=True)
class Stage:
    """One stage; `reopen`, where it is set, gives everything anew before each step."""

    clock: MovableClock
    context: Context
    cast: Cast
    door: Door
    worker: Worker
    reopen: Callable[[], Context] | None = None

    def renew(self) -> None:
        """Drop every cache and every object, where this stage does so: the next step reads what is stored.

        Connections stay, which hold nothing of it.
        """
        if self.reopen is None:
            return
        self.context = self.reopen()
        self.door = DirectDoor(self.context, self.cast.identify)
        self.worker = Worker(self.context)

    def advance(self, moment: datetime) -> None:
        """Move the clock on; every timer that becomes due on the way fires with the clock at its own time.

        Raises `StepFailed` for a timer that does not fire.
        """
        while (due := timers.next_due_at(self.context)) is not None and due <= moment:
            self.clock.moment = max(self.clock.moment, due)
            if not self.worker.run_due():
                raise StepFailed(f"expected the timer of {due.isoformat()} to fire, but it failed; the log says why")
        self.clock.moment = max(self.clock.moment, moment)
        self.worker.run_due()


@contextmanager
def open_stage(
    mode: Mode, config: Config, organisation: Organisation, passwords: Mapping[str, str] | None = None
) -> Iterator[Stage]:
    """Open a stage on a database that a scenery has filled; the clock stands at the beginning.

    `passwords` are those of accounts that have one; all others sign in with tokens.
    """
    clock = MovableClock()
    if mode is Mode.HTTP:
        app = create_app(config, clock)
        context = context_of(app)
        with serve_locally(app) as port:
            stage = _stage(clock, context, organisation, passwords)
            stage.door = HttpDoor(Api(HOST, port, stage.cast.sign_in), stage.door)
            try:
                yield stage
            finally:
                context.store.close()
        return

    first = open_context(config, clock)

    def reopen() -> Context:
        return Context(config, clock, first.store, ACTIONS)

    stage = _stage(clock, first, organisation, passwords)
    stage.reopen = reopen if mode is Mode.RELOAD else None
    try:
        yield stage
    finally:
        stage.context.store.close()


def open_context(config: Config, clock: Clock) -> Context:
    """Open the store of a database with nothing cached."""
    return Context(config, clock, Store.open(config.database_url), ACTIONS)


def _stage(
    clock: MovableClock, context: Context, organisation: Organisation, passwords: Mapping[str, str] | None
) -> Stage:
    cast = Cast(organisation, lambda: stage.context, passwords or {})
    stage = Stage(clock, context, cast, DirectDoor(context, cast.identify), Worker(context))
    return stage
