"""The example district, served as `make run` serves it, and its people with their programs and browsers."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import httpx

if TYPE_CHECKING:
    from types import TracebackType

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60


@dataclass
class District:
    """A served installation with the shipped processes and the people of organisation/people.yaml."""

    home: Path
    url: str = ""
    password: str = ""
    admin_password: str = ""
    process: subprocess.Popen[str] | None = None
    programs: dict[str, httpx.Client] = field(default_factory=dict)

    def __enter__(self) -> Self:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            bind = f"127.0.0.1:{probe.getsockname()[1]}"
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MUSTER_")}
        self.process = subprocess.Popen(
            [Path(sys.executable).with_name("muster"), "serve", "--bind", bind, "--data-dir", self.home],
            cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        assert self.process.stdout
        last = "Muster" if self.password else "deployed:"  # what follows is printed at the first start only
        printed = ""
        for line in self.process.stdout:  # ends when the server does
            printed += line
            if line.startswith(last):
                break
        self.url = f"http://{bind}"
        self.password = self.password or _find(r"example people .* / (\S+)", printed)
        self.admin_password = self.admin_password or _find(r"administrator: admin / (\S+)", printed)
        _wait_for(self.url)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None):
        for program in self.programs.values():
            program.close()
        assert self.process
        self.process.send_signal(signal.SIGINT)
        printed = self.process.communicate(timeout=PATIENCE_SECONDS)[0]
        if kind is None:
            assert "Traceback" not in printed, printed

    def password_of(self, person: str) -> str:
        return self.admin_password if person == "admin" else self.password

    def program_of(self, person: str) -> httpx.Client:
        """Return a program that acts as a person, for what a test presupposes."""
        if person not in self.programs:
            named = httpx.Client(base_url=self.url, timeout=PATIENCE_SECONDS)
            made = named.post("/api/tokens", json={}, auth=(person, self.password_of(person)))
            assert made.status_code == 201, made.text
            named.headers["Authorization"] = f"Bearer {made.json()['token']}"
            self.programs[person] = named
        return self.programs[person]

    def ask(self, person: str, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Do something over the API that must succeed, and return the answer."""
        answer = self.program_of(person).request(method, path, json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def start(self, person: str, process: str, variables: dict[str, Any]) -> str:
        """Start a process and return the key of the instance."""
        body = {"processDefinitionId": process, "variables": variables}
        key: str = self.ask(person, "POST", "/v2/process-instances", body)["processInstanceKey"]
        return key

    def do(self, person: str, element: str, variables: dict[str, Any]) -> None:
        """Complete a task of an element that a person sees, as soon as it is there."""
        body = {"variables": variables}
        self.ask(person, "POST", f"/v2/user-tasks/{self.await_task(person, element)}/completion", body)

    def await_task(self, person: str, element: str) -> str:
        """Return the key of the newest open task of an element that a person sees, which a timer may have to bring."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        body = {"filter": {"state": "CREATED", "elementId": element}}
        while not (found := self.ask(person, "POST", "/v2/user-tasks/search", body)["items"]):
            assert time.monotonic() < deadline, f"{person} has no task {element!r}"
            time.sleep(0.1)
        key: str = found[-1]["userTaskKey"]
        return key

    def find_task(self, person: str, instance: str) -> str:
        """Return the key of the open task of an instance that a person sees."""
        body = {"filter": {"state": "CREATED", "processInstanceKey": instance}}
        found = self.ask(person, "POST", "/v2/user-tasks/search", body)["items"]
        assert len(found) == 1, found
        key: str = found[0]["userTaskKey"]
        return key


def _find(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found, text
    return found[1]


def _wait_for(url: str) -> None:
    """Wait until the server takes connections: it says what it has deployed a moment before."""
    host, _, port = url.removeprefix("http://").partition(":")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            assert time.monotonic() < deadline, f"nobody answers at {url}"
            time.sleep(0.05)
        else:
            return
