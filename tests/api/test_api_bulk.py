"""Many tasks and incidents at once, each with its result; and what a page may offer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from api_callers import check_problem, start
from hands import BECAUSE, begin

if TYPE_CHECKING:
    from api_callers import Caller, Installation

BULK = "/api/user-tasks/bulk"


def do(caller: Caller, operation: str, keys: list[str], **body: Any) -> list[tuple[str, int]]:
    answer = caller.post(BULK, {"operation": operation, "userTaskKeys": keys, **body})
    assert answer.status_code == 200, answer.get_json()
    items = answer.get_json()["items"]
    assert all((one["detail"] is None) == (one["status"] == 204) for one in items)
    return [(one["key"], one["status"]) for one in items]


def test_every_task_has_its_own_result(muster: Installation) -> None:
    hands = begin(muster)
    for _ in range(3):
        start(muster.person("lin"), "hands")
    found = muster.admin.post("/v2/user-tasks/search", {"sort": [{"field": "creationDate"}]}).get_json()["items"]
    first, second, third, fourth = [one["userTaskKey"] for one in found]
    lin = hands.person("lin")
    hands.claim("he", fourth)
    wanted = [first, second, "123", third, fourth, first]
    claimed = do(lin, "assign", wanted, assignee="lin")
    assert claimed == [(first, 204), (second, 204), ("123", 404), (third, 204), (fourth, 409)]
    assert do(lin, "transfer", [first, fourth], assignee="wu", **BECAUSE) == [(first, 204), (fourth, 409)]
    done = do(lin, "complete", [first, second, third], variables={"fine": True})
    assert done == [(first, 409), (second, 204), (third, 204)]
    assert do(lin, "remind", [fourth]) == [(fourth, 204)]
    assert do(lin, "remind", [fourth]) == [(fourth, 429)]
    assert do(hands.person("wu"), "complete", [second]) == [(second, 404)]


@pytest.mark.parametrize(
    "body",
    [
        {"operation": "ASSIGN", "userTaskKeys": ["1"]},
        {"operation": "TRANSFER", "userTaskKeys": ["1"], "assignee": "he"},
        {"operation": "TRANSFER", "userTaskKeys": ["1"], "assignee": "he", "group": "desk@south", "reason": "x"},
        {"operation": "DELETE", "userTaskKeys": ["1"]},
        {"operation": "COMPLETE", "userTaskKeys": []},
        {"operation": "COMPLETE", "userTaskKeys": ["x"]},
        {"operation": "COMPLETE", "userTaskKeys": [str(key) for key in range(1, 202)]},
        {"userTaskKeys": ["1"]},
    ],
)
def test_an_unusable_bulk_is_refused(quick: Installation, body: dict[str, Any]) -> None:
    check_problem(quick.person("lin").post(BULK, body), 400)


def test_incidents_are_resolved_in_bulk(muster: Installation) -> None:
    muster.admin.deploy("signing.bpmn")
    instances = [start(muster.admin, "signing", {"signers": 1}) for _ in range(2)]
    open_ones = muster.admin.post("/v2/incidents/search", {"filter": {"state": "ACTIVE"}}).get_json()["items"]
    keys = [one["incidentKey"] for one in open_ones]
    muster.admin.send(
        "PUT", f"/v2/element-instances/{instances[0]}/variables", json={"variables": {"signers": ["lin"]}}
    )
    path = "/api/incidents/bulk-resolution"
    results = muster.admin.post(path, {"incidentKeys": [*keys, "99"]}).get_json()["items"]
    assert [one["status"] for one in results] == [204, 204, 404]
    left = muster.admin.post("/v2/incidents/search", {"filter": {"state": "ACTIVE"}}).get_json()["page"]
    assert left["totalItems"] == 1, "the other fails again, as a new incident"
    refused = muster.person("lin").post(path, {"incidentKeys": keys}).get_json()["items"]
    assert [one["status"] for one in refused] == [404, 404]


def offered(caller: Caller, path: str) -> set[str]:
    return set(caller.get(f"/api/{path}/actions").get_json()["items"])


def test_a_page_may_offer_what_is_permitted_now(muster: Installation) -> None:
    hands = begin(muster)
    task = f"user-tasks/{(key := hands.task('draft'))}"
    lin, he, zhao, wu = (hands.person(name) for name in ("lin", "he", "zhao", "wu"))
    assert offered(he, task) == {"assignment", "comments", "completion", "copies"}
    hands.claim("he", key)
    in_hand = {"transfer", "return", "co-signers", "delegation", "unassignment"}
    assert offered(he, task) == {"comments", "completion", "copies", *in_hand}
    assert offered(lin, task) == {"comments", "copies", "reminder"}
    assert offered(zhao, task) == {"comments", "copies", "reminder", *in_hand}
    check_problem(wu.get(f"/api/{task}/actions"), 404)
    hands.do("he", key, "co-signers", names=["wu"], **BECAUSE)
    assert offered(wu, task) == {"comments", "signature"}
    assert "completion" not in offered(he, task)
    hands.do("wu", key, "signature")
    hands.do("he", key, "delegation", assignee="lin", **BECAUSE)
    assert offered(he, task) == {"comments", "copies", "hand-back", "reminder"}
    assert offered(lin, task) == {"comments", "copies", "hand-back", "reminder"}
    hands.do("lin", key, "hand-back")
    instance = f"process-instances/{hands.instance}"
    assert offered(lin, instance) == {"comments", "copies", "reminder", "voiding"}
    hands.complete("he", key)
    assert offered(he, task) == {"comments", "copies", "withdrawal"}
    assert offered(lin, instance) == {"comments", "copies", "reminder"}
    assert offered(zhao, instance) == {"comments", "copies", "reminder", "voiding"}
    assert offered(he, instance) == {"comments"}
