"""Where a scenario plays: a database, a clock that steps move, a door to the server, and people."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from server.access import SYSTEM
from server.actions import ACTIONS
from server.config import Config
from server.model import UserAccount
from server.scenario.cast import ADMINISTRATOR, Cast
from server.scenario.clock import ZONE, MovableClock
from server.scenario.direct import DirectDoor
from server.scenario.http import Api, HttpDoor
from server.scenario.step import StepFailed
from server.scenario.web import HOST, serve_locally
from server.service import deployments, identity, timers
from server.service.context import Context
from server.store import Store
from server.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path
    from wsgiref.types import WSGIApplication

    from server.clock import Clock
    from server.governance.organisation import Organisation
    from server.scenario.door import Door
    from server.service.deployments import Resource


class Mode(StrEnum):
    """How a scenario is run."""

    STRAIGHT = "straight"
    RELOAD = "reload"
    HTTP = "http"


MakeApp: TypeAlias = "Callable[[Config, Clock], tuple[WSGIApplication, Context]]"
"""Makes the application and gives its context: `app` wires it, so that this package need not know Flask."""


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
        """Drop every cache and every object, where this stage does so: the next step reads what is stored."""
        if self.reopen is None:
            return
        self.context.store.close()
        self.context = self.reopen()
        self.door = DirectDoor(self.context, self.cast.token_of)
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


@dataclass(frozen=True, slots=True)
class Scenery:
    """What a database holds before a scenario begins: the organisation and one deployment."""

    organisation: Organisation
    resources: Sequence[Resource] = field(repr=False)

    def build(self, context: Context) -> None:
        """Fill a database without rows. Raises `DefinitionInvalid` for files that cannot be deployed."""
        identity.seed_organisation(context, self.organisation)
        with context.store.transaction() as tx:
            tx.add_user(UserAccount(ADMINISTRATOR, ADMINISTRATOR, None, context.now(), admin=True))
        deployments.deploy(context, SYSTEM, self.resources)


@contextmanager
def open_stage(mode: Mode, url: str, folder: Path, organisation: Organisation, make_app: MakeApp) -> Iterator[Stage]:
    """Open a stage on a database that its scenery has filled.

    `url` is that of the database, `folder` the data directory; `make_app` is used over HTTP.
    """
    config = Config(data_dir=folder, database_url=url, timezone=ZONE)
    clock = MovableClock()
    if mode is Mode.HTTP:
        application, context = make_app(config, clock)
        with serve_locally(application) as port:
            stage = _stage(clock, context, organisation)
            stage.door = HttpDoor(Api(HOST, port, stage.cast.sign_in), stage.door)
            try:
                yield stage
            finally:
                context.store.close()
        return

    def reopen() -> Context:
        return open_context(config, clock)

    stage = _stage(clock, reopen(), organisation)
    stage.reopen = reopen if mode is Mode.RELOAD else None
    try:
        yield stage
    finally:
        stage.context.store.close()


def open_context(config: Config, clock: Clock) -> Context:
    """Open the store of a database with nothing cached."""
    return Context(config, clock, Store.open(config.database_url), ACTIONS)


def _stage(clock: MovableClock, context: Context, organisation: Organisation) -> Stage:
    cast = Cast(organisation, lambda: stage.context)
    stage = Stage(clock, context, cast, DirectDoor(context, cast.token_of), Worker(context))
    return stage
