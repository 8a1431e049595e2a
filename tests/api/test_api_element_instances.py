"""Where tokens are and have been, how many, and variables written by operators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api_callers import check_problem, find_task, start

if TYPE_CHECKING:
    from api_callers import Installation

SEARCH = "/v2/element-instances/search"


def found(muster: Installation, **filters: object) -> list[dict[str, Any]]:
    answer = muster.admin.post(SEARCH, {"filter": filters, "sort": [{"field": "elementInstanceKey"}]})
    items: list[dict[str, Any]] = answer.get_json()["items"]
    return items


def test_the_visits_of_tokens_are_told(muster: Installation) -> None:
    assert muster.admin.deploy("two_units.bpmn").status_code == 200
    key = start(muster.admin, "上报")
    visits = found(muster, processInstanceKey=key)
    (active,) = [visit for visit in visits if visit["state"] == "ACTIVE"]
    task = find_task(muster.admin, processInstanceKey=key)
    assert active["elementInstanceKey"] == task["elementInstanceKey"]
    assert (active["type"], active["endDate"], active["hasIncident"]) == ("USER_TASK", None, False)
    assert visits[0]["type"] == "START_EVENT"
    assert visits[0]["state"] == "COMPLETED"
    assert [one["elementInstanceKey"] for one in found(muster, state="active", processInstanceKey=key)] == [
        active["elementInstanceKey"]
    ]
    one = muster.admin.get(f"/v2/element-instances/{active['elementInstanceKey']}").get_json()
    assert one == active


def test_tokens_are_counted_and_the_path_is_listed(muster: Installation) -> None:
    muster.admin.deploy("two_units.bpmn")
    first, second = start(muster.admin, "上报"), start(muster.admin, "上报")
    muster.admin.post(f"/v2/process-instances/{second}/cancellation")
    task = find_task(muster.admin, processInstanceKey=first)
    of_one = muster.admin.get(f"/v2/process-instances/{first}/statistics/element-instances").get_json()["items"]
    counted = {one["elementId"]: one for one in of_one}
    assert counted[task["elementId"]]["active"] == 1
    definition = task["processDefinitionKey"]
    path = f"/v2/process-definitions/{definition}/statistics/element-instances"
    of_all = {one["elementId"]: one for one in muster.admin.post(path, {}).get_json()["items"]}
    assert (of_all[task["elementId"]]["active"], of_all[task["elementId"]]["canceled"]) == (1, 1)
    flows = muster.admin.get(f"/v2/process-instances/{first}/sequence-flows").get_json()["items"]
    assert flows
    assert {flow["processInstanceKey"] for flow in flows} == {first}


def test_an_operator_writes_variables_and_others_learn_nothing(muster: Installation) -> None:
    muster.admin.deploy("two_units.bpmn")
    key = start(muster.admin, "上报")
    path = f"/v2/element-instances/{key}/variables"
    body = {"variables": {"note": "von Hand", "big": 2**70}}
    assert muster.admin.send("PUT", path, json=body).status_code == 204
    page = muster.admin.post("/v2/variables/search", {"filter": {"processInstanceKey": key, "name": "big"}}).get_json()
    assert page["items"][0]["value"] == str(2**70)
    for caller in (muster.person("wu"), muster.client("reading", read=True)):
        refused = caller.send("PUT", path, json=body)
        assert refused.status_code in {403, 404}
        check_problem(refused, refused.status_code)
    check_problem(muster.admin.send("PUT", "/v2/element-instances/1/variables", json=body), 404)
    check_problem(muster.admin.send("PUT", path, json={"variables": {"x": "\x00"}}), 400)
    muster.admin.post(f"/v2/process-instances/{key}/cancellation")
    check_problem(muster.admin.send("PUT", path, json=body), 409)


def test_people_do_not_see_what_is_not_theirs(muster: Installation) -> None:
    muster.admin.deploy("two_units.bpmn")
    key = start(muster.admin, "上报")
    (visit, *_) = found(muster, processInstanceKey=key)
    stranger = muster.client("nothing")
    assert stranger.post(SEARCH, {}).status_code == 403
    for path in (
        f"/v2/element-instances/{visit['elementInstanceKey']}",
        f"/v2/process-instances/{key}/sequence-flows",
        f"/v2/process-instances/{key}/statistics/element-instances",
    ):
        check_problem(stranger.get(path), 404)
