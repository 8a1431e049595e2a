"""Plays the workload against a served instance and takes the figures down."""

from __future__ import annotations

import itertools
import statistics
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .client import Client, fill_in, run_at_once
from .served import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from .installation import Installation

WARM_UP = 10
STEPS = 3


@dataclass(frozen=True, slots=True)
class Way:
    """One way to play: with how many clients, and whether starts and completions answer with the next tasks."""

    clients: int = 1
    next_tasks: bool = False


@dataclass(slots=True)
class Times:
    """Seconds of each start and of each submission, as the clients saw them."""

    start: list[float] = field(default_factory=list)
    submit: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Figures:
    """What playing one way took: milliseconds, and bytes; an instance is a start and three submissions."""

    start_median: float
    start_p95: float
    submit_median: float
    submit_p95: float
    cpu_per_instance: float
    written_per_instance: float
    worker_bytes: int
    instances_per_second: float


def play(client: Client, way: Way, number: int, times: Times) -> None:
    """Play one instance from its start to its end, with values that differ by the number."""
    started = _timed(times.start, lambda: client.start(next_tasks=way.next_tasks))
    assert started.status == 200, started
    instance_key = started.body["processInstanceKey"]
    opened = started.body.get("userTasks")
    for _ in range(STEPS):
        task = (opened if way.next_tasks else client.find_tasks(instance_key, "CREATED"))[0]
        form = client.get_form(task["userTaskKey"])
        assert form.status == 200, form
        filled = fill_in(task["elementId"], number)
        done = _timed(times.submit, lambda: client.complete(task["userTaskKey"], filled, next_tasks=way.next_tasks))  # noqa: B023 - called at once
        assert done.status == (200 if way.next_tasks else 204), done
        opened = done.body["userTasks"] if way.next_tasks else None


def _timed(seconds: list[float], work: Callable[[], Any]) -> Any:
    begin = time.perf_counter()
    result = work()
    seconds.append(time.perf_counter() - begin)
    return result


def measure(
    installation: Installation, ways: list[Way], instances: int, read_written: Callable[[Server], int]
) -> Iterator[Figures]:
    """Serve the installation and play that many instances each way; yields the figures in the same order."""
    numbers = itertools.count(1)
    with Server(installation) as server:
        for way in ways:
            _play_all(server, installation.token, way, WARM_UP, numbers)
            cpu, written, begin = server.cpu_seconds(), read_written(server), time.perf_counter()
            times = _play_all(server, installation.token, way, instances, numbers)
            elapsed = time.perf_counter() - begin
            yield Figures(
                start_median=_quantile(times.start, 50),
                start_p95=_quantile(times.start, 95),
                submit_median=_quantile(times.submit, 50),
                submit_p95=_quantile(times.submit, 95),
                cpu_per_instance=(server.cpu_seconds() - cpu) * 1000 / instances,
                written_per_instance=(read_written(server) - written) / instances,
                worker_bytes=server.worker_bytes(),
                instances_per_second=instances / elapsed,
            )


def _play_all(server: Server, token: str, way: Way, instances: int, numbers: Iterator[int]) -> Times:
    """Share the instances out among the clients and return all their times."""
    times = Times()

    def work(share: list[int]) -> None:
        client = Client(server.port, token)
        for number in share:
            play(client, way, number, times)
        client.close()

    given = [next(numbers) for _ in range(instances)]
    shares = [given[first :: way.clients] for first in range(way.clients)]
    for failure in run_at_once([lambda share=share: work(share) for share in shares]):
        if failure is not None:
            raise failure
    return times


def _quantile(seconds: list[float], percent: int) -> float:
    """Return a percentile in milliseconds."""
    return statistics.quantiles(seconds, n=100, method="inclusive")[percent - 1] * 1000
