"""Mending a running case: elements activated, moved and terminated over HTTP, and tokens that go back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from api_callers import check_problem, find_task, start

from server.model import Query

if TYPE_CHECKING:
    from api_callers import Installation

SEARCH = "/v2/element-instances/search"
BEGIN = {"place": "west", "voters": ["lin", "he"]}


@pytest.fixture
def key(muster: Installation) -> str:
    """A case that waits for its acceptance."""
    assert muster.admin.deploy("mending.bpmn").status_code == 200
    return start(muster.admin, "mending", BEGIN)


def active(muster: Installation, **filters: object) -> dict[str, list[str]]:
    """Return the keys of the active element instances, by element id."""
    query = {"filter": {"state": "ACTIVE", **filters}, "sort": [{"field": "elementInstanceKey"}]}
    found: dict[str, list[str]] = {}
    for item in muster.admin.post(SEARCH, query).get_json()["items"]:
        found.setdefault(item["elementId"], []).append(item["elementInstanceKey"])
    return found


def modify(muster: Installation, key: str, **instructions: object) -> None:
    answer = muster.admin.post(f"/v2/process-instances/{key}/modification", instructions)
    assert (answer.status_code, answer.data) == (204, b""), answer.get_json()


def move(source: str, target: str, scope: str | None = None) -> dict[str, object]:
    given = {"ancestorScopeInstruction": {"ancestorScopeType": scope}} if scope else {}
    return {
        "sourceElementInstruction": {"sourceType": "byId", "sourceElementId": source},
        "targetElementId": target,
        **given,
    }


def audited(muster: Installation, key: str) -> list[tuple[str, str, str, str]]:
    with muster.context.store.reading() as reading:
        lines = reading.search_audit(Query()).items
    return [(one.actor, one.operation, one.entity_type, one.entity_key) for one in lines if one.root_key == int(key)]


def test_a_step_is_skipped_and_the_history_tells(muster: Installation, key: str) -> None:
    accept = active(muster)["accept"][0]
    task = find_task(muster.admin)
    modify(
        muster,
        key,
        activateInstructions=[
            {
                "elementId": "plan",
                "variableInstructions": [
                    {"variables": {"why": "lost"}},
                    {"variables": {"team": 7}, "scopeId": "work"},
                    {"variables": {"own": True}, "scopeId": "plan"},
                ],
            }
        ],
        terminateInstructions=[{"elementInstanceKey": accept}],
        operationReference=12,
    )
    assert sorted(active(muster)) == ["plan", "work"]
    plan = find_task(muster.admin)
    assert (plan["elementId"], plan["state"]) == ("plan", "CREATED")
    assert muster.admin.get(f"/v2/user-tasks/{task['userTaskKey']}").get_json()["state"] == "CANCELED"
    found = muster.admin.post("/v2/variables/search", {"filter": {"processInstanceKey": key}}).get_json()["items"]
    scopes = {one["name"]: one["scopeKey"] for one in found}
    assert scopes["why"] == key
    assert scopes["team"] == active(muster)["work"][0]
    assert scopes["own"] == plan["elementInstanceKey"]
    ended = muster.admin.get(f"/v2/element-instances/{accept}").get_json()
    assert ended["state"] == "TERMINATED"
    assert audited(muster, key)[-3:] == [
        ("admin", "MODIFY", "PROCESS_INSTANCE", key),
        ("admin", "ACTIVATE", "ELEMENT", "plan"),
        ("admin", "TERMINATE", "ELEMENT_INSTANCE", accept),
    ]


def test_a_message_that_came_early_reaches_what_was_activated(muster: Installation, key: str) -> None:
    message = {"name": "reply", "correlationKey": "west", "timeToLive": 60000}
    assert muster.admin.post("/v2/messages/publication", message).status_code == 200
    modify(muster, key, moveInstructions=[move("accept", "wait")])
    assert sorted(active(muster)) == ["work"]  # the token waits at the join for the survey
    modify(muster, key, activateInstructions=[{"elementId": "survey"}])
    done = muster.admin.post(f"/v2/user-tasks/{find_task(muster.admin)['userTaskKey']}/completion")
    assert done.status_code == 204
    assert find_task(muster.admin)["elementId"] == "plan"


def test_a_voter_is_added_and_another_one_taken_out(muster: Installation, key: str) -> None:
    modify(muster, key, moveInstructions=[move("accept", "vote")])
    body, first, second = active(muster)["vote"]
    added = {
        "elementId": "vote",
        "ancestorElementInstanceKey": body,
        "variableInstructions": [{"variables": {"voter": "wu"}, "scopeId": "vote"}],
    }
    modify(
        muster, key, activateInstructions=[added], terminateInstructions=[{"elementInstanceKey": first}],
    )  # fmt: skip
    assert len(active(muster)["vote"]) == 3
    assert active(muster)["vote"][1] == second
    for _ in range(2):
        page = muster.admin.post("/v2/user-tasks/search", {"filter": {"state": "CREATED"}}).get_json()
        assert muster.admin.post(f"/v2/user-tasks/{page['items'][0]['userTaskKey']}/completion").status_code == 204
    query = {"filter": {"name": "votes", "processInstanceKey": key}}
    (votes,) = muster.admin.post("/v2/variables/search", query).get_json()["items"]
    assert votes["value"] == '[null,"he","wu"]'
    assert find_task(muster.admin)["elementId"] == "look"


def test_a_called_instance_is_modified_by_its_own_key(muster: Installation, key: str) -> None:
    modify(muster, key, moveInstructions=[move("accept", "check")])
    child = find_task(muster.admin)["processInstanceKey"]
    assert child != key
    refused = muster.admin.post(
        f"/v2/process-instances/{child}/modification", {"terminateInstructions": [{"elementId": "look"}]}
    )
    assert "terminate the call activity" in check_problem(refused, 400)["detail"]
    modify(muster, child, moveInstructions=[move("look", "sign", "sourceParent")])
    assert find_task(muster.admin)["elementId"] == "sign"
    modify(muster, key, terminateInstructions=[{"elementId": "check"}])
    for one in (child, key):
        assert muster.admin.get(f"/v2/process-instances/{one}").get_json()["state"] == "TERMINATED"
    ended = muster.admin.post(f"/v2/process-instances/{key}/modification", {"activateInstructions": []})
    check_problem(ended, 409)


def test_a_suspended_case_is_modified_and_stands_still(muster: Installation, key: str) -> None:
    muster.admin.post(f"/v2/process-instances/{key}/suspension")
    modify(muster, key, moveInstructions=[move("accept", "plan")])
    assert muster.admin.get(f"/v2/process-instances/{key}").get_json()["state"] == "SUSPENDED"
    muster.admin.post(f"/v2/process-instances/{key}/resumption")
    assert muster.admin.post(f"/v2/user-tasks/{find_task(muster.admin)['userTaskKey']}/completion").status_code == 204


def test_a_join_is_not_left_with_a_token_for_ever(muster: Installation, key: str) -> None:
    muster.admin.post(f"/v2/user-tasks/{find_task(muster.admin)['userTaskKey']}/completion")
    muster.admin.post(f"/v2/user-tasks/{find_task(muster.admin)['userTaskKey']}/completion")
    path = f"/v2/process-instances/{key}/modification"
    refused = muster.admin.post(path, {"moveInstructions": [move("wait", "plan")]})
    assert "'join' for ever" in check_problem(refused, 409, "INVALID_STATE")["detail"]
    assert sorted(active(muster)) == ["wait", "work"]
    modify(muster, key, moveInstructions=[move("wait", "join")])
    assert find_task(muster.admin)["elementId"] == "plan"


OF_VOTE = {"variables": {}, "scopeId": "vote"}
BAD: list[tuple[dict[str, Any], int, str]] = [
    ({}, 400, "at least one instruction"),
    ({"activateInstructions": {}}, 400, "activateInstructions"),
    ({"activateInstructions": [{}]}, 400, "elementId"),
    ({"activateInstructions": [{"elementId": 7}]}, 400, "elementId"),
    ({"activateInstructions": [{"elementId": "nothing"}]}, 400, "'nothing'"),
    ({"activateInstructions": [{"elementId": "start"}]}, 400, "startEvent"),
    ({"activateInstructions": [{"elementId": "look"}]}, 400, "expected an element of the process 'mending'"),
    ({"activateInstructions": [{"elementId": "plan", "ancestorElementInstanceKey": "1"}]}, 400, "ancestor 1"),
    ({"activateInstructions": [{"elementId": "plan", "ancestorElementInstanceKey": "x"}]}, 400, "a key"),
    ({"activateInstructions": [{"elementId": "plan", "ancestorElementInstanceKey": None}]}, 400, "null"),
    ({"activateInstructions": [{"elementId": "plan", "variableInstructions": [{}]}]}, 400, "variables"),
    ({"activateInstructions": [{"elementId": "plan", "variableInstructions": [{"variables": []}]}]}, 400, "variables"),
    (
        {
            "activateInstructions": [
                {"elementId": "plan", "variableInstructions": [{"variables": {}, "scopeId": "vote"}]}
            ]
        },
        400,
        "'vote'",
    ),
    ({"activateInstructions": [{"elementId": "plan", "unknown": 1}]}, 400, "unknown"),
    ({"terminateInstructions": [{}]}, 400, "either elementInstanceKey or elementId"),
    ({"terminateInstructions": [{"elementId": "a", "elementInstanceKey": "1"}]}, 400, "either"),
    ({"terminateInstructions": [{"elementId": "plan"}]}, 409, "active element instance"),
    ({"terminateInstructions": [{"elementInstanceKey": "1"}]}, 409, "active"),
    ({"moveInstructions": [{"targetElementId": "plan"}]}, 400, "sourceElementInstruction"),
    ({"moveInstructions": [move("accept", "plan", "nearest")]}, 400, "ancestorScopeType"),
    ({"moveInstructions": [move("accept", "plan", "direct")]}, 400, "ancestorElementInstanceKey"),
    ({"moveInstructions": [move("accept", "plan", "sourceParent"), move("plan", "vote")]}, 409, "'plan'"),
    (
        {"moveInstructions": [{"sourceElementInstruction": {"sourceType": "byKey"}, "targetElementId": "plan"}]},
        400,
        "sourceElementInstanceKey",
    ),
    ({"instructions": []}, 400, "instructions"),
]


@pytest.mark.parametrize(("body", "status", "words"), BAD)
def test_what_cannot_be_done_changes_nothing(
    muster: Installation, key: str, body: dict[str, Any], status: int, words: str
) -> None:
    before, lines = active(muster), audited(muster, key)
    refused = check_problem(muster.admin.post(f"/v2/process-instances/{key}/modification", body), status)
    assert words in refused["detail"]
    assert (active(muster), audited(muster, key)) == (before, lines)


def test_who_may_modify(muster: Installation, key: str) -> None:
    body = {"moveInstructions": [move("accept", "plan")]}
    path = f"/v2/process-instances/{key}/modification"
    waiting = active(muster)["accept"][0]
    check_problem(muster.nobody.post(path, body), 401)
    for caller, status in ((muster.person("wu"), 404), (muster.client("reading", read=True), 403)):
        check_problem(caller.post(path, body), status)
        check_problem(caller.post(f"/api/element-instances/{waiting}/return", {"elementId": "accept"}), status)
        check_problem(caller.get(f"/api/element-instances/{waiting}/return-targets"), status)
    check_problem(muster.admin.post("/v2/process-instances/1/modification", body), 404)
    check_problem(muster.admin.post("/v2/process-instances/x/modification", body), 400)
    assert list(active(muster)) == ["accept"]


def test_a_token_goes_back_to_an_earlier_task(muster: Installation, key: str) -> None:
    modify(muster, key, moveInstructions=[move("accept", "plan")])
    muster.admin.post(f"/v2/user-tasks/{find_task(muster.admin)['userTaskKey']}/completion")
    report = active(muster)["report"][0]
    path = f"/api/element-instances/{report}/return"
    targets = muster.admin.get(f"{path}-targets").get_json()
    assert targets == {"items": [{"elementId": "plan", "elementName": "Plan"}]}
    for there in ("survey", "accept", "report", "nothing"):
        check_problem(muster.admin.post(path, {"elementId": there}), 409)
    check_problem(muster.admin.post(path, {}), 400)
    assert muster.admin.post(path, {"elementId": "plan"}).status_code == 204
    assert find_task(muster.admin)["elementId"] == "plan"
    assert audited(muster, key)[-3:] == [
        ("admin", "RETURN", "ELEMENT_INSTANCE", report),
        ("admin", "ACTIVATE", "ELEMENT", "plan"),
        ("admin", "TERMINATE", "ELEMENT_INSTANCE", report),
    ]
    check_problem(muster.admin.post(path, {"elementId": "plan"}), 409)
    check_problem(muster.admin.get("/api/element-instances/1/return-targets"), 404)
    muster.admin.post(f"/v2/process-instances/{key}/cancellation")
    check_problem(muster.admin.get(f"{path}-targets"), 409)
