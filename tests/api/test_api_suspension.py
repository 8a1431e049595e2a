"""Suspension over the API: what stands still, what is refused, what is allowed, and how it goes on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from api_callers import check_problem, find_task
from api_callers import start as start_instance

from server.access import SYSTEM
from server.errors import Conflict
from server.model import Condition, Query
from server.service import messages, signals, suspension, timers
from server.service.jobs import activate_jobs, complete_job
from server.worker import Worker
from tests.unit.engine.diagrams import (
    boundary,
    call,
    catch,
    diagram,
    end,
    flows,
    job,
    message,
    message_event,
    process,
    script,
    signal,
    signal_event,
    start,
    timer,
    user,
)

if TYPE_CHECKING:
    from api_callers import Caller, Installation

PATH = "/v2/process-instances"
TASKS = "/v2/user-tasks"

TASK = diagram(
    process(
        "task",
        start(),
        user("u", candidateGroups="desk@north"),
        boundary("late", "u", timer("timeDuration", "PT1H"), interrupting=False),
        boundary("often", "u", timer("timeCycle", "R/PT10M"), interrupting=False),
        user("escalated"),
        user("reminded"),
        end(),
        flows("start -> u -> end", "late -> escalated", "often -> reminded"),
    )
)
WORK = diagram(process("work", start(), job("j", "fetch"), end(), flows("start -> j -> end")))
REPLY = diagram(
    message("m", "reply", "=place"),
    process("reply", start(), catch("c", message_event("m")), user("got"), flows("start -> c -> got")),
)
ALARM = diagram(
    signal("s", "alarm"),
    process("alarm", start(), catch("c", signal_event("s")), user("heard"), flows("start -> c -> heard")),
)
OUTER = diagram(process("outer", start(), call("inner", "work"), end(), flows("start -> inner -> end")))
BROKEN = diagram(process("broken", start(), script("s", "=1 + missing", "x"), user("u"), flows("start -> s -> u")))


@pytest.fixture
def town(muster: Installation) -> Installation:
    muster.admin.deploy_diagrams(TASK, WORK, REPLY, ALARM, OUTER, BROKEN)
    return muster


def suspend(caller: Caller, key: str) -> None:
    assert caller.post(f"{PATH}/{key}/suspension").status_code == 204


def resume(caller: Caller, key: str) -> None:
    assert caller.post(f"{PATH}/{key}/resumption").status_code == 204


def lease(caller: Caller) -> list[str]:
    body = {"type": "fetch", "timeout": 60_000, "maxJobsToActivate": 5, "requestTimeout": -1}
    return [one["jobKey"] for one in caller.post("/v2/jobs/activation", body).get_json()["jobs"]]


def open_elements(caller: Caller) -> list[str]:
    page: dict[str, Any] = caller.post(f"{TASKS}/search", {"filter": {"state": "CREATED"}}).get_json()
    return sorted(one["elementId"] for one in page["items"])


def audited(town: Installation, key: str) -> list[tuple[str, str]]:
    query = Query(conditions=(Condition("root_key", "eq", int(key)),))
    with town.context.store.reading() as reading:
        return [(one.operation, one.actor) for one in reading.search_audit(query).items]


def test_a_suspended_instance_is_shown_as_such(town: Installation) -> None:
    admin = town.admin
    key = start_instance(admin, "task")
    suspend(admin, key)
    found = admin.get(f"{PATH}/{key}").get_json()
    assert (found["state"], found["suspendedDate"], found["endDate"]) == ("SUSPENDED", "2026-03-01T08:00:00.000Z", None)
    for filters, count in (
        ({"state": "SUSPENDED"}, 1),
        ({"state": "ACTIVE"}, 0),
        ({"suspendedDate": {"$gte": "2026-03-01T08:00:00Z"}}, 1),
        ({"suspendedDate": {"$exists": False}}, 0),
    ):
        assert admin.post(f"{PATH}/search", {"filter": filters}).get_json()["page"]["totalItems"] == count, filters
    resume(admin, key)
    found = admin.get(f"{PATH}/{key}").get_json()
    assert (found["state"], found["suspendedDate"]) == ("ACTIVE", None)
    assert audited(town, key) == [("CREATE", "admin"), ("SUSPEND", "admin"), ("RESUME", "admin")]


def test_user_tasks_of_a_suspended_instance_wait(town: Installation) -> None:
    lin, admin = town.person("lin"), town.admin
    key = start_instance(admin, "task")
    task = f"{TASKS}/{find_task(lin)['userTaskKey']}"
    suspend(admin, key)
    for answer in (
        lin.post(f"{task}/completion", {"variables": {"a": 1}}),
        lin.post(f"{task}/assignment", {"assignee": "lin"}),
        admin.send("DELETE", f"{task}/assignee"),
        admin.send("PATCH", task, json={"changeset": {"priority": 7}}),
    ):
        assert "SUSPENDED" in check_problem(answer, 409, "INVALID_STATE")["detail"]
    assert find_task(lin)["assignee"] is None
    resume(admin, key)
    assert lin.post(f"{task}/assignment", {"assignee": "lin"}).status_code == 204
    assert lin.post(f"{task}/completion").status_code == 204
    assert admin.get(f"{PATH}/{key}").get_json()["state"] == "COMPLETED"


def test_jobs_of_a_suspended_instance_are_not_offered(town: Installation) -> None:
    admin = town.admin
    key = start_instance(admin, "work")
    suspend(admin, key)
    assert lease(admin) == []
    resume(admin, key)
    (found,) = lease(admin)
    suspend(admin, key)
    path = f"/v2/jobs/{found}"
    for answer in (
        admin.post(f"{path}/completion"),
        admin.post(f"{path}/failure", {"retries": 1}),
        admin.post(f"{path}/error", {"errorCode": "E"}),
        admin.send("PATCH", path, json={"changeset": {"retries": 9}}),
    ):
        assert "SUSPENDED" in check_problem(answer, 409, "INVALID_STATE")["detail"]
    town.clock.advance(seconds=61)
    assert lease(admin) == []  # the lease is over, but the instance stands still
    resume(admin, key)
    assert lease(admin) == [found]
    assert admin.post(f"{path}/completion").status_code == 204


def test_timers_wait_and_fire_in_due_order_after_the_resumption(town: Installation) -> None:
    admin, worker = town.admin, Worker(town.context)
    key = start_instance(admin, "task")
    suspend(admin, key)
    town.clock.advance(hours=2)
    assert timers.next_due_at(town.context) is None
    assert worker.run_due() == 0
    assert open_elements(admin) == ["u"]
    resume(admin, key)
    assert worker.run_due() == 2  # the cycle once, not for each of the twelve times that have passed
    assert open_elements(admin) == ["escalated", "reminded", "u"]
    lines = [one.place.element_id for one in _history(town, key) if one.element_type == "boundaryEvent"]
    assert lines[::2] == ["often", "late"]
    town.clock.advance(minutes=10)
    assert worker.run_due() == 1


def _history(town: Installation, key: str) -> tuple[Any, ...]:
    with town.context.store.reading() as reading:
        return reading.history(root_key=int(key))


def test_messages_wait_in_the_buffer_and_come_with_the_resumption(town: Installation) -> None:
    admin = town.admin
    waiting = {place: start_instance(admin, "reply", {"place": place}) for place in ("west", "east")}
    for key in waiting.values():
        suspend(admin, key)
    sent = {"name": "reply", "correlationKey": "west", "variables": {"n": 1}}
    check_problem(admin.post("/v2/messages/correlation", sent), 404, "NOT_FOUND")
    admin.post("/v2/messages/publication", {**sent, "timeToLive": 3_600_000, "messageId": "one"})
    admin.post("/v2/messages/publication", {**sent, "correlationKey": "east", "timeToLive": 1000})
    assert open_elements(admin) == []
    town.clock.advance(minutes=1)
    for key in waiting.values():
        resume(admin, key)
    assert [task["processInstanceKey"] for task in _tasks(admin)] == [waiting["west"]]
    assert admin.post("/v2/messages/correlation", {**sent, "correlationKey": "east"}).status_code == 200
    assert open_elements(admin) == ["got", "got"]


def _tasks(caller: Caller) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = caller.post(f"{TASKS}/search", {"filter": {"state": "CREATED"}}).get_json()["items"]
    return items


def test_a_signal_does_not_reach_a_suspended_instance_one_thrown_before_does(town: Installation) -> None:
    admin, worker = town.admin, Worker(town.context)
    key = start_instance(admin, "alarm")
    suspend(admin, key)
    admin.post("/v2/signals/broadcast", {"signalName": "alarm"})
    resume(admin, key)
    assert worker.run_due() == 0
    assert open_elements(admin) == []
    signals._throw(town.context, SYSTEM, "alarm", {})
    delivery = signals.due_deliveries(town.context, 10)[0]
    suspend(admin, key)
    assert signals.due_deliveries(town.context, 10) == ()
    assert signals.deliver_signal(town.context, delivery) is False  # a worker that saw it before
    assert worker.run_due() == 0
    resume(admin, key)
    assert worker.run_due() == 1
    assert open_elements(admin) == ["heard"]


def test_a_worker_that_saw_what_was_due_before_changes_nothing(town: Installation) -> None:
    admin, context = town.admin, town.context
    keys = [start_instance(admin, name, {"place": "west"}) for name in ("task", "reply")]
    town.clock.advance(hours=1)
    seen = timers.due_timers(context, 10)
    assert len(seen) == 2
    with context.store.reading() as reading:
        (subscription,) = reading.message_subscriptions("reply", "west")
    for key in keys:
        suspend(admin, key)
    assert [timers.fire_timer(context, one.key) for one in seen] == [False, False]
    assert messages._correlate(context, SYSTEM, subscription, {}) is False
    assert open_elements(admin) == ["u"]


def test_called_instances_stand_still_with_their_root(town: Installation) -> None:
    admin = town.admin
    root = start_instance(admin, "outer")
    query = {"filter": {"parentProcessInstanceKey": root}}
    child = admin.post(f"{PATH}/search", query).get_json()["items"][0]["processInstanceKey"]
    detail = check_problem(admin.post(f"{PATH}/{child}/suspension"), 409, "INVALID_STATE")["detail"]
    assert root in detail
    suspend(admin, root)
    assert admin.get(f"{PATH}/{child}").get_json()["state"] == "SUSPENDED"
    check_problem(admin.post(f"{PATH}/{child}/resumption"), 409, "INVALID_STATE")
    assert lease(admin) == []
    resume(admin, root)
    assert admin.get(f"{PATH}/{child}").get_json()["state"] == "ACTIVE"
    (found,) = lease(admin)
    admin.post(f"/v2/jobs/{found}/completion")
    assert admin.get(f"{PATH}/{root}").get_json()["state"] == "COMPLETED"


def test_what_an_operator_may_do_to_a_suspended_instance(town: Installation) -> None:
    admin = town.admin
    key = start_instance(admin, "broken")
    suspend(admin, key)
    (incident,) = admin.post("/v2/incidents/search").get_json()["items"]
    resolution = f"/v2/incidents/{incident['incidentKey']}/resolution"
    assert "SUSPENDED" in check_problem(admin.post(resolution), 409, "INVALID_STATE")["detail"]
    edit = {"variables": {"missing": 1}}
    assert admin.send("PUT", f"/v2/element-instances/{key}/variables", json=edit).status_code == 204
    assert admin.get(f"{PATH}/{key}").get_json()["state"] == "SUSPENDED"
    resume(admin, key)
    assert admin.post(resolution).status_code == 204
    assert open_elements(admin) == ["u"]
    suspend(admin, key)
    assert admin.post(f"{PATH}/{key}/cancellation").status_code == 204
    ended = admin.get(f"{PATH}/{key}").get_json()
    assert (ended["state"], ended["suspendedDate"]) == ("TERMINATED", None)


def test_what_a_modification_opens_waits_for_the_resumption(town: Installation) -> None:
    admin = town.admin
    key = start_instance(admin, "work")
    suspend(admin, key)
    body = {"activateInstructions": [{"elementId": "j"}]}
    assert admin.post(f"{PATH}/{key}/modification", body).status_code == 204
    assert admin.get(f"{PATH}/{key}").get_json()["state"] == "SUSPENDED"
    assert lease(admin) == []
    resume(admin, key)
    assert len(lease(admin)) == 2


def test_who_suspends_and_what_is_refused(town: Installation) -> None:
    admin, lin = town.admin, town.person("lin")
    key = start_instance(admin, "task")
    reader = town.client("reader", read=True)
    for verb in ("suspension", "resumption"):
        check_problem(town.nobody.post(f"{PATH}/{key}/{verb}"), 401)
        check_problem(lin.post(f"{PATH}/{key}/{verb}"), 403, "FORBIDDEN")
        check_problem(town.person("wu").post(f"{PATH}/{key}/{verb}"), 404, "NOT_FOUND")
        check_problem(reader.post(f"{PATH}/{key}/{verb}"), 403, "FORBIDDEN")
        check_problem(admin.post(f"{PATH}/1/{verb}"), 404, "NOT_FOUND")
        check_problem(admin.post(f"{PATH}/x/{verb}"), 400, "INVALID_ARGUMENT")
        check_problem(admin.post(f"{PATH}/{key}/{verb}", {"why": 1}), 400, "INVALID_ARGUMENT")
    check_problem(admin.post(f"{PATH}/{key}/resumption"), 409, "INVALID_STATE")
    assert admin.post(f"{PATH}/{key}/suspension", {"operationReference": 3}).status_code == 204
    check_problem(admin.post(f"{PATH}/{key}/suspension"), 409, "INVALID_STATE")
    admin.post(f"{PATH}/{key}/cancellation")
    for verb in ("suspension", "resumption"):
        check_problem(admin.post(f"{PATH}/{key}/{verb}"), 409, "INVALID_STATE")


def test_a_suspended_instance_still_holds_its_correlation_key(town: Installation) -> None:
    begun = diagram(
        message("m", "begin"), process("begun", start("go", message_event("m")), user("a"), flows("go -> a"))
    )
    admin = town.admin
    admin.deploy_diagrams(begun)
    sent = {"name": "begin", "correlationKey": "7"}
    key = admin.post("/v2/messages/correlation", sent).get_json()["processInstanceKey"]
    suspend(admin, key)
    check_problem(admin.post("/v2/messages/correlation", sent), 404, "NOT_FOUND")
    assert open_elements(admin) == ["a"]


def test_jobs_leased_by_a_direct_call_are_not_those_of_suspended_instances(town: Installation) -> None:
    keys = [start_instance(town.admin, "work") for _ in range(3)]
    suspend(town.admin, keys[1])
    found = activate_jobs(town.context, SYSTEM, "fetch", "w", timedelta(minutes=1), 10)
    assert [str(one.job.place.process_instance_key) for one in found] == [keys[0], keys[2]]


def test_workers_and_operators_meet_on_the_same_instances(town: Installation) -> None:
    context, keys = town.context, [start_instance(town.admin, name) for name in ("task", "work") * 4]
    town.clock.advance(hours=1)

    def operate(offset: int) -> None:
        for key in map(int, keys[offset:] + keys[:offset]):
            with suppress(Conflict):
                suspension.suspend_process_instance(context, SYSTEM, key)
            with suppress(Conflict):
                suspension.resume_process_instance(context, SYSTEM, key)

    def fire(_: int) -> None:
        for one in timers.due_timers(context, 100):
            with suppress(Conflict):
                timers.fire_timer(context, one.key)

    def work(_: int) -> None:
        for one in activate_jobs(context, SYSTEM, "fetch", "w", timedelta(minutes=1), 10):
            with suppress(Conflict):
                complete_job(context, SYSTEM, one.job.key, {})

    with ThreadPoolExecutor(6) as pool:
        for done in [pool.submit(one, turn) for turn in range(3) for one in (operate, fire, work)]:
            done.result()
    for key in keys:
        with suppress(Conflict):
            suspension.resume_process_instance(context, SYSTEM, int(key))
    Worker(context).run_due()
    town.clock.advance(minutes=1)
    work(0)
    assert open_elements(town.admin) == ["escalated"] * 4 + ["reminded"] * 4 + ["u"] * 4
    page = town.admin.post(f"{PATH}/search", {"filter": {"processDefinitionId": "work"}}).get_json()
    assert {one["state"] for one in page["items"]} == {"COMPLETED"}
