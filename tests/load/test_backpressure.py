"""A hundred workers that wait for jobs and twenty members of staff at once: the workers are told to come again later.

The figures are printed, not judged: only who was refused is.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import pytest
from load.three_step.client import Client, run_at_once
from load.three_step.installation import prepare
from load.three_step.served import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from load.three_step.installation import Installation

WORKERS = 100
STAFF = 20
ROUNDS = 5
WAIT_MS = 2000
LONGEST_BACK_OFF = 0.5
ACTIVATION = {"type": "nothing", "timeout": 60_000, "maxJobsToActivate": 1, "worker": "w", "requestTimeout": WAIT_MS}


@pytest.fixture
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    home = tmp_path_factory.mktemp("backpressure")
    return prepare(f"sqlite:///{home / 'muster.db'}", home / "data", people=("li.na",), administrators=("robot",))


@pytest.fixture
def port(installation: Installation) -> Iterator[int]:
    with Server(installation) as server:
        yield server.port


@dataclass
class Crowd:
    """Workers that ask for jobs one request after the other, and back off when they are told to."""

    port: int
    token: str
    statuses: Counter[int] = field(default_factory=Counter)
    title: str = ""
    _over: threading.Event = field(default_factory=threading.Event)
    _pressed: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> Self:
        self._threads = [threading.Thread(target=self._ask, daemon=True) for _ in range(WORKERS)]
        for thread in self._threads:
            thread.start()
        assert self._pressed.wait(60), "no worker was refused"
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(60)
        assert not any(thread.is_alive() for thread in self._threads)

    def _ask(self) -> None:
        with closing(Client(self.port, self.token)) as client:
            while not self._over.is_set():
                answer = client.send("POST", "/v2/jobs/activation", ACTIVATION)
                with self._guard:
                    self.statuses[answer.status] += 1
                if answer.status != 200:
                    self.title = answer.body["title"]
                    self._pressed.set()
                    self._over.wait(LONGEST_BACK_OFF)


def work(port: int, token: str) -> Callable[[], tuple[Counter[int], list[float]]]:
    """Return what a member of staff does: look at the tasks and begin a matter, again and again."""

    def rounds() -> tuple[Counter[int], list[float]]:
        statuses: Counter[int] = Counter()
        seconds = []
        with closing(Client(port, token)) as client:
            for _ in range(ROUNDS):
                began = time.perf_counter()
                searched = client.send("POST", "/v2/user-tasks/search", {"page": {"limit": 10}})
                started = client.start()
                seconds.append(time.perf_counter() - began)
                statuses.update((searched.status, started.status))
        return statuses, seconds

    return rounds


def measure(port: int, token: str) -> tuple[Counter[int], float]:
    """Let the whole staff work at once; return the statuses and the median of a round in seconds."""
    results = run_at_once([work(port, token) for _ in range(STAFF)])
    statuses = sum((counted for counted, _ in results), Counter())
    return statuses, statistics.median(second for _, seconds in results for second in seconds)


def test_excess_workers_are_refused_and_staff_is_served(installation: Installation, port: int) -> None:
    staff, robot = installation.tokens["li.na"], installation.tokens["robot"]
    idle_statuses, idle = measure(port, staff)
    with Crowd(port, robot) as crowd:
        busy_statuses, busy = measure(port, staff)
    told = f"idle {idle * 1000:.0f} ms, busy {busy * 1000:.0f} ms, ratio {busy / idle:.2f}"
    print(f"staff, median of a round: {told}; workers: {dict(crowd.statuses)}")  # noqa: T201 - the figures
    assert idle_statuses == busy_statuses == {200: 2 * STAFF * ROUNDS}
    assert set(crowd.statuses) == {200, 503}
    assert crowd.title == "RESOURCE_EXHAUSTED"
