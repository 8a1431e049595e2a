"""Comments and copies: who reads them, who changes them, and what they let people see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api_callers import check_problem
from hands import begin

if TYPE_CHECKING:
    from api_callers import Caller, Installation

SEARCH = "/api/comments/search"
COPIES = "/api/copies/search"


def say(caller: Caller, path: str, text: str) -> dict[str, Any]:
    answer = caller.post(f"/api/{path}/comments", {"text": text})
    assert answer.status_code == 201, answer.get_json()
    made: dict[str, Any] = answer.get_json()
    return made


def texts(caller: Caller, **filters: object) -> list[str]:
    items = caller.post(SEARCH, {"filter": filters, "sort": [{"field": "createdAt"}]}).get_json()["items"]
    return [one["text"] for one in items]


def test_comments_are_read_by_who_sees_what_they_are_about(muster: Installation) -> None:
    hands = begin(muster, starter="he")
    key = hands.task("draft")
    made = say(hands.person("lin"), f"user-tasks/{key}", "ask @he, @wu, @ghost or mail a@zhao; call @12345")
    assert made["mentions"] == ["he"], "wu does not see the task, and is not told"
    say(hands.person("he"), f"process-instances/{hands.instance}", "the whole thing, @lin.")
    assert texts(hands.person("zhao"), userTaskKey=key) == [made["text"]]
    assert texts(hands.person("lin"), mention="lin") == ["the whole thing, @lin."]
    assert texts(hands.person("lin"), text={"$like": "*whole*"}) == ["the whole thing, @lin."]
    wu = hands.person("wu")
    assert texts(wu) == []
    assert wu.post(SEARCH, {}).get_json()["page"]["totalItems"] == 0
    for method, path in (
        ("POST", f"user-tasks/{key}/comments"),
        ("POST", f"process-instances/{hands.instance}/comments"),
        ("PATCH", f"comments/{made['commentKey']}"),
    ):
        check_problem(wu.send(method, f"/api/{path}", json={"text": "hello"}), 404)
    check_problem(wu.send("DELETE", f"/api/comments/{made['commentKey']}"), 404)
    robot = muster.client("robot", read=True)
    assert len(texts(robot)) == 2
    check_problem(robot.post(f"/api/user-tasks/{key}/comments", {"text": "beep"}), 403)


def test_authors_change_their_comments_for_a_while_and_nothing_is_lost(muster: Installation) -> None:
    hands = begin(muster)
    key = say(hands.person("lin"), f"user-tasks/{hands.task('draft')}", "frist")["commentKey"]
    path = f"/api/comments/{key}"
    lin, he = hands.person("lin"), hands.person("he")
    check_problem(he.send("PATCH", path, json={"text": "no"}), 403)
    check_problem(he.send("DELETE", path), 403)
    edited = lin.send("PATCH", path, json={"text": "first @he"}).get_json()
    assert (edited["text"], edited["mentions"]) == ("first @he", ["he"])
    assert edited["editedAt"]
    muster.clock.advance(minutes=16)
    check_problem(lin.send("PATCH", path, json={"text": "later"}), 409)
    check_problem(lin.send("DELETE", path), 409)
    check_problem(lin.get(f"{path}/earlier-texts"), 403)
    assert muster.admin.send("DELETE", path).status_code == 204
    check_problem(muster.admin.send("DELETE", path), 409)
    assert texts(he) == [""]
    earlier = muster.admin.get(f"{path}/earlier-texts").get_json()["items"]
    assert [one["text"] for one in earlier] == ["frist", "first @he"]
    operations = [line[1] for line in hands.read_audit() if line[2] == "COMMENT"]
    assert operations == ["CREATE", "UPDATE", "DELETE", "READ_EARLIER"]


def test_an_unusable_comment_is_refused(quick: Installation) -> None:
    hands = begin(quick)
    path = f"/api/user-tasks/{hands.task('draft')}/comments"
    for text in ("", "   ", "x" * 2001, "a\u0000b", 5, None):
        check_problem(hands.person("lin").post(path, {"text": text}), 400)
    check_problem(hands.person("lin").send("PATCH", "/api/comments/77", json={"text": "x"}), 404)


def test_a_copy_lets_people_look_and_nothing_more(muster: Installation) -> None:
    hands = begin(muster)
    key = hands.task("draft")
    wu = hands.person("wu")
    check_problem(wu.get(f"/v2/user-tasks/{key}"), 404)
    assert hands.do("lin", key, "copies", recipients=["desk@south"], reason="fyi").get_json() == {"people": 1}
    assert wu.get(f"/v2/user-tasks/{key}").status_code == 200
    assert wu.get(f"/v2/process-instances/{hands.instance}").status_code == 200
    assert wu.post("/v2/user-tasks/search", {}).get_json()["page"]["totalItems"] == 1
    check_problem(wu.post(f"/v2/user-tasks/{key}/assignment", {"assignee": "wu"}), 403)
    check_problem(hands.complete("wu", key), 403)
    hands.refuse("wu", key, "copies", 403, recipients=["he"])
    (copy,) = wu.post(COPIES, {"filter": {"readAt": {"$exists": False}}}).get_json()["items"]
    assert (copy["sender"], copy["recipient"], copy["userTaskKey"], copy["reason"]) == ("lin", "wu", key, "fyi")
    assert hands.person("he").post(COPIES, {}).get_json()["page"]["totalItems"] == 0
    check_problem(hands.person("lin").post(f"/api/copies/{copy['copyKey']}/reading", {}), 404)
    assert wu.post(f"/api/copies/{copy['copyKey']}/reading", {}).status_code == 204
    assert wu.post(COPIES, {"filter": {"readAt": {"$exists": False}}}).get_json()["items"] == []
    hands.do("wu", key, "reminder")
    hands.complete("lin", key)
    assert wu.get(f"/v2/user-tasks/{key}").status_code == 200, "it stays readable"
    hands.do("lin", key, "copies", recipients=["zhao", "wu"])


def test_a_copy_of_an_instance_shows_it_and_not_its_tasks(muster: Installation) -> None:
    hands = begin(muster)
    path = f"/api/process-instances/{hands.instance}/copies"
    check_problem(hands.person("wu").post(path, {"recipients": ["he"]}), 404)
    check_problem(hands.person("he").post(path, {"recipients": ["wu"]}), 403)
    for recipients, status in ((["lin"], 400), (["ghost"], 400), (["desk@nowhere"], 400), ([], 400)):
        check_problem(hands.person("lin").post(path, {"recipients": recipients}), status)
    assert hands.person("lin").post(path, {"recipients": ["wu", "desk@south"]}).get_json() == {"people": 1}
    wu = hands.person("wu")
    assert wu.get(f"/v2/process-instances/{hands.instance}").status_code == 200
    assert wu.post("/v2/process-instances/search", {}).get_json()["page"]["totalItems"] == 1
    check_problem(wu.get(f"/v2/user-tasks/{hands.task('draft')}"), 404)
    answer = wu.post(f"/api/process-instances/{hands.instance}/reminder", {})
    assert answer.get_json() == {"userTasks": 1}
