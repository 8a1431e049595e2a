"""Signals over the API: broadcast, thrown, caught, started; by whom, once each, and after a crash."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from api_callers import check_problem
from api_callers import start as start_instance

from server.access import SYSTEM
from server.engine import commands
from server.model import Signal, StepResult
from server.service import process_instances, signals
from server.service.process_instances import StartRequest
from server.worker import Worker
from tests.unit.engine.diagrams import (
    boundary,
    catch,
    diagram,
    element,
    end,
    extension,
    flows,
    mappings,
    process,
    signal,
    signal_event,
    start,
    zeebe,
)

if TYPE_CHECKING:
    from api_callers import Caller, Installation

PATH = "/v2/signals/broadcast"
ALARM = signal("s", "alarm")


def user(id_: str) -> str:
    return element("userTask", id_, extension(zeebe("userTask")))


def told(process_id: str, *parts: str) -> bytes:
    return diagram(ALARM, process(process_id, *parts))


STARTED = told("started", start("go", signal_event("s")), user("a"), flows("go -> a"))
CAUGHT = told("caught", start(), catch("c", signal_event("s")), user("b"), flows("start -> c -> b"))
BESIDE = told(
    "beside", start(), user("w"), boundary("n", "w", signal_event("s"), interrupting=False), user("x"),
    flows("start -> w", "n -> x"),
)  # fmt: skip
THROWN = told(
    "thrown", start(), end("t", extension(mappings({"level": "=n"})) + signal_event("s")), flows("start -> t")
)


@pytest.fixture
def town(muster: Installation) -> Installation:
    files = [(io.BytesIO(one), f"d{number}.bpmn") for number, one in enumerate((STARTED, CAUGHT, BESIDE, THROWN))]
    data = {"resources": files}
    answer = muster.admin.send("POST", "/v2/deployments", data=data, content_type="multipart/form-data")
    assert answer.status_code == 200
    return muster


def open_tasks(caller: Caller) -> list[str]:
    page: dict[str, Any] = caller.post("/v2/user-tasks/search", {"filter": {"state": "CREATED"}}).get_json()
    return sorted(task["elementId"] for task in page["items"])


def test_a_broadcast_reaches_everybody_who_waits_and_starts_processes(town: Installation) -> None:
    admin = town.admin
    caught = [start_instance(admin, "caught") for _ in range(2)]
    start_instance(admin, "beside")
    answer = admin.post(PATH, {"signalName": "alarm", "variables": {"level": 3}, "tenantId": "<default>"})
    assert answer.status_code == 200
    assert answer.get_json()["tenantId"] == "<default>"
    assert int(answer.get_json()["signalKey"]) > 0
    assert open_tasks(admin) == ["a", "b", "b", "w", "x"]
    query = {"filter": {"processInstanceKey": caught[0], "name": "level"}}
    assert [one["value"] for one in admin.post("/v2/variables/search", query).get_json()["items"]] == ["3"]
    admin.post(PATH, {"signalName": "alarm"})
    assert open_tasks(admin) == ["a", "a", "b", "b", "w", "x", "x"]
    assert Worker(town.context).run_due() == 0


def test_a_signal_that_nobody_waits_for_is_gone(town: Installation) -> None:
    assert town.admin.post(PATH, {"signalName": "elsewhere"}).status_code == 200
    start_instance(town.admin, "caught")
    assert Worker(town.context).run_due() == 0
    assert open_tasks(town.admin) == []


def test_who_may_broadcast(town: Installation) -> None:
    assert town.client("starter", start={"caught"}).post(PATH, {"signalName": "alarm"}).status_code == 200
    check_problem(town.client("reader", read=True).post(PATH, {"signalName": "alarm"}), 403)
    check_problem(town.person("lin").post(PATH, {"signalName": "alarm"}), 403)
    check_problem(town.nobody.post(PATH, {"signalName": "alarm"}), 401)
    check_problem(town.admin.post(PATH, {}), 400)
    check_problem(town.admin.post(PATH, {"signalName": ""}), 400)


def test_the_worker_delivers_what_a_process_throws_and_the_server_starts_it(town: Installation) -> None:
    start_instance(town.admin, "caught")
    start_instance(town.person("lin"), "thrown", {"n": 7, "secret": 1})
    assert open_tasks(town.admin) == []
    assert Worker(town.context).run_due() == 2
    assert open_tasks(town.admin) == ["a", "b"]
    names = town.admin.post("/v2/variables/search", {"filter": {"name": "level"}}).get_json()["items"]
    assert [one["value"] for one in names] == ["7", "7"]
    found = town.person("lin").post("/v2/process-instances/search", {}).get_json()["items"]
    assert [one["processDefinitionId"] for one in found] == ["thrown"]


def test_nothing_is_lost_when_a_delivery_fails_half_way(town: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    start_instance(town.admin, "caught")
    start_instance(town.admin, "thrown", {"n": 1})

    def die(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(commands, "receive_signal", die)
        for delivery in signals.due_deliveries(town.context, 9):
            if delivery.root_key is not None:
                with pytest.raises(SystemExit):
                    signals.deliver_signal(town.context, delivery)
    assert open_tasks(town.admin) == []
    assert Worker(town.context).run_due() == 2
    assert open_tasks(town.admin) == ["a", "b"]


def test_several_workers_deliver_once_each(town: Installation) -> None:
    start_instance(town.admin, "beside")
    start_instance(town.admin, "thrown", {"n": 1})
    waiting = signals.due_deliveries(town.context, 9)
    assert len(waiting) == 2
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda one: signals.deliver_signal(town.context, one), waiting * 4))
    assert sorted(done) == [False] * 6 + [True] * 2
    assert open_tasks(town.admin) == ["a", "w", "x"]


def test_who_no_longer_waits_receives_nothing(town: Installation) -> None:
    gone = start_instance(town.admin, "caught")
    start_instance(town.admin, "thrown", {"n": 1})
    process_instances.cancel_process_instance(town.context, SYSTEM, int(gone))
    process_instances.start_process_instance(town.context, SYSTEM, StartRequest("caught"))
    assert Worker(town.context).run_due() == 2
    assert open_tasks(town.admin) == ["a"], "who began to wait afterwards goes on waiting"
    town.clock.advance(minutes=2)
    assert signals.remove_delivered_signals(town.context) == 1


def put(muster: Installation, content: bytes) -> None:
    data = {"resources": [(io.BytesIO(content), "more.bpmn")]}
    answer = muster.admin.send("POST", "/v2/deployments", data=data, content_type="multipart/form-data")
    assert answer.status_code == 200, answer.get_data(as_text=True)


@pytest.mark.parametrize("processes", [1, 2])
def test_a_signal_that_sets_itself_off_ends_in_incidents_and_can_go_on(muster: Installation, processes: int) -> None:
    again = (
        process(f"p{n}", start(f"go{n}", signal_event("s")), end(f"t{n}", signal_event("s")), flows(f"go{n} -> t{n}"))
        for n in range(processes)
    )
    put(muster, diagram(ALARM, *again))
    with muster.context.store.transaction() as tx:
        tx.add_signal(Signal(next(tx.keys), "alarm", {}, "admin", further=20))
    worker = Worker(muster.context)
    started = worker.run_due()
    assert started <= processes * 21
    assert worker.run_due() == 0
    found = muster.admin.post("/v2/incidents/search", {"filter": {"state": "ACTIVE"}}).get_json()["items"]
    assert found
    assert {"signal" in one["errorMessage"] and one["elementId"] in {"t0", "t1"} for one in found} == {True}
    if processes == 1:
        assert started == 21
    instance = found[0]["processInstanceKey"]
    assert muster.admin.post(f"/v2/process-instances/{instance}/cancellation").status_code == 204


def test_a_long_chain_of_different_signals_is_no_echo(town: Installation) -> None:
    start_instance(town.admin, "caught")
    start_instance(town.admin, "thrown", {"n": 1})
    assert Worker(town.context).run_due() == 2
    assert town.admin.post("/v2/incidents/search", {}).get_json()["items"] == []


def test_a_delivery_that_fails_is_tried_again_ever_later_and_then_left_to_an_operator(town: Installation) -> None:
    key = start_instance(town.admin, "caught")
    whole = _replace_state(town, int(key), b"torn")
    town.admin.post(PATH, {"signalName": "alarm"})
    admin, worker, tries = town.admin, Worker(town.context), 1
    (failed,) = admin.get("/api/signals/undelivered").get_json()["deliveries"]
    assert (failed["attempts"], failed["rootProcessInstanceKey"], failed["elementId"]) == (1, key, "c")
    assert failed["problem"]
    while failed["retryAt"] is not None:
        assert worker.run_due() == 0
        town.clock.advance(minutes=30)
        assert worker.run_due() == 0
        tries += 1
        (failed,) = admin.get("/api/signals/undelivered").get_json()["deliveries"]
        assert failed["attempts"] == tries
    assert tries == signals.MOST_ATTEMPTS
    town.clock.advance(days=1)
    assert worker.run_due() == 0
    check_problem(town.person("lin").get("/api/signals/undelivered"), 403)
    check_problem(town.person("lin").post("/api/signals/undelivered/retry"), 403)
    _replace_state(town, int(key), whole)
    assert admin.post("/api/signals/undelivered/retry").get_json() == {"deliveries": 1}
    assert worker.run_due() == 1
    assert open_tasks(admin) == ["a", "b"]
    assert admin.get("/api/signals/undelivered").get_json()["deliveries"] == []


def _replace_state(town: Installation, root_key: int, state: bytes) -> bytes:
    with town.context.store.transaction() as tx:
        locked = tx.lock_instance(root_key)
        assert locked is not None
        tx.save_step(StepResult(root_key, state, active=True), locked.revision)
        return locked.state
