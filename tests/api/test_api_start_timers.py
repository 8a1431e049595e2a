"""Timer start events from deployment to the started instances, with the worker that starts them."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from api_callers import check_problem

from server.service import timers
from server.service.start_timers import due_start_timers, fire_start_timer
from server.worker import Worker
from tests.unit.engine.diagrams import diagram, element, end, extension, flows, process, start, timer, user, zeebe

if TYPE_CHECKING:
    from api_callers import Caller, Installation
    from werkzeug.test import TestResponse


def patrol(kind: str, text: str, name: str = "Patrol") -> bytes:
    task = element("userTask", "walk", extension(zeebe("userTask")), name=name)
    return diagram(process("patrol", start("tick", timer(kind, text)), task, end(), flows("tick -> walk -> end")))


def deploy(caller: Caller, *contents: bytes) -> TestResponse:
    files = [(io.BytesIO(content), f"d{number}.bpmn") for number, content in enumerate(contents)]
    return caller.send("POST", "/v2/deployments", data={"resources": files}, content_type="multipart/form-data")


def instances(caller: Caller) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = caller.post("/v2/process-instances/search", {}).get_json()["items"]
    return found


def test_a_cycle_starts_instances_at_its_times_until_it_ends(muster: Installation) -> None:
    assert deploy(muster.admin, patrol("timeCycle", "R2/PT1H")).status_code == 200
    worker = Worker(muster.context)
    assert worker.run_due() == 0
    first = timers.next_due_at(muster.context)
    muster.clock.advance(hours=1)
    assert first == muster.clock.now
    assert worker.run_due() == 1
    (instance,) = instances(muster.admin)
    assert (instance["processDefinitionId"], instance["state"]) == ("patrol", "ACTIVE")
    assert worker.run_due() == 0
    muster.clock.advance(hours=1)
    assert worker.run_due() == 1
    muster.clock.advance(hours=9)
    assert worker.run_due() == 0
    assert len(instances(muster.admin)) == 2
    assert timers.next_due_at(muster.context) is None


def test_a_cycle_that_fell_behind_starts_once(muster: Installation) -> None:
    deploy(muster.admin, patrol("timeCycle", "R/PT1H"))
    muster.clock.advance(days=30)
    assert Worker(muster.context).run_due() == 1
    assert len(instances(muster.admin)) == 1
    muster.clock.advance(hours=1)
    assert timers.next_due_at(muster.context) == muster.clock.now


def test_a_newer_version_replaces_the_times_and_the_same_content_leaves_them(muster: Installation) -> None:
    old = patrol("timeCycle", "R/PT2H")
    deploy(muster.admin, old)
    due = timers.next_due_at(muster.context)
    muster.clock.advance(hours=1)
    deploy(muster.admin, old)
    assert timers.next_due_at(muster.context) == due
    deploy(muster.admin, patrol("timeDuration", "PT3H", name="Longer"))
    muster.clock.advance(hours=2)
    assert Worker(muster.context).run_due() == 0
    muster.clock.advance(hours=1)
    assert Worker(muster.context).run_due() == 1
    (instance,) = instances(muster.admin)
    assert instance["processDefinitionVersion"] == 2
    deploy(muster.admin, diagram(process("patrol", start(), user("walk"), flows("start -> walk"))))
    assert timers.next_due_at(muster.context) is None


def test_a_date_may_be_an_expression_and_one_that_gives_none_is_refused(quick: Installation) -> None:
    refused = check_problem(deploy(quick.admin, patrol("timeDate", "=when")), 400, "INVALID_ARGUMENT")
    assert "tick" in refused["detail"]
    assert timers.next_due_at(quick.context) is None
    assert deploy(quick.admin, patrol("timeDate", "=now()")).status_code == 200
    assert Worker(quick.context).run_due() == 1
    assert timers.next_due_at(quick.context) is None


def test_several_workers_start_one_instance(muster: Installation) -> None:
    deploy(muster.admin, patrol("timeCycle", "R/PT1H"))
    muster.clock.advance(hours=1)
    (due,) = due_start_timers(muster.context, 9)
    with ThreadPoolExecutor(4) as pool:
        fired = list(pool.map(lambda _: fire_start_timer(muster.context, due.process_id, due.element_id), range(8)))
    assert sorted(fired) == [False] * 7 + [True]
    assert len(instances(muster.admin)) == 1
    assert due_start_timers(muster.context, 9) == ()
