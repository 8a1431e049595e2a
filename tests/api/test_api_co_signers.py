"""Co-signers: a task waits for the agreement of others, before its holder and after, all of them or one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from api_callers import check_problem, find_task, start
from hands import BECAUSE, Hands, begin

if TYPE_CHECKING:
    from api_callers import Installation


def test_a_task_waits_for_everybody_who_signs_before(muster: Installation) -> None:
    hands = begin(muster)
    key = hands.task("draft")
    hands.claim("lin", key)
    hands.do("lin", key, "co-signers", names=["wu", "he"], **BECAUSE)
    problem = check_problem(hands.complete("lin", key), 409, "INVALID_STATE")
    assert "missing is that of wu, he" in problem["detail"]
    assert find_task(hands.person("wu"))["userTaskKey"] == key
    check_problem(hands.complete("wu", key), 409)
    hands.refuse("zhao", key, "signature", 403)
    hands.do("wu", key, "signature", agrees=False, opinion="the street is wrong")
    hands.do("he", key, "signature", opinion="fine")
    assert "missing is that of wu" in check_problem(hands.complete("lin", key), 409)["detail"]
    hands.refuse("he", key, "signature", 409)
    hands.do("wu", key, "signature", opinion="now right")
    assert hands.complete("lin", key).status_code == 204
    shown = hands.person("wu").get(f"/api/user-tasks/{key}/hand-offs").get_json()
    assert [(one["name"], one["agrees"], one["opinion"]) for one in shown["coSigners"]] == [
        ("wu", True, "now right"),
        ("he", True, "fine"),
    ]
    assert [one["kind"] for one in shown["items"]] == ["CO_SIGNER_ADDITION", *["SIGNATURE"] * 3]


def test_one_of_several_is_enough_and_some_sign_after_the_holder(muster: Installation) -> None:
    hands = begin(muster)
    key = hands.task("draft")
    hands.claim("lin", key)
    hands.do("lin", key, "co-signers", names=["wu", "zhao"], rule="any", **BECAUSE)
    hands.do("lin", key, "co-signers", names=["he"], stage="AFTER", **BECAUSE)
    hands.refuse("lin", key, "signature", 409)
    hands.refuse("he", key, "signature", 409)
    hands.do("zhao", key, "signature")
    hands.refuse("he", key, "signature", 409)
    assert "missing is that of he" in check_problem(hands.complete("lin", key), 409)["detail"]
    hands.refuse("lin", key, "signature", 409, agrees=False)
    hands.do("lin", key, "signature", opinion="ready")
    hands.do("he", key, "signature")
    assert hands.complete("lin", key).status_code == 204


def test_what_was_signed_after_the_holder_is_open_when_another_holds_the_task(muster: Installation) -> None:
    hands = begin(muster)
    key = hands.task("draft")
    hands.claim("lin", key)
    hands.do("lin", key, "co-signers", names=["he"], stage="AFTER", **BECAUSE)
    hands.do("lin", key, "signature")
    hands.do("he", key, "signature")
    hands.do("lin", key, "transfer", assignee="wu", **BECAUSE)
    check_problem(hands.complete("wu", key), 409)
    hands.do("wu", key, "signature")
    hands.do("he", key, "signature")
    assert hands.complete("wu", key).status_code == 204


def test_co_signers_are_removed_until_they_have_agreed(muster: Installation) -> None:
    hands = begin(muster)
    key = hands.task("draft")
    hands.claim("lin", key)
    hands.do("lin", key, "co-signers", names=["wu", "he"], **BECAUSE)
    hands.do("he", key, "signature")
    lin = hands.person("lin")
    path = f"/api/user-tasks/{key}/co-signers"
    check_problem(lin.send("DELETE", f"{path}/he"), 409)
    check_problem(lin.send("DELETE", f"{path}/zhao"), 404)
    check_problem(hands.person("wu").send("DELETE", f"{path}/wu"), 403)
    assert lin.send("DELETE", f"{path}/wu?reason=on+leave").status_code == 204
    check_problem(hands.person("wu").get(f"/v2/user-tasks/{key}"), 404)
    assert hands.complete("lin", key).status_code == 204


def test_a_substitute_signs_for_the_absent(muster: Installation) -> None:
    hands = begin(muster)
    key = hands.task("draft")
    hands.claim("lin", key)
    hands.do("lin", key, "co-signers", names=["zhao"], **BECAUSE)
    week = {"beginsAt": "2026-03-01T00:00:00Z", "endsAt": "2026-03-09T00:00:00Z"}
    muster.admin.post("/api/substitutions", {"absent": "zhao", "substitute": "wu", **week})
    assert find_task(hands.person("wu"))["userTaskKey"] == key
    check_problem(hands.complete("wu", key), 409)
    hands.do("wu", key, "signature")
    (signer,) = hands.person("lin").get(f"/api/user-tasks/{key}/hand-offs").get_json()["coSigners"]
    assert (signer["name"], signer["signedBy"]) == ("zhao", "wu")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"names": []}, 400),
        ({"names": ["ghost"]}, 400),
        ({"names": ["he"], "stage": "HOLDER"}, 400),
        ({"names": ["he"], "rule": "most"}, 400),
        ({"names": ["lin"]}, 409),
        ({"names": ["wu"]}, 409),
        ({"names": "he"}, 400),
    ],
)
def test_unusable_co_signers_are_refused(quick: Installation, body: dict[str, Any], status: int) -> None:
    hands = begin(quick)
    key = hands.task("draft")
    hands.claim("lin", key)
    hands.do("lin", key, "co-signers", names=["wu"], **BECAUSE)
    hands.refuse("lin", key, "co-signers", status, **{**BECAUSE, **body})


def sign_together(muster: Installation, *, any_is_enough: bool) -> Hands:
    assert muster.admin.deploy("signing.bpmn").status_code == 200
    variables = {"signers": ["lin", "he"], "any_is_enough": any_is_enough}
    return Hands(muster, start(muster.person("lin"), "signing", variables))


def own(hands: Hands, name: str) -> str:
    key: str = find_task(hands.muster.admin, assignee=name)["userTaskKey"]
    return key


def is_over(hands: Hands) -> bool:
    state: str = hands.muster.admin.get(f"/v2/process-instances/{hands.instance}").get_json()["state"]
    return state == "COMPLETED"


def test_a_drawn_signing_of_all_gets_and_loses_instances(muster: Installation) -> None:
    hands = sign_together(muster, any_is_enough=False)
    hands.do("lin", own(hands, "lin"), "co-signers", names=["wu", "zhao"], **BECAUSE)
    path = f"/api/user-tasks/{own(hands, 'lin')}/co-signers"
    lin = hands.person("lin")
    assert lin.send("DELETE", f"{path}/zhao").status_code == 204
    check_problem(lin.send("DELETE", f"{path}/zhao"), 404)
    for name in ("lin", "he", "wu"):
        assert not is_over(hands)
        assert hands.complete(name, own(hands, name)).status_code == 204
    assert is_over(hands)


def test_a_drawn_signing_of_any_ends_with_the_first(muster: Installation) -> None:
    hands = sign_together(muster, any_is_enough=True)
    hands.do("lin", own(hands, "lin"), "co-signers", names=["wu"], **BECAUSE)
    assert hands.complete("wu", own(hands, "wu")).status_code == 204
    assert is_over(hands)


def test_the_last_who_has_to_sign_cannot_be_removed(muster: Installation) -> None:
    hands = sign_together(muster, any_is_enough=False)
    hands.complete("he", own(hands, "he"))
    key = own(hands, "lin")
    check_problem(hands.person("lin").send("DELETE", f"/api/user-tasks/{key}/co-signers/lin"), 409)


def test_items_that_are_no_people_get_no_further_instances(quick: Installation) -> None:
    quick.admin.deploy("signing.bpmn")
    instance = start(quick.person("lin"), "signing", {"signers": [{"name": "lin"}], "any_is_enough": False})
    first = quick.admin.post("/v2/user-tasks/search", {"filter": {"processInstanceKey": instance}}).get_json()["items"]
    hands = Hands(quick, instance)
    answer = hands.refuse("admin", first[0]["userTaskKey"], "co-signers", 409, names=["wu"], **BECAUSE)
    assert "names of people" in answer
