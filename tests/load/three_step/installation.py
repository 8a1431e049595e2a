"""A database that is ready for the workload: tables, its process and forms, and people who may do everything."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from server.access import SYSTEM
from server.actions import ACTIONS
from server.clock import system_clock
from server.config import Config
from server.service import identity
from server.service.context import Context
from server.service.deployments import deploy
from server.store import Store

if TYPE_CHECKING:
    from server.clock import Clock

GROUP = "desk"
HOME = Path(__file__).resolve().parent
SECRET_KEY = b"a key for tests that nothing secret hangs on"


@dataclass(frozen=True, slots=True)
class Installation:
    """Where a prepared database lies, and the tokens of the people in it, by name."""

    database_url: str
    data_dir: Path
    tokens: dict[str, str]

    @property
    def token(self) -> str:
        """The token of the first person."""
        return next(iter(self.tokens.values()))

    def config(self) -> Config:
        """Return the settings of a server in this process."""
        return Config(self.data_dir, self.database_url, secret_key=SECRET_KEY)


def prepare(
    database_url: str, data_dir: Path, people: tuple[str, ...] = ("li.na",), administrators: tuple[str, ...] = ()
) -> Installation:
    """Create the tables, deploy the workload, and give everybody a token and a place at the desk."""
    data_dir.mkdir(parents=True, exist_ok=True)
    installation = Installation(database_url, data_dir, {})
    context = open_context(installation)
    try:
        context.store.migrate()
        deploy(context, SYSTEM, workload_files())
        for name in (*people, *administrators):
            identity.add_user(context, SYSTEM, name, None, admin=name in administrators, groups=[GROUP])
            installation.tokens[name] = identity.add_token(context, SYSTEM, name)
    finally:
        context.store.close()
    return installation


def workload_files() -> list[tuple[str, bytes]]:
    """Return the diagram and its forms."""
    files = [*HOME.glob("*.bpmn"), *HOME.glob("*.form")]
    return [(file.name, file.read_bytes()) for file in sorted(files)]


def open_context(installation: Installation, clock: Clock = system_clock) -> Context:
    """Open the installation in this process; close its store afterwards."""
    return Context(installation.config(), clock, Store.open(installation.database_url), ACTIONS)
