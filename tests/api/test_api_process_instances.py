"""Process instances over HTTP: started with what, found by whom, cancelled; and messages that start or move them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from api_callers import check_problem, find_task, start

if TYPE_CHECKING:
    from api_callers import Installation

PATH = "/v2/process-instances"


@pytest.fixture
def deployed(muster: Installation) -> str:
    """Give the key of the definition of 上报, which has two versions."""
    answer = muster.admin.deploy("two_units.bpmn", "errand.bpmn", "check.form").get_json()
    by_id = {one["processDefinition"]["processDefinitionId"]: one for one in answer["deployments"][:2]}
    key: str = by_id["上报"]["processDefinition"]["processDefinitionKey"]
    return key


def test_a_process_is_started_by_id_version_or_key(muster: Installation, deployed: str) -> None:
    for body in (
        {"processDefinitionId": "上报"},
        {"processDefinitionId": "上报", "processDefinitionVersion": -1},
        {"processDefinitionId": "上报", "processDefinitionVersion": 1, "tenantId": "<default>"},
        {
            "processDefinitionKey": deployed,
            "awaitCompletion": False,
            "startInstructions": [],
            "runtimeInstructions": [],
        },
    ):
        started = muster.admin.post(PATH, body).get_json()
        assert (started["processDefinitionKey"], started["processDefinitionVersion"]) == (deployed, 1)
        assert (started["variables"], started["tenantId"]) == ({}, "<default>")
    check_problem(muster.admin.post(PATH, {"processDefinitionId": "上报", "processDefinitionVersion": 9}), 404)
    check_problem(muster.admin.post(PATH, {"processDefinitionKey": "1"}), 404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({"processDefinitionId": "a", "processDefinitionKey": "1"}, ""),
        ({"processDefinitionId": ""}, "/processDefinitionId"),
        ({"processDefinitionId": "a", "processDefinitionVersion": "1"}, "/processDefinitionVersion"),
        ({"processDefinitionId": "a", "variables": []}, "/variables"),
        ({"processDefinitionId": "a", "tags": ["x"] * 11}, "/tags"),
        ({"processDefinitionId": "a", "tenantId": "other"}, "/tenantId"),
        ({"processDefinitionId": "a", "awaitCompletion": "yes"}, "/awaitCompletion"),
        ({"processDefinitionId": "a", "requestTimeout": -1}, "/requestTimeout"),
        ({"processDefinitionId": "a", "startInstructions": [{}]}, "/startInstructions/0/elementId"),
        ({"processDefinitionId": "a", "runtimeInstructions": [{"afterElementId": "x"}]}, "/runtimeInstructions"),
        ({"processDefinitionKey": "1", "processDefinitionVersionTag": "x"}, ""),
    ],
)
def test_a_malformed_start_is_pointed_at(quick: Installation, body: dict[str, object], pointer: str) -> None:
    errors = check_problem(quick.admin.post(PATH, body), 400, "INVALID_ARGUMENT")["errors"]
    assert [error["pointer"] for error in errors] == [pointer]


def test_instances_are_found_by_what_they_were_started_with(muster: Installation, deployed: str) -> None:
    del deployed
    body = {
        "processDefinitionId": "上报",
        "businessId": "2026-7",
        "tags": ["urgent", "water"],
        "variables": {"a": {"b": 1}},
    }
    key = muster.admin.post(PATH, body).get_json()["processInstanceKey"]
    start(muster.admin, "上报")
    for filters in (
        {"businessId": "2026-7"},
        {"tags": ["water", "urgent"]},
        {"variables": [{"name": "a", "value": '{"b":1}'}]},
        {"variables": [{"name": "a", "value": {"$like": '*"b"*'}}]},
        {"processInstanceKey": key, "hasIncident": False, "state": {"$in": ["active", "suspended"]}},
        {"$or": [{"businessId": "2026-7"}, {"businessId": "x"}]},
    ):
        page = muster.admin.post(f"{PATH}/search", {"filter": filters}).get_json()
        assert [item["processInstanceKey"] for item in page["items"]] == [key], filters
    found = muster.admin.get(f"{PATH}/{key}").get_json()
    assert (found["businessId"], found["tags"], found["processDefinitionName"]) == (
        "2026-7",
        ["urgent", "water"],
        "上报事项",
    )
    assert muster.admin.post(f"{PATH}/search", {"filter": {"state": "SUSPENDED"}}).get_json()["items"] == []


def test_people_see_the_instances_that_they_have_tasks_in(muster: Installation, deployed: str) -> None:
    del deployed
    key = start(muster.admin, "上报")
    lin, wu = muster.person("lin"), muster.person("wu")
    assert lin.get(f"{PATH}/{key}").get_json()["state"] == "ACTIVE"
    check_problem(wu.get(f"{PATH}/{key}"), 404, "NOT_FOUND")
    lin.post(f"/v2/user-tasks/{find_task(lin)['userTaskKey']}/completion")
    assert wu.get(f"{PATH}/{key}").status_code == lin.get(f"{PATH}/{key}").status_code == 200
    check_problem(muster.client("nothing").get(f"{PATH}/{key}"), 404, "NOT_FOUND")
    assert muster.client("reader", read=True).get(f"{PATH}/{key}").status_code == 200


def test_only_administrators_cancel(muster: Installation, deployed: str) -> None:
    del deployed
    key = start(muster.admin, "上报")
    lin = muster.person("lin")
    check_problem(lin.post(f"{PATH}/{key}/cancellation"), 403, "FORBIDDEN")
    task = find_task(lin)["userTaskKey"]
    assert muster.admin.post(f"{PATH}/{key}/cancellation", {"operationReference": 7}).status_code == 204
    assert muster.admin.get(f"{PATH}/{key}").get_json()["state"] == "TERMINATED"
    assert lin.get(f"/v2/user-tasks/{task}").get_json()["state"] == "CANCELED"
    check_problem(muster.admin.post(f"{PATH}/{key}/cancellation"), 409, "INVALID_STATE")
    check_problem(lin.post(f"/v2/user-tasks/{task}/completion"), 409, "INVALID_STATE")


def test_a_client_starts_what_its_scope_names(muster: Installation, deployed: str) -> None:
    starter = muster.client("starter", start={"上报"})
    start(starter, "上报")
    check_problem(starter.post(PATH, {"processDefinitionId": "errand"}), 403, "FORBIDDEN")
    check_problem(muster.client("nothing").post(PATH, {"processDefinitionId": "上报"}), 403, "FORBIDDEN")
    found = starter.post("/v2/process-definitions/search").get_json()["items"]
    assert [one["processDefinitionKey"] for one in found] == [deployed]
    check_problem(starter.post("/v2/variables/search"), 403, "FORBIDDEN")
    check_problem(starter.post("/v2/incidents/search"), 403, "FORBIDDEN")


def test_a_message_waits_for_its_time_to_live(muster: Installation, deployed: str) -> None:
    del deployed
    admin = muster.admin
    message = {"name": "reply", "correlationKey": "west", "variables": {"answer": 1}}
    check_problem(admin.post("/v2/messages/correlation", message), 404, "NOT_FOUND")
    published = admin.post("/v2/messages/publication", {**message, "timeToLive": 60_000, "messageId": "m1"})
    assert published.get_json()["tenantId"] == "<default>"
    again = admin.post("/v2/messages/publication", {**message, "timeToLive": 60_000, "messageId": "m1"})
    check_problem(again, 409, "ALREADY_EXISTS")
    start(admin, "errand", {"place": "west"})
    body = {"type": "fetch", "timeout": 1000, "maxJobsToActivate": 1}
    job = admin.post("/v2/jobs/activation", body).get_json()["jobs"][0]["jobKey"]
    admin.post(f"/v2/jobs/{job}/completion")
    assert find_task(muster.person("lin"))["elementId"] == "check"
    check_problem(muster.person("lin").post("/v2/messages/publication", message), 403, "FORBIDDEN")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/name"),
        ({"name": ""}, "/name"),
        ({"name": "x", "timeToLive": -1}, "/timeToLive"),
        ({"name": "x", "timeToLive": 2**62}, "/timeToLive"),
        ({"name": "x", "messageId": ""}, "/messageId"),
        ({"name": "x", "correlationKey": 1}, "/correlationKey"),
    ],
)
def test_a_malformed_message_is_pointed_at(quick: Installation, body: dict[str, object], pointer: str) -> None:
    errors = check_problem(quick.admin.post("/v2/messages/publication", body), 400, "INVALID_ARGUMENT")["errors"]
    assert [error["pointer"] for error in errors] == [pointer]
