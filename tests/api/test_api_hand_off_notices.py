"""People hear of what others hand to them, name them in, show them or remind them of; whoever acts does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hands import BECAUSE, begin

from server.courier import Courier

if TYPE_CHECKING:
    from api_callers import Installation


def test_people_hear_of_what_is_handed_to_them(muster: Installation) -> None:
    hands = begin(muster)
    key = hands.task("draft")
    hands.claim("lin", key)
    Courier(muster.context).run_due()

    def heard(name: str) -> list[str]:
        Courier(muster.context).run_due()
        caller = hands.person(name)
        items = caller.get("/api/notifications?unread=true").get_json()["items"]
        caller.post("/api/notifications/read", {})
        return [one["type"] for one in items]

    for name in ("lin", "he", "wu", "zhao"):
        heard(name)
    hands.do("lin", key, "delegation", assignee="wu", **BECAUSE)
    assert heard("wu") == ["TASK_ASSIGNED"]
    hands.do("wu", key, "hand-back")
    assert heard("lin") == ["TASK_ASSIGNED"]
    hands.do("lin", key, "copies", recipients=["zhao"])
    assert heard("zhao") == ["COPIED"]
    hands.do("lin", key, "comments", text="look, @he and @lin")
    assert heard("he") == ["MENTIONED"]
    hands.do("zhao", key, "reminder")
    assert heard("lin") == ["REMINDED"]
    hands.do("lin", key, "co-signers", names=["he"], **BECAUSE)
    assert heard("he") == ["TASK_ASSIGNED"]
    hands.do("lin", key, "transfer", group="desk@south", **BECAUSE)
    assert heard("wu") == ["TASK_ASSIGNED"]
    path = f"/api/process-instances/{hands.instance}/copies"
    assert hands.person("lin").post(path, {"recipients": ["he"]}).status_code == 200
    assert heard("he") == ["COPIED"]
    assert heard("zhao") == []
