"""Batch operations: the same done to many in the background, with a result for each, and for whom it is allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from api_callers import check_problem, start

from server.access import SYSTEM, Scopes
from server.model import Query
from server.service import clients
from server.worker import Worker
from tests.unit.engine.diagrams import call, diagram, end, flows, process, script, user
from tests.unit.engine.diagrams import start as begin

if TYPE_CHECKING:
    from api_callers import Caller, Installation

INSTANCES, BATCHES, ITEMS = "/v2/process-instances", "/v2/batch-operations", "/v2/batch-operation-items"
DESK = diagram(process("desk", begin(), user("u"), user("v"), end(), flows("start -> u -> v -> end")))
MORE = diagram(process("desk", begin(), user("u"), user("v"), user("w"), end(), flows("start -> u -> v -> w -> end")))
SUMS = diagram(process("sums", begin(), script("s", "=a + 1", "b"), end(), flows("start -> s -> end")))
OUTER = diagram(process("outer", begin(), call("c", "desk"), end(), flows("start -> c -> end")))


def begin_batch(caller: Caller, operation: str, filters: dict[str, Any], **options: Any) -> str:
    answer = caller.post(f"{INSTANCES}/{operation}", {"filter": filters, **options})
    assert answer.status_code == 200, answer.get_json()
    key: str = answer.get_json()["batchOperationKey"]
    return key


def told(caller: Caller, key: str) -> tuple[str, int, int, int]:
    """Return state, and how many items there are, are done and have failed."""
    found = caller.get(f"{BATCHES}/{key}").get_json()
    counts = (found["operationsTotalCount"], found["operationsCompletedCount"], found["operationsFailedCount"])
    return (found["state"], *counts)


def items(caller: Caller, key: str) -> dict[str, tuple[str, str | None]]:
    found = caller.post(f"{ITEMS}/search", {"filter": {"batchOperationKey": key}}).get_json()["items"]
    return {one["itemKey"]: (one["state"], one["errorMessage"]) for one in found}


def states(muster: Installation, process_id: str) -> list[str]:
    query = {"filter": {"processDefinitionId": process_id}, "sort": [{"field": "processInstanceKey"}]}
    return [one["state"] for one in muster.admin.post(f"{INSTANCES}/search", query).get_json()["items"]]


def work(muster: Installation) -> None:
    Worker(muster.context).run_due()


@pytest.fixture
def desks(muster: Installation) -> list[str]:
    """Give the keys of three desks; a fourth one is called by another process."""
    muster.admin.deploy_diagrams(DESK, OUTER)
    found = [start(muster.admin, "desk") for _ in range(3)]
    start(muster.admin, "outer")
    return found


def test_many_instances_are_cancelled_in_the_background(muster: Installation, desks: list[str]) -> None:
    assert muster.admin.post(f"{INSTANCES}/{desks[1]}/suspension", {}).status_code == 204
    key = begin_batch(muster.admin, "cancellation", {"processDefinitionId": "desk"}, operationReference=7)
    assert told(muster.admin, key) == ("ACTIVE", 3, 0, 0), "what is called ends with its root"
    assert states(muster, "desk") == ["ACTIVE", "SUSPENDED", "ACTIVE", "ACTIVE"]
    assert muster.admin.post(f"{INSTANCES}/{desks[2]}/cancellation", {}).status_code == 204
    muster.clock.advance(seconds=5)
    work(muster)
    assert told(muster.admin, key) == ("COMPLETED", 3, 2, 1)
    assert states(muster, "desk") == ["TERMINATED", "TERMINATED", "TERMINATED", "ACTIVE"]
    found = items(muster.admin, key)
    assert [found[desk][0] for desk in desks] == ["COMPLETED", "COMPLETED", "FAILED"]
    assert "has ended" in str(found[desks[2]][1])
    batch = muster.admin.get(f"{BATCHES}/{key}").get_json()
    assert (batch["actorType"], batch["actorId"], batch["batchOperationType"]) == (
        "USER",
        "admin",
        "CANCEL_PROCESS_INSTANCE",
    )
    assert batch["startDate"] < batch["endDate"]
    searched = muster.admin.post(f"{INSTANCES}/search", {"filter": {"batchOperationKey": key}}).get_json()["items"]
    assert {one["processInstanceKey"] for one in searched} == set(desks)
    with muster.context.store.reading() as reading:
        lines = [(one.operation, one.entity_type, one.actor) for one in reading.search_audit(Query()).items]
    assert ("CREATE", "BATCH_OPERATION", "admin") in lines
    assert lines.count(("CANCEL", "PROCESS_INSTANCE", "admin")) == 3


def test_each_incident_is_an_item(muster: Installation) -> None:
    muster.admin.deploy_diagrams(SUMS)
    mended, broken, alone = (start(muster.admin, "sums") for _ in range(3))
    path = f"/v2/element-instances/{mended}/variables"
    assert muster.admin.send("PUT", path, json={"variables": {"a": 1}}).status_code == 204
    key = begin_batch(muster.admin, "incident-resolution", {"processInstanceKey": {"$in": [mended, broken]}})
    one = muster.admin.post(f"{INSTANCES}/{alone}/incident-resolution").get_json()
    work(muster)
    assert told(muster.admin, key) == ("COMPLETED", 2, 2, 0)
    assert told(muster.admin, one["batchOperationKey"]) == ("COMPLETED", 1, 1, 0)
    assert states(muster, "sums") == ["COMPLETED", "ACTIVE", "ACTIVE"], "what fails again has a new incident"
    found = muster.admin.post(f"{ITEMS}/search", {"filter": {"processInstanceKey": mended}}).get_json()["items"]
    assert [(item["operationType"], item["processInstanceKey"]) for item in found] == [("RESOLVE_INCIDENT", mended)]
    everything = muster.admin.post(f"{INSTANCES}/incident-resolution").get_json()
    work(muster)
    assert told(muster.admin, everything["batchOperationKey"]) == ("COMPLETED", 2, 2, 0)


def test_tokens_and_instances_are_moved_and_stand_still(muster: Installation, desks: list[str]) -> None:
    moves = [{"sourceElementId": "u", "targetElementId": "v"}]
    some = {"processInstanceKey": {"$in": desks[:2]}, "state": "COMPLETED"}
    moved = begin_batch(muster.admin, "modification", some, moveInstructions=moves)
    still = begin_batch(muster.admin, "suspension", {"processInstanceKey": desks[2], "parentProcessInstanceKey": "1"})
    work(muster)
    assert told(muster.admin, moved) == ("COMPLETED", 2, 2, 0), "a state in the filter does not count"
    assert told(muster.admin, still) == ("COMPLETED", 1, 1, 0)
    assert states(muster, "desk")[:3] == ["ACTIVE", "ACTIVE", "SUSPENDED"]
    newer = muster.admin.deploy_diagrams(MORE).get_json()["deployments"][0]["processDefinition"]
    plan = {
        "targetProcessDefinitionKey": newer["processDefinitionKey"],
        "mappingInstructions": [{"sourceElementId": "v", "targetElementId": "w"}],
    }
    migrated = begin_batch(muster.admin, "migration", {"processDefinitionId": "desk"}, migrationPlan=plan)
    resumed = begin_batch(muster.admin, "resumption", {})
    work(muster)
    assert told(muster.admin, migrated) == ("COMPLETED", 3, 2, 1)
    assert told(muster.admin, resumed) == ("COMPLETED", 1, 1, 0)
    assert states(muster, "desk")[:3] == ["ACTIVE", "ACTIVE", "ACTIVE"]
    (failed,) = [message for state, message in items(muster.admin, migrated).values() if state == "FAILED"]
    assert "u" in str(failed)


def test_a_batch_stands_still_goes_on_and_is_given_up(muster: Installation, desks: list[str]) -> None:
    key = begin_batch(muster.admin, "suspension", {"processDefinitionId": "desk"})
    path = f"{BATCHES}/{key}"
    check_problem(muster.admin.post(f"{path}/resumption"), 409, "INVALID_STATE")
    assert muster.admin.post(f"{path}/suspension", {}).status_code == 204
    work(muster)
    assert told(muster.admin, key) == ("SUSPENDED", 3, 0, 0)
    assert muster.admin.post(f"{path}/resumption").status_code == 204
    work(muster)
    assert told(muster.admin, key) == ("COMPLETED", 3, 3, 0)
    check_problem(muster.admin.post(f"{path}/cancellation"), 409, "INVALID_STATE")
    other = begin_batch(muster.admin, "resumption", {})
    assert muster.admin.post(f"{BATCHES}/{other}/cancellation").status_code == 204
    work(muster)
    assert told(muster.admin, other) == ("CANCELED", 3, 0, 0)
    assert {state for state, _ in items(muster.admin, other).values()} == {"CANCELED"}
    assert states(muster, "desk")[:3] == ["SUSPENDED"] * len(desks)
    nothing = begin_batch(muster.admin, "cancellation", {"processDefinitionId": "nowhere"})
    assert told(muster.admin, nothing) == ("COMPLETED", 0, 0, 0)
    found = muster.admin.post(f"{BATCHES}/search", {"filter": {"state": "CANCELED", "actorType": "USER"}}).get_json()
    assert [one["batchOperationKey"] for one in found["items"]] == [other]


def test_only_what_one_may_operate_is_selected(muster: Installation, desks: list[str]) -> None:
    check_problem(muster.person("lin").post(f"{INSTANCES}/cancellation", {"filter": {}}), 403, "FORBIDDEN")
    check_problem(muster.client("all", read=True).post(f"{INSTANCES}/suspension", {"filter": {}}), 403, "FORBIDDEN")
    mender = muster.client("mender", operate={"desk"})
    key = begin_batch(mender, "suspension", {})
    assert set(items(mender, key)) == set(desks)
    stranger = muster.client("stranger", operate={"outer"})
    assert items(stranger, key) == {}
    assert stranger.post(f"{BATCHES}/search").get_json()["items"] == []
    check_problem(stranger.get(f"{BATCHES}/{key}"), 404)
    check_problem(stranger.post(f"{BATCHES}/{key}/cancellation"), 404)
    check_problem(stranger.post(f"{INSTANCES}/{desks[0]}/incident-resolution"), 404)
    reader = muster.client("reader", read=True)
    assert told(reader, key) == ("ACTIVE", 3, 0, 0)
    check_problem(reader.post(f"{BATCHES}/{key}/suspension"), 403, "FORBIDDEN")
    check_problem(reader.post(f"{INSTANCES}/{desks[0]}/incident-resolution"), 403, "FORBIDDEN")
    clients.change_scopes(muster.context, SYSTEM, "mender", Scopes())
    work(muster)
    assert {state for state, _ in items(reader, key).values()} == {"FAILED"}, "the rights of now count"
    assert states(muster, "desk") == ["ACTIVE"] * 4


def test_who_has_left_does_nothing_any_more(muster: Installation, desks: list[str]) -> None:
    muster.admin.post("/api/users", {"username": "chef", "admin": True})
    chef = muster.person("chef")
    key = begin_batch(chef, "cancellation", {"processDefinitionId": "desk"})
    muster.admin.send("PATCH", "/api/users/chef", json={"disabled": True})
    work(muster)
    assert told(muster.admin, key) == ("COMPLETED", 3, 0, 3)
    assert {message for _, message in items(muster.admin, key).values()} == {"'chef' may not sign in any more"}
    assert states(muster, "desk")[:3] == ["ACTIVE"] * len(desks)


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("cancellation", {}),
        ("cancellation", {"filter": {"state": "COMPLETED"}}),
        ("cancellation", {"filter": {"state": {"$in": ["ACTIVE", "TERMINATED"]}}}),
        ("cancellation", {"filter": {"unknown": "x"}}),
        ("modification", {"filter": {}}),
        ("modification", {"filter": {}, "moveInstructions": []}),
        ("migration", {"filter": {}}),
    ],
)
def test_a_malformed_batch_is_refused(quick: Installation, operation: str, body: dict[str, Any]) -> None:
    check_problem(quick.admin.post(f"{INSTANCES}/{operation}", body), 400, "INVALID_ARGUMENT")
    assert quick.admin.post(f"{BATCHES}/search").get_json()["items"] == []
    plan = {"targetProcessDefinitionKey": "1", "mappingInstructions": []}
    check_problem(quick.admin.post(f"{INSTANCES}/migration", {"filter": {}, "migrationPlan": plan}), 404)
