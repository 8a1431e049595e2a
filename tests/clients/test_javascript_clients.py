"""Camunda's JavaScript clients, unchanged, against a served installation."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from counting_door import CountingDoor
from expected_walk import EXPECTED_WALK
from permit_desk import FILES, FOLDER

if TYPE_CHECKING:
    from permit_desk import PermitDesk

CLIENTS = ["orchestration_cluster_api", "sdk"]
IDLE_SECONDS = 5
MOST_IDLE_REQUESTS = 15
PATIENCE_SECONDS = 180


def run(node: str, script: str, told: dict[str, Any]) -> str:
    """Run a script and return what it printed; settings of the machine's own clients are kept away from it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("CAMUNDA_", "ZEEBE_"))}
    done = subprocess.run(
        [node, f"{script}.mjs"], cwd=FOLDER, env=environment, input=json.dumps(told), capture_output=True, text=True,
        check=False, timeout=PATIENCE_SECONDS,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def walk(node: str, client: str, desk: PermitDesk, strategy: str) -> dict[str, Any]:
    told = {"program": desk.settings(strategy), "files": [str(file) for file in FILES]}
    seen: dict[str, Any] = json.loads(run(node, client, told).splitlines()[-1])
    return seen


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("strategy", ["BASIC", "OAUTH"])
def test_the_javascript_clients_work_unchanged(desk: PermitDesk, node: str, client: str, strategy: str) -> None:
    assert walk(node, client, desk, strategy) == EXPECTED_WALK


@pytest.mark.parametrize("client", CLIENTS)
def test_the_javascript_clients_work_without_signing_in(open_desk: PermitDesk, node: str, client: str) -> None:
    assert walk(node, client, open_desk, "NONE") == EXPECTED_WALK


@pytest.mark.parametrize("client", CLIENTS)
def test_an_idle_worker_does_not_poll_in_a_circle(open_desk: PermitDesk, node: str, client: str) -> None:
    assert open_desk.server is not None
    with CountingDoor(open_desk.server.port) as door:
        settings = open_desk.settings("NONE") | {"CAMUNDA_REST_ADDRESS": door.url}
        run(node, "idle_worker", {"client": client, "program": settings, "seconds": IDLE_SECONDS})
    assert 1 <= door.requests.total() < MOST_IDLE_REQUESTS, door.requests
