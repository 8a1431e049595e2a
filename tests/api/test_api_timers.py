"""Waiting timers that move: by an operator's word, and by an action in the step that changes what they depend on."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from api_callers import START, check_problem
from api_callers import start as start_instance

from server import worker
from server.model import Query, StepResult
from server.worker import Worker
from tests.unit.engine.diagrams import (
    boundary,
    call,
    diagram,
    element,
    extension,
    flows,
    job,
    process,
    start,
    timer,
    zeebe,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api_callers import Caller, Installation

    from server.actions import ActionCall


def user(id_: str) -> str:
    return element("userTask", id_, extension(zeebe("userTask")))


LATE = boundary("late", "work", timer("timeDuration", "=wait"), interrupting=False)
CASE = diagram(process("case", start(), user("work"), LATE, user("chase"), flows("start -> work", "late -> chase")))
AROUND = diagram(process("around", start(), call("c", "case"), flows("start -> c")))
ACTING = diagram(
    process("acting", start(), user("work"), LATE, user("chase"), job("act", "=kind"), user("after"),
            flows("start -> work -> after", "start -> act -> after", "late -> chase"))
)  # fmt: skip


@pytest.fixture
def town(muster: Installation) -> Installation:
    data = {"resources": [(io.BytesIO(one), f"d{number}.bpmn") for number, one in enumerate((CASE, AROUND, ACTING))]}
    answer = muster.admin.send("POST", "/v2/deployments", data=data, content_type="multipart/form-data")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return muster


def open_tasks(caller: Caller) -> list[str]:
    page: dict[str, Any] = caller.post("/v2/user-tasks/search", {"filter": {"state": "CREATED"}}).get_json()
    return sorted(task["elementId"] for task in page["items"])


def write(caller: Caller, scope: str, **variables: object) -> None:
    answer = caller.send("PUT", f"/v2/element-instances/{scope}/variables", json={"variables": variables})
    assert answer.status_code == 204


def reschedule(caller: Caller, key: str) -> list[dict[str, Any]]:
    answer = caller.post(f"/api/process-instances/{key}/reschedule")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    timers: list[dict[str, Any]] = answer.get_json()["timers"]
    return timers


def audited(town: Installation) -> list[tuple[str, str, str]]:
    with town.context.store.reading() as reading:
        lines = reading.search_audit(Query(limit=100)).items
    return [(line.operation, line.entity_type, line.result) for line in lines if line.operation == "RESCHEDULE"]


def test_an_operator_moves_a_deadline_that_depends_on_a_variable(town: Installation) -> None:
    key = start_instance(town.admin, "case", {"wait": "PT10H"})
    town.clock.advance(hours=1)
    write(town.admin, key, wait="PT20H")
    (told,) = reschedule(town.admin, key)
    assert (told["elementId"], told["problem"]) == ("late", None)
    assert (told["oldDueDate"], told["newDueDate"]) == ("2026-03-01T18:00:00.000Z", "2026-03-02T04:00:00.000Z")
    assert audited(town) == [("RESCHEDULE", "PROCESS_INSTANCE", "SUCCESS"), ("RESCHEDULE", "TIMER", "SUCCESS")]
    town.clock.advance(hours=18)
    assert Worker(town.context).run_due() == 0
    town.clock.advance(hours=1)
    assert Worker(town.context).run_due() == 1
    assert open_tasks(town.admin) == ["chase", "work"]
    assert reschedule(town.admin, key) == []


def test_what_gives_no_time_keeps_the_deadline_and_says_why(town: Installation) -> None:
    key = start_instance(town.admin, "case", {"wait": "PT10H"})
    write(town.admin, key, wait="soon")
    (told,) = reschedule(town.admin, key)
    assert told["oldDueDate"] == told["newDueDate"]
    assert "expected a duration such as PT72H, found 'soon'" in told["problem"]
    assert ("RESCHEDULE", "TIMER", "FAILURE") in audited(town)
    town.clock.advance(hours=10)
    assert Worker(town.context).run_due() == 1


def test_called_processes_belong_to_their_root(town: Installation) -> None:
    root = start_instance(town.admin, "around", {"wait": "PT10H"})
    query = {"filter": {"parentProcessInstanceKey": root}}
    (called,) = town.admin.post("/v2/process-instances/search", query).get_json()["items"]
    for key in (root, called["processInstanceKey"]):
        (told,) = reschedule(town.admin, key)
        assert told["processInstanceKey"] == called["processInstanceKey"]


def test_who_may_reschedule_and_what(town: Installation) -> None:
    key = start_instance(town.person("lin"), "case", {"wait": "PT10H"})
    path = f"/api/process-instances/{key}/reschedule"
    check_problem(town.nobody.post(path), 401)
    check_problem(town.person("lin").post(path), 403)
    check_problem(town.person("wu").post(path), 404)
    check_problem(town.admin.post("/api/process-instances/7/reschedule"), 404)
    check_problem(town.admin.post("/api/process-instances/x/reschedule"), 400)
    check_problem(town.admin.post(path, {"when": "now"}), 400)
    town.admin.post(f"/v2/process-instances/{key}/cancellation")
    check_problem(town.admin.post(path), 409, "INVALID_STATE")


def test_an_action_moves_the_timers_in_its_own_step(town: Installation) -> None:
    def pause(action: ActionCall) -> Mapping[str, object]:
        action.reschedule()
        return {"wait": "PT30H"}

    context = town.context
    town.app.extensions["muster"] = replace(context, actions={**context.actions, "clock.pause": pause})
    key = start_instance(town.admin, "acting", {"wait": "PT10H", "kind": "clock.pause"})
    assert open_tasks(town.admin) == ["after", "work"]
    with context.store.reading() as reading:
        (waiting,) = reading.timers_of_root(int(key))
    assert (waiting.due_at - START).total_seconds() == 30 * 3600
    assert audited(town) == [("RESCHEDULE", "TIMER", "SUCCESS")]


def test_timers_that_cannot_fire_do_not_keep_others_from_firing(
    town: Installation, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(worker, "BATCH", 1)
    broken = start_instance(town.admin, "case", {"wait": "PT1H"})
    start_instance(town.admin, "case", {"wait": "PT2H"})
    with town.context.store.transaction() as tx:
        locked = tx.lock_instance(int(broken))
        assert locked is not None
        tx.save_step(StepResult(int(broken), b"torn", active=True), locked.revision)
    town.clock.advance(hours=3)
    background = Worker(town.context)
    assert background.run_due() == 0, "the first one is tried, and again later"
    assert background.run_due() == 1
    assert open_tasks(town.admin).count("chase") == 1
    assert "could not be done" in caplog.text
