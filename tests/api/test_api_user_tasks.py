"""User tasks over HTTP: whose they are, who claims, hands on, gives back, changes and completes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from api_callers import check_problem, find_task, start

from server.access import SYSTEM
from server.service import identity

if TYPE_CHECKING:
    from api_callers import Caller, Installation


@pytest.fixture
def task(muster: Installation) -> str:
    """Give the key of an open task of the desk in the north."""
    muster.admin.deploy("two_units.bpmn")
    start(muster.admin, "上报")
    key: str = find_task(muster.person("lin"))["userTaskKey"]
    return key


def holder(muster: Installation, task: str) -> str | None:
    assignee: str | None = muster.admin.get(f"/v2/user-tasks/{task}").get_json()["assignee"]
    return assignee


def claim(caller: Caller, task: str, assignee: str, **options: object) -> Any:
    return caller.post(f"/v2/user-tasks/{task}/assignment", {"assignee": assignee, **options})


def test_a_task_of_another_group_does_not_exist(muster: Installation, task: str) -> None:
    wu = muster.person("wu")
    assert wu.post("/v2/user-tasks/search").get_json()["items"] == []
    assert wu.post("/v2/user-tasks/search", {"filter": {"userTaskKey": task}}).get_json()["page"]["totalItems"] == 0
    nowhere = check_problem(wu.get("/v2/user-tasks/999"), 404)["detail"].replace("999", task)
    for method, path, body in (
        ("GET", "", None),
        ("PATCH", "", {"changeset": {"priority": 1}}),
        ("GET", "/form", None),
        ("POST", "/variables/search", {}),
        ("POST", "/effective-variables/search", {}),
        ("POST", "/assignment", {"assignee": "wu"}),
        ("DELETE", "/assignee", None),
        ("POST", "/completion", {}),
    ):
        answer = wu.send(method, f"/v2/user-tasks/{task}{path}", **({"json": body} if body is not None else {}))
        assert check_problem(answer, 404, "NOT_FOUND")["detail"] == nowhere


def test_the_first_to_claim_has_it(muster: Installation, task: str) -> None:
    lin, he = muster.person("lin"), muster.person("he")
    assert claim(lin, task, "lin").status_code == 204
    assert claim(lin, task, "lin", allowOverride=False).status_code == 204, "the same claim again"
    for answer in (claim(he, task, "he"), claim(he, task, "he", allowOverride=False)):
        assert "lin" in check_problem(answer, 409, "INVALID_STATE")["detail"]
    refused = check_problem(he.post(f"/v2/user-tasks/{task}/completion"), 409, "INVALID_STATE")
    assert "lin" in refused["detail"]
    check_problem(he.send("DELETE", f"/v2/user-tasks/{task}/assignee"), 403, "FORBIDDEN")
    assert holder(muster, task) == "lin"
    assert lin.send("DELETE", f"/v2/user-tasks/{task}/assignee").status_code == 204
    assert holder(muster, task) is None
    assert he.post(f"/v2/user-tasks/{task}/completion").status_code == 204


def test_only_a_lead_or_an_administrator_hands_tasks_to_others(muster: Installation, task: str) -> None:
    lin, lead = muster.person("lin"), muster.person("zhao")
    check_problem(claim(lin, task, "he"), 403, "FORBIDDEN")
    assert find_task(lead)["userTaskKey"] == task, "a lead finds the tasks of the unit"
    assert claim(lead, task, "lin").status_code == 204
    assert claim(lead, task, "he").status_code == 204
    check_problem(claim(lead, task, "lin", allowOverride=False), 409, "INVALID_STATE")
    assert claim(muster.admin, task, "lin").status_code == 204
    assert holder(muster, task) == "lin"
    for unknown in ("nobody", "admin\u0000"[:5] + "x"):
        check_problem(claim(lead, task, unknown), 400, "INVALID_ARGUMENT")
    identity.disable_user(muster.context, SYSTEM, "he")
    check_problem(claim(lead, task, "he"), 400, "INVALID_ARGUMENT")
    check_problem(lead.post(f"/v2/user-tasks/{task}/completion"), 409, "INVALID_STATE")


def test_a_lead_changes_what_a_task_is_about(muster: Installation, task: str) -> None:
    lead, path = muster.person("zhao"), f"/v2/user-tasks/{task}"
    changes = {
        "dueDate": "2026-03-05T08:00:00+08:00",
        "followUpDate": "2026-03-04T00:00:00Z",
        "priority": 99,
        "candidateUsers": ["wu"],
        "candidateGroups": None,
    }
    assert lead.send("PATCH", path, json={"changeset": changes, "action": "x"}).status_code == 204
    changed = lead.get(path).get_json()
    assert (changed["dueDate"], changed["priority"]) == ("2026-03-05T00:00:00.000Z", 99)
    assert (changed["candidateUsers"], changed["candidateGroups"]) == (["wu"], ["desk@north"])
    assert find_task(muster.person("wu"))["userTaskKey"] == task
    cleared = {"changeset": {"dueDate": "", "candidateUsers": []}}
    assert lead.send("PATCH", path, json=cleared).status_code == 204
    changed = lead.get(path).get_json()
    assert (changed["dueDate"], changed["candidateUsers"]) == (None, [])
    assert changed["followUpDate"] == "2026-03-04T00:00:00.000Z"
    assert lead.send("PATCH", path, json={}).status_code == 204
    check_problem(muster.person("lin").send("PATCH", path, json={"changeset": {"priority": 1}}), 403, "FORBIDDEN")


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"priority": 101}, "/changeset/priority"),
        ({"priority": "1"}, "/changeset/priority"),
        ({"dueDate": "soon"}, "/changeset/dueDate"),
        ({"candidateGroups": "desk"}, "/changeset/candidateGroups"),
        ({"candidateGroups": [""]}, "/changeset/candidateGroups/0"),
        ({"assignee": "lin"}, "/changeset/assignee"),
    ],
)
def test_a_malformed_change_is_pointed_at(quick: Installation, changes: dict[str, object], pointer: str) -> None:
    body = check_problem(quick.admin.send("PATCH", "/v2/user-tasks/1", json={"changeset": changes}), 400)
    assert [error["pointer"] for error in body["errors"]] == [pointer]


def test_a_done_task_stays_done(muster: Installation, task: str) -> None:
    lin = muster.person("lin")
    assert lin.post(f"/v2/user-tasks/{task}/completion", {"variables": None, "action": None}).status_code == 204
    for method, path, body in (
        ("POST", "/completion", {}),
        ("POST", "/assignment", {"assignee": "lin"}),
        ("DELETE", "/assignee", None),
        ("PATCH", "", {"changeset": {"priority": 3}}),
    ):
        answer = lin.send(method, f"/v2/user-tasks/{task}{path}", **({"json": body} if body is not None else {}))
        check_problem(answer, 409, "INVALID_STATE")
    done = lin.get(f"/v2/user-tasks/{task}").get_json()
    assert (done["state"], done["completionDate"]) == ("COMPLETED", "2026-03-01T08:00:00.000Z")
    assert lin.get(f"/v2/user-tasks/{task}/form").status_code == 204


def test_a_task_shows_the_variables_it_sees(muster: Installation) -> None:
    muster.admin.deploy("two_units.bpmn")
    values = {"文字": "违建", "number": 2**70, "half": 0.5, "nothing": None, "deep": {"list": [1, {"a": True}]}}
    start(muster.admin, "上报", values)
    lin = muster.person("lin")
    key = find_task(lin)["userTaskKey"]
    for kind in ("variables", "effective-variables"):
        page = lin.post(f"/v2/user-tasks/{key}/{kind}/search", {"sort": [{"field": "name"}]}).get_json()
        assert {item["name"]: item["value"] for item in page["items"]} == {
            "文字": '"违建"',
            "number": str(2**70),
            "half": "0.5",
            "nothing": "null",
            "deep": '{"list":[1,{"a":true}]}',
        }
    one = lin.post(f"/v2/user-tasks/{key}/variables/search", {"filter": {"name": "half"}}).get_json()
    assert [item["name"] for item in one["items"]] == ["half"]
    by_value = {"processInstanceVariables": [{"name": "文字", "value": '"违建"'}]}
    assert find_task(lin, **by_value)["userTaskKey"] == key
    by_value["processInstanceVariables"][0]["value"] = '"违"'
    page = lin.post("/v2/user-tasks/search", {"filter": by_value}).get_json()
    assert page["items"] == []


def test_a_reading_client_sees_tasks_but_does_none(muster: Installation, task: str) -> None:
    reader = muster.client("reader", read=True)
    assert find_task(reader)["userTaskKey"] == task
    check_problem(reader.post(f"/v2/user-tasks/{task}/completion"), 403, "FORBIDDEN")
    check_problem(claim(reader, task, "reader"), 403, "FORBIDDEN")
    check_problem(muster.client("nothing").get(f"/v2/user-tasks/{task}"), 404, "NOT_FOUND")
