"""Going back: returned to an earlier task, taken back by who completed it, voided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api_callers import check_problem
from hands import BECAUSE, begin

if TYPE_CHECKING:
    from api_callers import Installation


def test_a_task_goes_back_to_the_previous_one_and_to_who_did_it(muster: Installation) -> None:
    hands = begin(muster)
    hands.complete("lin", hands.task("draft"))
    hands.complete("he", hands.task("review"))
    decide = hands.task("decide")
    assert "nobody holds it" in hands.refuse("wu", decide, "return", 409, **BECAUSE)
    hands.claim("wu", decide)
    targets = hands.person("wu").get(f"/api/user-tasks/{decide}/return-targets").get_json()["items"]
    assert [one["elementId"] for one in targets] == ["draft", "review"]
    assert hands.do("wu", decide, "return", **BECAUSE).get_json() == {"elementId": "review"}
    assert hands.holder(hands.task("review")) == "he"
    assert hands.kinds(decide) == [("wu", "RETURN")]
    hands.refuse("wu", decide, "return", 409, **BECAUSE)
    assert hands.complete("he", hands.task("review")).status_code == 204
    again = hands.task("decide")
    hands.claim("wu", again)
    assert hands.do("wu", again, "return", to="starter", **BECAUSE).get_json() == {"elementId": "draft"}
    assert hands.holder(hands.task("draft")) == "lin"


def test_a_task_goes_back_to_any_earlier_one_but_not_across_a_split(muster: Installation) -> None:
    hands = begin(muster)
    for element in ("draft", "review"):
        hands.complete("he", hands.task(element))
    decide = hands.task("decide")
    hands.claim("wu", decide)
    hands.refuse("wu", decide, "return", 409, elementId="split", **BECAUSE)
    hands.refuse("wu", decide, "return", 409, elementId="nowhere", **BECAUSE)
    hands.refuse("wu", decide, "return", 409, elementId="left", **BECAUSE)
    hands.refuse("wu", decide, "return", 409, to="starter", **BECAUSE)
    hands.refuse("wu", decide, "return", 400, to="elsewhere", **BECAUSE)
    hands.refuse("wu", decide, "return", 400)
    hands.do("wu", decide, "return", elementId="draft", **BECAUSE)
    for element in ("draft", "review"):
        hands.complete("he", hands.task(element))
    hands.complete("wu", hands.task("decide"))
    left = hands.task("left")
    hands.claim("wu", left)
    assert "split" in hands.refuse("wu", left, "return", 409, elementId="decide", **BECAUSE)
    assert "there is none" in hands.refuse("wu", left, "return", 409, **BECAUSE)


def test_whoever_completed_a_task_takes_it_back_while_nobody_has_begun_the_next(muster: Installation) -> None:
    hands = begin(muster)
    draft = hands.task("draft")
    hands.refuse("lin", draft, "withdrawal", 409)
    hands.complete("lin", draft)
    hands.refuse("he", draft, "withdrawal", 403)
    hands.refuse("wu", draft, "withdrawal", 404)
    opened = hands.do("lin", draft, "withdrawal", reason="forgot the photos").get_json()["userTaskKey"]
    assert (hands.task("draft"), hands.holder(opened)) == (opened, "lin")
    hands.refuse("lin", draft, "withdrawal", 409)
    hands.complete("lin", opened)
    hands.claim("he", hands.task("review"))
    assert "somebody has" in hands.refuse("lin", opened, "withdrawal", 409)
    assert hands.kinds(draft) == [("lin", "WITHDRAWAL")]


def test_a_draft_counts_as_begun_and_a_later_completion_as_too_late(muster: Installation) -> None:
    hands = begin(muster)
    draft = hands.task("draft")
    hands.complete("lin", draft)
    review = hands.task("review")
    hands.person("he").send("PUT", f"/api/user-tasks/{review}/draft", json={"variables": {"a": 1}})
    assert "somebody has" in hands.refuse("lin", draft, "withdrawal", 409)
    hands.complete("he", review)
    assert "one was" in hands.refuse("lin", draft, "withdrawal", 409)
    hands.complete("wu", hands.task("decide"))
    muster.clock.advance(minutes=1)


def test_nothing_goes_back_in_a_suspended_instance(muster: Installation) -> None:
    hands = begin(muster)
    draft = hands.task("draft")
    hands.complete("lin", draft)
    muster.admin.post(f"/v2/process-instances/{hands.instance}/suspension")
    hands.refuse("lin", draft, "withdrawal", 409)
    hands.refuse("admin", hands.task("review"), "return", 409, **BECAUSE)


def test_an_instance_is_voided_by_who_started_it_in_time_and_by_their_lead_later(muster: Installation) -> None:
    hands = begin(muster)
    path = f"/api/process-instances/{hands.instance}/voiding"
    check_problem(hands.person("wu").post(path, BECAUSE), 404)
    check_problem(hands.person("he").post(path, BECAUSE), 403)
    check_problem(hands.person("lin").post(path, {}), 400)
    hands.complete("he", hands.task("draft"))
    assert "ask the lead" in check_problem(hands.person("lin").post(path, BECAUSE), 409)["detail"]
    assert hands.person("zhao").post(path, BECAUSE).status_code == 204
    state = muster.admin.get(f"/v2/process-instances/{hands.instance}").get_json()["state"]
    assert state == "TERMINATED"
    check_problem(hands.person("zhao").post(path, BECAUSE), 409)
    listed = muster.admin.get(f"/api/process-instances/{hands.instance}/hand-offs").get_json()["items"]
    assert [(one["kind"], one["actor"], one["reason"]) for one in listed] == [("VOIDING", "zhao", BECAUSE["reason"])]
    assert ("zhao", "VOID", "PROCESS_INSTANCE", None) in hands.read_audit()
    second = begin(muster)
    path = f"/api/process-instances/{second.instance}/voiding"
    assert second.person("lin").post(path, BECAUSE).status_code == 204
