"""Kill -9 of the server in the middle of concurrent completions: nothing is lost and nothing is done twice."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import closing
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from load.three_step.client import Answer, Client, run_at_once
from load.three_step.installation import open_context, prepare
from load.three_step.served import ROOT, Server
from matters import finish, has_moved, start_matters

if TYPE_CHECKING:
    from load.three_step.installation import Installation
    from matters import Matter

PERSON = "li.na"
DEATHS = Path(__file__).with_name("deaths.py")
MORE_THAN_STATEMENTS = 20
FEWEST_STATEMENTS = 10


class Attack:
    """Completes every matter at once and kills the server when a number of completions was acknowledged."""

    def __init__(self, server: Server, token: str, kill_after: int) -> None:
        self._server = server
        self._token = token
        self._kill_after = kill_after
        self._acknowledged: list[Matter] = []
        self._lock = threading.Lock()

    def run(self, matters: list[Matter]) -> list[Matter]:
        """Return the matters whose completion was acknowledged."""
        failures = run_at_once([lambda matter=matter: self._complete(matter) for matter in matters])
        unexpected = [failure for failure in failures if not isinstance(failure, OSError | HTTPException | None)]
        assert not unexpected
        return self._acknowledged

    def _complete(self, matter: Matter) -> None:
        with closing(Client(self._server.port, self._token)) as client:
            done = matter.complete(client)
        assert done.status == 204, done
        with self._lock:
            self._acknowledged.append(matter)
            if len(self._acknowledged) == self._kill_after:
                self._server.kill()


@pytest.mark.parametrize(
    ("completions", "kill_after"),
    [
        (40, 12),
        pytest.param(200, 1, marks=pytest.mark.slow),
        pytest.param(200, 60, marks=pytest.mark.slow),
        pytest.param(200, 150, marks=pytest.mark.slow),
    ],
)
def test_killing_the_server_loses_and_doubles_nothing(
    database_url: str, tmp_path: Path, completions: int, kill_after: int
) -> None:
    installation = prepare(database_url, tmp_path / "data")
    with Server(installation) as server, closing(Client(server.port, installation.token)) as client:
        matters = start_matters(client, completions)
        acknowledged = Attack(server, installation.token, kill_after).run(matters)
    assert len(acknowledged) >= kill_after

    store = open_context(installation).store
    with Server(installation) as server, closing(Client(server.port, installation.token)) as client:
        moved = [matter for matter in matters if has_moved(store, client, matter)]
        lost = [matter for matter in acknowledged if matter not in moved]
        assert not lost, "the server had said that these completions were done"
        for matter in matters:
            _check_repetition(matter.complete(client), moved=matter in moved)
            assert has_moved(store, client, matter)
        for matter in matters[:: max(completions // 20, 1)]:
            finish(store, client, matter)
    store.close()


def test_death_before_any_statement_or_the_commit_leaves_the_task_open(database_url: str, tmp_path: Path) -> None:
    installation = prepare(database_url, tmp_path / "data", people=(PERSON,))
    store = open_context(installation).store
    with Server(installation) as server, closing(Client(server.port, installation.token)) as client:
        matters = start_matters(client, MORE_THAN_STATEMENTS)
        outcomes = _let_them_die(installation, matters)
        killed = outcomes.count("killed")
        assert outcomes == ["killed"] * killed + ["done"] * (len(matters) - killed)
        assert killed >= FEWEST_STATEMENTS
        assert [has_moved(store, client, matter) for matter in matters] == [False] * killed + [True] * (
            len(matters) - killed
        )
        for matter in matters:
            finish(store, client, matter)
    store.close()


def _let_them_die(installation: Installation, matters: list[Matter]) -> list[str]:
    tasks = [matter.task_key for matter in matters]
    program = subprocess.run(
        [sys.executable, DEATHS, installation.database_url, installation.data_dir, PERSON, *tasks],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])},
        capture_output=True,
        text=True,
        check=True,
    )
    return program.stdout.split()


def _check_repetition(repeated: Answer, *, moved: bool) -> None:
    """A completion that is sent again goes through where the first one did not, and only there."""
    if not moved:
        assert repeated.status == 204, repeated
        return
    assert repeated.status == 409, repeated
    assert repeated.body["title"] == "INVALID_STATE"
    assert "COMPLETED" in repeated.detail
