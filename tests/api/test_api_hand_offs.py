"""Hand-offs: tasks are given away, delegated, handed back and reminded of, over HTTP on both databases."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from api_callers import check_problem, find_task
from hands import BECAUSE, begin

from server.access import SYSTEM
from server.service import identity

if TYPE_CHECKING:
    from api_callers import Installation


def test_a_task_is_transferred_to_another_person(muster: Installation) -> None:
    hands = begin(muster)
    key = hands.task("draft")
    assert "nobody holds it" in hands.refuse("lin", key, "transfer", 409, assignee="he", **BECAUSE)
    hands.claim("lin", key)
    hands.do("lin", key, "transfer", assignee="wu", **BECAUSE)
    assert hands.holder(key) == "wu"
    assert find_task(hands.person("wu"))["userTaskKey"] == key, "seen by who got it, though of another group"
    assert "wu holds it" in hands.refuse("lin", key, "transfer", 409, assignee="he", **BECAUSE)
    assert hands.complete("wu", key).status_code == 204
    (line,) = hands.person("lin").get(f"/api/user-tasks/{key}/hand-offs").get_json()["items"]
    assert (line["actor"], line["kind"], line["recipients"]) == ("lin", "TRANSFER", ["wu"])
    assert (line["reason"], line["actingFor"]) == (BECAUSE["reason"], None)
    assert ("lin", "TRANSFER", "USER_TASK", None) in hands.read_audit()


def test_a_task_is_transferred_to_another_group_and_leaves_the_first(muster: Installation) -> None:
    hands = begin(muster)
    key = hands.task("draft")
    hands.do("zhao", key, "transfer", group="desk@south", **BECAUSE)
    task = find_task(hands.person("wu"))
    assert (task["candidateGroups"], task["candidateUsers"], task["assignee"]) == (["desk@south"], [], None)
    for name in ("lin", "he", "zhao"):
        check_problem(hands.person(name).get(f"/v2/user-tasks/{key}"), 404)
        check_problem(hands.person(name).get(f"/api/user-tasks/{key}/hand-offs"), 404)
        found = hands.person(name).post("/v2/user-tasks/search", {}).get_json()
        assert found["page"]["totalItems"] == 0
    assert hands.complete("wu", key).status_code == 204


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"assignee": "he", "group": "desk@south"}, 400),
        ({"assignee": "ghost"}, 400),
        ({"assignee": "a b\u0000"}, 400),
        ({"group": "desk@nowhere"}, 400),
        ({"group": "desk\u0000"}, 400),
        ({"assignee": "he", "reason": "  "}, 400),
        ({"assignee": "he", "reason": "x" * 1001}, 400),
        ({"assignee": "lin"}, 409),
    ],
)
def test_an_unusable_transfer_is_refused(quick: Installation, body: dict[str, str], status: int) -> None:
    hands = begin(quick)
    key = hands.task("draft")
    hands.claim("lin", key)
    hands.refuse("lin", key, "transfer", status, **{**BECAUSE, **body})
    assert hands.holder(key) == "lin"


def test_a_delegated_task_comes_back_before_it_is_completed(muster: Installation) -> None:
    hands = begin(muster)
    key = hands.task("draft")
    hands.claim("lin", key)
    hands.do("lin", key, "delegation", assignee="wu", **BECAUSE)
    assert hands.holder(key) == "wu"
    for name in ("wu", "lin"):
        problem = check_problem(hands.complete(name, key), 409, "INVALID_STATE")
    assert "wu holds it" in problem["detail"]
    assert "hand it back" in check_problem(hands.complete("wu", key), 409)["detail"]
    check_problem(hands.person("wu").send("DELETE", f"/v2/user-tasks/{key}/assignee"), 409)
    assert "lin has delegated it" in hands.refuse("wu", key, "transfer", 409, assignee="he", **BECAUSE)
    assert "already" in hands.refuse("zhao", key, "delegation", 409, assignee="he", **BECAUSE)
    hands.refuse("he", key, "hand-back", 403)
    hands.do("wu", key, "hand-back", variables={"text": "done"}, reason="as you wished")
    assert hands.holder(key) == "lin"
    check_problem(hands.person("wu").get(f"/v2/user-tasks/{key}"), 404)
    assert hands.person("lin").get(f"/api/user-tasks/{key}/draft").get_json()["variables"] == {"text": "done"}
    assert "nobody has delegated it" in hands.refuse("lin", key, "hand-back", 409)
    assert hands.complete("lin", key).status_code == 204
    assert hands.kinds(key) == [("lin", "DELEGATION"), ("wu", "HAND_BACK")]


def test_the_owner_takes_a_delegated_task_back_and_the_lead_cuts_in(muster: Installation) -> None:
    hands = begin(muster)
    key = hands.task("draft")
    hands.do("zhao", key, "delegation", assignee="wu", **BECAUSE)
    shown = hands.person("zhao").get(f"/api/user-tasks/{key}/hand-offs").get_json()
    assert (shown["owner"], shown["assignee"]) == ("zhao", "wu")
    hands.do("zhao", key, "hand-back")
    hands.do("zhao", key, "delegation", assignee="wu", **BECAUSE)
    answer = hands.person("zhao").post(f"/v2/user-tasks/{key}/assignment", {"assignee": "he"})
    assert answer.status_code == 204, "the lead's word ends the delegation"
    assert hands.person("he").get(f"/api/user-tasks/{key}/hand-offs").get_json()["owner"] is None
    assert hands.complete("he", key).status_code == 204


def test_people_who_leave_and_delegated_tasks(muster: Installation) -> None:
    hands = begin(muster)
    key = hands.task("draft")
    hands.claim("lin", key)
    hands.do("lin", key, "delegation", assignee="wu", **BECAUSE)
    assert muster.admin.post("/api/users/wu/departure", {}).get_json() == {"returnedTasks": 1}
    assert hands.holder(key) == "lin", "it goes back to who delegated it"
    hands.do("lin", key, "delegation", assignee="he", **BECAUSE)
    assert muster.admin.post("/api/users/lin/departure", {}).get_json() == {"returnedTasks": 0}
    hands.do("he", key, "hand-back")
    assert hands.holder(key) is None, "and to the group when they have left"
    hands.claim("he", key)
    hands.refuse("he", key, "delegation", 400, assignee="lin", **BECAUSE)


def test_a_substitute_hands_on_for_the_absent(muster: Installation) -> None:
    hands = begin(muster)
    key = hands.task("draft")
    hands.claim("lin", key)
    week = {"beginsAt": "2026-03-01T00:00:00Z", "endsAt": "2026-03-09T00:00:00Z"}
    assert muster.admin.post("/api/substitutions", {"absent": "lin", "substitute": "wu", **week}).status_code == 201
    hands.do("wu", key, "transfer", assignee="he", **BECAUSE)
    assert ("wu", "TRANSFER", "USER_TASK", "lin") in hands.read_audit()
    assert hands.person("he").get(f"/api/user-tasks/{key}/hand-offs").get_json()["items"][0]["actingFor"] == "lin"


def test_reminders_are_rare(muster: Installation) -> None:
    hands = begin(muster, starter="he")
    key = hands.task("draft")
    hands.claim("lin", key)
    hands.refuse("lin", key, "reminder", 403)
    hands.do("he", key, "reminder", reason="please")
    answer = hands.person("zhao").post(f"/api/user-tasks/{key}/reminder", {})
    assert check_problem(answer, 429)["detail"]
    assert answer.headers["Retry-After"] == "3601"
    muster.clock.advance(hours=1)
    hands.do("zhao", key, "reminder")
    assert hands.kinds(key) == [("he", "REMINDER"), ("zhao", "REMINDER")]


def test_who_started_an_instance_reminds_everybody_in_it(muster: Installation) -> None:
    hands = begin(muster)
    for element in ("draft", "review"):
        assert hands.complete("he", hands.task(element)).status_code == 204
    path = f"/api/process-instances/{hands.instance}/reminder"
    check_problem(hands.person("lin").get(f"/v2/user-tasks/{hands.task('decide')}"), 404)
    assert hands.person("lin").post(path, {"reason": "soon?"}).get_json() == {"userTasks": 1}
    check_problem(hands.person("lin").post(path, {}), 429)
    check_problem(hands.person("he").post(path, {}), 403)
    listed = f"/api/process-instances/{hands.instance}/hand-offs"
    assert [one["userTaskKey"] for one in hands.person("lin").get(listed).get_json()["items"]] == [None]
    assert len(hands.person("wu").get(listed).get_json()["items"]) == 2
    muster.clock.advance(hours=2)
    assert hands.complete("wu", hands.task("decide")).status_code == 204
    assert hands.person("zhao").post(path, {}).get_json() == {"userTasks": 2}
    for element in ("left", "right"):
        hands.complete("admin", hands.task(element))
    check_problem(hands.person("lin").post(path, {}), 409)


BODIES = {
    "transfer": {"assignee": "he", **BECAUSE},
    "delegation": {"assignee": "he", **BECAUSE},
    "hand-back": {},
    "reminder": {},
    "co-signers": {"names": ["he"], **BECAUSE},
    "signature": {},
}


@pytest.mark.parametrize("what", BODIES)
def test_nothing_leaks_to_other_groups_and_nothing_moves_in_a_suspended_instance(
    muster: Installation, what: str
) -> None:
    hands = begin(muster)
    key = hands.task("draft")
    hands.claim("lin", key)
    if what == "hand-back":
        hands.do("lin", key, "delegation", assignee="he", **BECAUSE)
    assert f"no user task with key {key}" in hands.refuse("wu", key, what, 404, **BODIES[what])
    assert "no user task with key 12345" in hands.refuse("wu", "12345", what, 404, **BODIES[what])
    assert muster.admin.post(f"/v2/process-instances/{hands.instance}/suspension").status_code == 204
    hands.refuse("admin", key, what, 409, **BODIES[what])
    muster.admin.post(f"/v2/process-instances/{hands.instance}/resumption")
    muster.admin.post(f"/v2/process-instances/{hands.instance}/cancellation", {})
    hands.refuse("admin", key, what, 409, **BODIES[what])


def test_of_two_who_give_the_same_task_away_one_wins(muster: Installation) -> None:
    identity.set_groups(muster.context, SYSTEM, "he", ["desk@north"])
    hands = begin(muster)
    key = hands.task("draft")
    hands.claim("lin", key)
    callers = [hands.person("lin") for _ in range(4)]
    answers: list[int] = []

    def give(number: int) -> None:
        body = {"assignee": ("he", "wu")[number % 2], **BECAUSE}
        answers.append(callers[number].post(f"/api/user-tasks/{key}/transfer", body).status_code)

    threads = [threading.Thread(target=give, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(answers) == [204, 409, 409, 409]
    assert hands.kinds(key) == [("lin", "TRANSFER")]
