"""Two change one instance at the same moment, in every pair of operations: each gets its way, or a reason.

On PostgreSQL the first one is stopped in the middle of its transaction, by a lock on the audit log that the test
holds, until the second one waits for it (or has gone past it); on SQLite both queue behind the test's transaction.
"""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import psycopg
import pytest
from consistency import Judge, read_rows
from small_processes import JOB_TYPE
from town import LEASE, Town

from server.access import SYSTEM
from server.errors import Contended, MusterError
from server.service import (
    deployments,
    incidents,
    jobs,
    messages,
    process_instances,
    signals,
    suspension,
    timers,
    user_tasks,
    variables,
)
from server.service.process_instances import StartRequest
from server.worker import Worker
from tests.unit.engine.diagrams import (
    boundary,
    catch,
    diagram,
    end,
    event_sub_process,
    flows,
    job,
    message,
    message_event,
    parallel,
    process,
    script,
    signal,
    signal_event,
    start,
    timer,
    user,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future
    from pathlib import Path

    from server.service.context import Context

PATIENCE_SECONDS = 30
SHARES = 4
"""Of the pairs one share meets in every run: each operation with others, the first and the second to come."""
MOST_LOOKS = 100_000
LONG_ENOUGH = timedelta(hours=2)
EVERYTHING = diagram(
    message("m", "note", "=order"),
    message("n", "call", "=order"),
    signal("s", "siren"),
    process(
        "everything",
        start(),
        parallel("fork"),
        user("fill"),
        boundary("late", "fill", timer("timeDuration", "PT1H")),
        job("post", JOB_TYPE),
        catch("heard", message_event("m")),
        catch("alarmed", signal_event("s")),
        script("stop", "=1 + nothing.year + date(order).year", "year"),
        user("sign"),
        parallel("join"),
        end(),
        end("overdue"),
        flows(
            "start -> fork -> fill -> join -> end",
            "fork -> post -> join",
            "fork -> heard -> join",
            "fork -> alarmed -> join",
            "fork -> stop -> join",
            "fork -> sign -> join",
            "late -> overdue",
        ),
        event_sub_process("calls", message_event("n"), end("taken"), flows("calls_start -> taken"), interrupting=False),
    ),
)


@dataclass(frozen=True, slots=True)
class Keys:
    """What waits in the instance."""

    order: str
    instance: int
    fill: int
    sign: int
    job: int
    timer: int
    incident: int


OPERATIONS: dict[str, Callable[[Context, Keys], object]] = {
    "complete": lambda context, keys: user_tasks.complete_user_task(context, SYSTEM, keys.fill, {"a": 1}),
    "sign": lambda context, keys: user_tasks.complete_user_task(context, SYSTEM, keys.sign, {"b": 1}),
    "assign": lambda context, keys: user_tasks.assign_user_task(context, SYSTEM, keys.fill, "li"),
    "unassign": lambda context, keys: user_tasks.unassign_user_task(context, SYSTEM, keys.fill),
    "fire": lambda context, keys: timers.fire_timer(context, keys.timer),
    "activate": lambda context, _: jobs.activate_jobs(context, SYSTEM, JOB_TYPE, "w", LEASE, 5),
    "finish": lambda context, keys: jobs.complete_job(context, SYSTEM, keys.job, {}),
    "fail": lambda context, keys: jobs.fail_job(context, SYSTEM, keys.job, 0, "no"),
    "prolong": lambda context, keys: jobs.update_job(context, SYSTEM, keys.job, timeout=LEASE),
    "publish": lambda context, keys: messages.publish_message(
        context, SYSTEM, messages.Publication("note", keys.order, timedelta(hours=1))
    ),
    "correlate": lambda context, keys: messages.correlate_message(
        context, SYSTEM, messages.Publication("call", keys.order)
    ),
    "broadcast": lambda context, _: signals.broadcast_signal(context, SYSTEM, "siren", {}),
    "resolve": lambda context, keys: incidents.resolve_incident(context, SYSTEM, keys.incident),
    "edit": lambda context, keys: variables.set_variables(context, SYSTEM, keys.instance, {"year": 1}),
    "suspend": lambda context, keys: suspension.suspend_process_instance(context, SYSTEM, keys.instance),
    "resume": lambda context, keys: suspension.resume_process_instance(context, SYSTEM, keys.instance),
    "cancel": lambda context, keys: process_instances.cancel_process_instance(context, SYSTEM, keys.instance),
}


@pytest.fixture
def town(database_url: str, tmp_path: Path) -> Iterator[Town]:
    opened = Town(database_url, tmp_path)
    deployments.deploy(opened.context, SYSTEM, [("everything.bpmn", EVERYTHING)])
    yield opened
    opened.close()


def begin(town: Town, number: int) -> Keys:
    """Start an instance in which everything waits, something has stopped and a timer is due."""
    order = f"o{number}"
    request = StartRequest("everything", variables={"order": order})
    started = process_instances.start_process_instance(town.context, SYSTEM, request)
    instance = started.instance.key
    tasks = {task.place.element_id: task.key for task in started.user_tasks}
    rows = read_rows(town.context, instance)
    (job_key,), (timer_key,), (incident_key,) = (
        [row.key for row in rows[name]] for name in ("job", "timer", "incident")
    )
    town.now += LONG_ENOUGH
    return Keys(order, instance, tasks["fill"], tasks["sign"], job_key, timer_key, incident_key)


def meet(town: Town, keys: Keys, pair: tuple[str, str]) -> list[object]:
    """Let the second begin while the first is in the middle of it; return what each was told."""

    def run(name: str) -> object:
        try:
            return OPERATIONS[name](town.context, keys)
        except MusterError as refusal:
            return refusal

    with ThreadPoolExecutor(2) as pool:
        running: list[Future[object]] = []
        with holding(town) as wait:
            for name in pair:
                running.append(pool.submit(run, name))
                wait(running)
        return [one.result(PATIENCE_SECONDS) for one in running]


@contextmanager
def holding(town: Town) -> Iterator[Callable[[list[Future[object]]], None]]:
    """Hold what every change needs, and give a function that waits until all that run wait for it or are done."""
    if town.context.store.dialect == "sqlite":
        with town.context.store.transaction():
            yield lambda _: None
        return
    url = town.context.store._engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    waiting = b"SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with closing(psycopg.connect(url)) as lock, closing(psycopg.connect(url, autocommit=True)) as looking:
        lock.execute("LOCK TABLE audit_entry IN ACCESS EXCLUSIVE MODE")

        def wait(running: list[Future[object]]) -> None:
            for _ in range(MOST_LOOKS):
                row = looking.execute(waiting).fetchone()
                assert row is not None
                if row[0] + sum(one.done() for one in running) >= len(running):
                    return
            raise AssertionError("an operation neither ended nor waited for a lock")

        yield wait
        lock.rollback()


@pytest.mark.parametrize("share", [0, *(pytest.param(number, marks=pytest.mark.slow) for number in range(1, SHARES))])
def test_of_two_operations_that_meet_each_is_done_or_refused_with_a_reason(town: Town, share: int) -> None:
    for number, (first, second) in enumerate(itertools.product(OPERATIONS, repeat=2)):
        if number % SHARES == share:
            keys = begin(town, number)
            for told in meet(town, keys, (first, second)):
                if isinstance(told, MusterError):
                    assert told.status in {404, 409}, f"{first} and {second}: {told!r}"
                    assert not isinstance(told, Contended), f"{first} and {second}: {told!r}"
            Worker(town.context).run_due()
            rows = read_rows(town.context, keys.instance)
            Judge().judge(town.context, rows)
            if rows["root_instance"][0].active:
                process_instances.cancel_process_instance(town.context, SYSTEM, keys.instance)
