"""Programs that work on user tasks or mend instances: of the processes of their scope, and of no other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from api_callers import check_problem, find_task, start

from tests.unit.engine.diagrams import call, diagram, end, flows, process, script, user
from tests.unit.engine.diagrams import start as begin

if TYPE_CHECKING:
    from api_callers import Caller, Installation

TASKS, INSTANCES, INCIDENTS = "/v2/user-tasks", "/v2/process-instances", "/v2/incidents"
DESK = user("u", candidateGroups="desk@north")
OWN = diagram(
    process("own", begin(), DESK, script("s", "=a + 1", "b"), end(), flows("start -> u -> s -> end")),
)
OTHER = diagram(
    process("other", begin(), DESK, call("c", "own"), end(), flows("start -> u -> c -> end")),
)


def found(caller: Caller, path: str, **filters: object) -> list[Any]:
    answer = caller.post(f"{path}/search", {"filter": filters})
    assert answer.status_code == 200, answer.get_json()
    items: list[Any] = answer.get_json()["items"]
    assert answer.get_json()["page"]["totalItems"] == len(items)
    return items


@pytest.fixture
def other(muster: Installation) -> str:
    """Give the key of an instance of the other process; one of each runs."""
    muster.admin.deploy_diagrams(OWN, OTHER)
    start(muster.admin, "own")
    return start(muster.admin, "other")


def test_a_program_hands_out_and_completes_the_tasks_of_its_process(muster: Installation, other: str) -> None:
    program = muster.client("portal", tasks={"own"})
    task = find_task(program)
    key = task["userTaskKey"]
    assert task["processDefinitionId"] == "own"
    assert program.post(f"{TASKS}/{key}/assignment", {"assignee": "lin"}).status_code == 204
    assert [one["userTaskKey"] for one in found(program, TASKS, assignee="lin")] == [key]
    assert program.post(f"{TASKS}/{key}/assignment", {"assignee": "he", "allowOverride": True}).status_code == 204
    check_problem(program.send("PATCH", f"{TASKS}/{key}", json={"changeset": {"priority": 1}}), 403, "FORBIDDEN")
    check_problem(program.get(f"{INSTANCES}/{task['processInstanceKey']}"), 404)
    assert found(program, INSTANCES) == []
    assert program.post(f"{TASKS}/{key}/completion", {"variables": {"a": 1}}).status_code == 204
    theirs = find_task(muster.admin, processInstanceKey=other)["userTaskKey"]
    check_problem(program.get(f"{TASKS}/{theirs}"), 404)
    check_problem(program.post(f"{TASKS}/{theirs}/assignment", {"assignee": "lin"}), 404)
    check_problem(program.post(f"{TASKS}/{theirs}/completion"), 404)
    everything = muster.client("all", tasks={"*"})
    assert [one["userTaskKey"] for one in found(everything, TASKS, state="CREATED")] == [theirs]


def test_a_program_mends_the_instances_of_its_process(muster: Installation, other: str) -> None:
    for _ in range(2):
        task = muster.admin.post(f"{TASKS}/search", {"filter": {"state": "CREATED"}}).get_json()["items"][0]
        assert muster.admin.post(f"{TASKS}/{task['userTaskKey']}/completion").status_code == 204
    task = find_task(muster.admin, processDefinitionId="own")  # in what the other process has called
    assert muster.admin.post(f"{TASKS}/{task['userTaskKey']}/completion").status_code == 204
    program = muster.client("mender", operate={"own"})
    first, called = sorted(found(program, INCIDENTS, state="ACTIVE"), key=lambda one: one["incidentKey"])
    assert called["rootProcessInstanceKey"] == other, "an incident belongs to the process in which it happened"
    assert {one["processDefinitionId"] for one in found(program, "/v2/element-instances")} == {"own"}
    assert {one["processInstanceKey"] for one in found(program, INSTANCES)} == {
        first["processInstanceKey"],
        called["processInstanceKey"],
    }
    for one in (first, called):
        path = f"/v2/element-instances/{one['processInstanceKey']}/variables"
        assert program.send("PUT", path, json={"variables": {"a": 1}}).status_code == 204
        assert program.post(f"{INCIDENTS}/{one['incidentKey']}/resolution", {}).status_code == 204
        assert program.get(f"{INSTANCES}/{one['processInstanceKey']}").get_json()["state"] == "COMPLETED"
    check_problem(program.get(f"{INSTANCES}/{other}"), 404)
    check_problem(program.post(f"{INSTANCES}/{other}/cancellation", {}), 404)


def test_a_program_does_not_mend_what_is_not_its_process(muster: Installation, other: str) -> None:
    task = find_task(muster.admin, processInstanceKey=other)
    reader = muster.client("reader", read=True, operate={"own"})
    scope = task["elementInstanceKey"]
    for path, body in (
        (f"{INSTANCES}/{other}/cancellation", {}),
        (f"{INSTANCES}/{other}/suspension", {}),
        (f"{INSTANCES}/{other}/modification", {"terminateInstructions": [{"elementId": "u"}]}),
        (f"/api/element-instances/{scope}/return", {"elementId": "u"}),
        (f"/api{INSTANCES.removeprefix('/v2')}/{other}/reschedule", {}),
    ):
        check_problem(reader.post(path, body), 403, "FORBIDDEN")
    variables = {"variables": {"a": 1}}
    check_problem(reader.send("PUT", f"/v2/element-instances/{other}/variables", json=variables), 403)
    mender = muster.client("mender", operate={"own"})
    check_problem(mender.send("PUT", f"/v2/element-instances/{other}/variables", json=variables), 404)
    (own,) = found(mender, INSTANCES)
    key = own["processInstanceKey"]
    for caller, status in ((mender, 404), (reader, 403)):
        target = {"targetProcessDefinitionKey": task["processDefinitionKey"], "mappingInstructions": []}
        check_problem(caller.post(f"{INSTANCES}/{key}/migration", target), status)
    assert mender.post(f"{INSTANCES}/{key}/cancellation", {}).status_code == 204
    everything = muster.client("all", operate={"*"})
    for path in ("/api/deliveries/search", "/v2/variables/search"):
        check_problem(everything.post(path, {}), 403)
    check_problem(muster.client("tasker", tasks={"*"}).post(f"{INCIDENTS}/search", {}), 403)
