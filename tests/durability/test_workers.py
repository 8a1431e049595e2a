"""Several worker processes that see the same due timers: each timer fires once, also when a worker is killed."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from load.three_step.client import PROCESS
from load.three_step.installation import open_context, prepare
from load.three_step.served import ROOT, Process
from sqlalchemy.engine import make_url

from server.access import SYSTEM
from server.clock import system_clock
from server.model import Condition, HistoryEvent, Query
from server.service.process_instances import StartRequest, start_process_instance
from server.service.timers import next_due_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from load.three_step.installation import Installation

    from server.service.context import Context

WORKERS = 3
MORTALS = Path(__file__).with_name("mortals.py")
MANY_WORKERS, MANY_TIMERS = 4, 5_000
PATIENCE_SECONDS = 60
LONG_PATIENCE_SECONDS = 900
LOOK_EVERY_SECONDS = 0.02


def long_ago() -> datetime:
    """The moment at which an instance was started whose timer of 72 hours is due now."""
    return system_clock() - timedelta(hours=73)


def start_overdue(installation: Installation, count: int) -> list[int]:
    context = open_context(installation, long_ago)
    request = StartRequest(process_id=PROCESS)
    keys = [start_process_instance(context, SYSTEM, request).instance.key for _ in range(count)]
    context.store.close()
    return keys


@contextmanager
def held_back(database_url: str) -> Iterator[None]:
    """Hold the lock of every instance, so that no worker fires a timer before all of them look for some."""
    url = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as connection:
        connection.execute("SELECT root_key FROM root_instance FOR UPDATE")
        yield
        connection.rollback()


def wait_until(condition: Callable[[], bool], patience_seconds: float = PATIENCE_SECONDS) -> None:
    """Look again and again; what is waited for happens in other processes."""
    never = threading.Event()
    for _ in range(int(patience_seconds / LOOK_EVERY_SECONDS)):
        if condition():
            return
        never.wait(LOOK_EVERY_SECONDS)
    raise AssertionError("what the workers had to do was not done in time")


def check_fired_once(context: Context, keys: list[int]) -> None:
    """Fail unless the timer of each of these instances was fired, once, and the instance went on from it."""
    with context.store.reading() as reading:
        for key in keys:
            instance = reading.process_instance(key)
            assert instance is not None
            assert instance.state == "COMPLETED"
            trail = Counter((record.place.element_id, record.event) for record in reading.history(key))
            assert set(trail.values()) == {1}, trail
            assert trail["register", HistoryEvent.CANCELED] == 1
            assert trail["end_overdue", HistoryEvent.COMPLETED] == 1
        fired = reading.search_audit(Query((Condition("operation", "eq", "FIRE"),), limit=len(keys) + 1))
    assert len({entry.entity_key for entry in fired.items}) == len(fired.items) == len(keys)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("timers", "killed"),
    [(45, 1), pytest.param(400, 0, marks=pytest.mark.slow), pytest.param(400, 1, marks=pytest.mark.slow)],
)
def test_each_due_timer_is_fired_once_by_one_of_three_workers(
    database_url: str, tmp_path: Path, timers: int, killed: int
) -> None:
    installation = prepare(database_url, tmp_path / "data")
    keys = start_overdue(installation, timers)
    context = open_context(installation)

    def waiting() -> int:
        with context.store.reading() as reading:
            return reading.search_timers(Query(limit=1)).total

    with ExitStack() as stack:
        with held_back(database_url):
            workers = [Process(installation, "worker", ready="worker started") for _ in range(WORKERS)]
            for worker in workers:
                stack.enter_context(worker)
            assert waiting() == timers
        for worker in workers[:killed]:
            wait_until(lambda: waiting() < timers)
            worker.kill()
        wait_until(lambda: next_due_at(context) is None)

    check_fired_once(context, keys)
    context.store.close()


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_five_thousand_due_timers_are_fired_once_each_while_a_worker_dies_every_second(
    database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    installation = prepare(database_url, tmp_path / "data")
    keys = start_overdue(installation, MANY_TIMERS)
    context = open_context(installation)
    begun = time.monotonic()
    command = [sys.executable, str(MORTALS), database_url, str(tmp_path / "data"), str(MANY_WORKERS)]
    environment = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as mortals:
        wait_until(lambda: mortals.poll() is not None or next_due_at(context) is None, LONG_PATIENCE_SECONDS)
        seconds = time.monotonic() - begun
        died = int(mortals.communicate()[0])
    assert died > 0
    check_fired_once(context, keys)
    context.store.close()
    with capsys.disabled():
        told = f"{MANY_TIMERS} timers, {MANY_WORKERS} workers at a time, {died} killed: {seconds:.0f} s"
        sys.stdout.write(f"\n{told}\n")
