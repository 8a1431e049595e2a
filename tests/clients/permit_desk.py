"""An installation in a process of its own for the clients: `muster serve`, an administrator, a person, a program."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
from load.three_step.installation import Installation, open_context
from load.three_step.served import Server

from server.access import SYSTEM, Scopes
from server.service import identity

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

FOLDER = Path(__file__).parent
FILES = tuple(FOLDER / "files" / name for name in ("permit.bpmn", "permit_fee.dmn", "permit_decision.form"))
PASSWORD = "a-long-password-for-tests"
PERSON = "lin"
ADMIN = "chen"
PROCESS = frozenset({"permit"})
ITS_OWN = Scopes(start=PROCESS, jobs=frozenset({"permit-check"}), deploy=True, tasks=PROCESS, operate=PROCESS)
"""No scope to read: a program that has to do with one process sees nothing else."""


@dataclass(slots=True)
class PermitDesk:
    """A served installation; with `open_access` nobody signs in."""

    database_url: str
    data_dir: Path
    open_access: bool = False
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    server: Server | None = None

    def __enter__(self) -> Self:
        installation = Installation(self.database_url, self.data_dir, {})
        self.data_dir.mkdir(parents=True, exist_ok=True)
        context = open_context(installation)
        try:
            context.store.migrate()
            identity.add_user(context, SYSTEM, ADMIN, PASSWORD, admin=True)
            identity.add_user(context, SYSTEM, PERSON, PASSWORD, groups=["desk"])
            self.client_id, self.client_secret = identity.add_client(context, SYSTEM, "register", scopes=ITS_OWN)
        finally:
            context.store.close()
        flags = ("--open-access",) if self.open_access else ()
        self.server = Server(installation, *flags)
        self.server.wait_ready()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self.server is not None
        self.server.stop()
        assert "Traceback" not in self.server.log, self.server.log

    @property
    def url(self) -> str:
        assert self.server is not None
        return f"http://127.0.0.1:{self.server.port}"

    def settings(self, strategy: str, name: str = ADMIN) -> dict[str, str]:
        """Return the settings of Camunda's clients for a way to sign in: NONE, BASIC or OAUTH."""
        common = {"CAMUNDA_REST_ADDRESS": self.url, "CAMUNDA_AUTH_STRATEGY": strategy}
        if strategy == "BASIC":
            return common | {"CAMUNDA_BASIC_AUTH_USERNAME": name, "CAMUNDA_BASIC_AUTH_PASSWORD": PASSWORD}
        if strategy == "OAUTH":
            return common | {
                "CAMUNDA_OAUTH_URL": f"{self.url}/oauth/token",
                "CAMUNDA_CLIENT_ID": self.client_id,
                "CAMUNDA_CLIENT_SECRET": self.client_secret,
                "CAMUNDA_TOKEN_AUDIENCE": "muster",
            }
        return common

    def send(self, method: str, path: str, content: bytes | None = None, **headers: str) -> httpx.Response:
        """Send a plain request, as the administrator where nobody else is named; `_` in header names becomes `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        auth = None if self.open_access or "Authorization" in named else (ADMIN, PASSWORD)
        return httpx.request(method, self.url + path, content=content, headers=named, auth=auth, timeout=60)
