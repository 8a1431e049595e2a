"""When a person's name is erased, it stands nowhere: not in hand-offs, comments, copies, notices or history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from api_callers import find_task, start
from file_examples import upload_key
from hands import BECAUSE, begin
from residents import read_everything

from server.access import SYSTEM
from server.courier import Courier
from server.errors import Conflict
from server.service import audit, departures, identity
from server.service.audit import verify_audit

if TYPE_CHECKING:
    from api_callers import Installation

NAME, DISPLAYED = "ouyang.marked", "欧阳明月"


def test_a_name_that_is_erased_stands_nowhere(muster: Installation) -> None:
    context = muster.context
    identity.add_user(context, SYSTEM, NAME, None, groups=["desk@north"])
    muster.admin.send("PATCH", f"/api/users/{NAME}", json={"displayName": DISPLAYED})
    wishes = {"email": "ouyang@district.example", "digest": "DAILY"}
    muster.person(NAME).send("PUT", "/api/notification-preferences", json=wishes)
    hands = begin(muster, NAME)
    draft = hands.task("draft")
    hands.claim(NAME, draft)
    muster.person(NAME).send("PUT", f"/api/user-tasks/{draft}/draft", json={"variables": {"x": 1}})
    hands.do(NAME, draft, "delegation", assignee="lin", reason=f"{DISPLAYED}出差")
    hands.do("lin", draft, "comments", text=f"@{NAME} 请看；{DISPLAYED}已知")
    hands.do("lin", draft, "hand-back", reason=f"back to {NAME}.")
    hands.do(NAME, draft, "copies", recipients=["he"], **BECAUSE)
    hands.do(NAME, draft, "co-signers", names=["he"], stage="BEFORE", rule="ALL", **BECAUSE)
    hands.do("he", draft, "signature", agrees=True, opinion=f"as {DISPLAYED} says")
    comment = hands.do(NAME, draft, "comments", text="mine").get_json()["commentKey"]
    muster.person(NAME).send("PATCH", f"/api/comments/{comment}", json={"text": f"mine, {NAME}"})
    hands.complete(NAME, draft)
    review = hands.task("review")
    hands.claim("lin", review)
    hands.do("lin", review, "copies", recipients=[NAME], **BECAUSE)
    upload_key(muster.person(NAME))
    Courier(context).run_due()
    with pytest.raises(Conflict, match="disable"):
        audit.erase_person(context, SYSTEM, NAME)
    departures.leave(context, SYSTEM, NAME)
    audit.seal_audit(context)
    done = audit.erase_person(context, SYSTEM, NAME)
    assert done.rows > 10
    assert done.variables == 0
    tables = read_everything(muster)
    assert [name for name, text in tables.items() if NAME in text or DISPLAYED in text or "ouyang@" in text] == []
    assert done.pseudonym in tables["hand_off"]
    assert f"@{done.pseudonym} 请看；{done.pseudonym}已知" in tables["comment"]
    assert verify_audit(context).problems == ()
    told = muster.admin.get(f"/api/user-tasks/{draft}/hand-offs").get_json()["items"]
    assert {one["actor"] for one in told} == {done.pseudonym, "lin", "he"}


def test_whoever_holds_tasks_leaves_first_and_variables_are_only_told(quick: Installation) -> None:
    quick.admin.deploy("two_units.bpmn")
    start(quick.person("lin"), "上报", {"checked_by": "he"})
    task = find_task(quick.person("he"))["userTaskKey"]
    assert quick.person("he").post(f"/v2/user-tasks/{task}/assignment", {"assignee": "he"}).status_code == 204
    identity.disable_user(quick.context, SYSTEM, "he")
    with pytest.raises(Conflict, match="muster user leave"):
        audit.erase_person(quick.context, SYSTEM, "he")
    departures.leave(quick.context, SYSTEM, "he")
    assert audit.erase_person(quick.context, SYSTEM, "he").variables == 1
