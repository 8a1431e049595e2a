"""Absence and departure: substitutes do what falls to the absent, and whoever leaves leaves nothing behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from api_callers import START, check_problem, find_task, start

from server.access import SYSTEM
from server.errors import AlreadyExists, Conflict
from server.governance.organisation import Organisation, Person
from server.model import Query, Unit
from server.service import absences, departures, identity, organisation, tokens
from server.worker import Worker

if TYPE_CHECKING:
    from api_callers import Installation

SUBSTITUTIONS = "/api/substitutions"
SEARCH = "/v2/user-tasks/search"
OPEN = {"filter": {"state": "CREATED"}}
ME = "/v2/authentication/me"
WEEK = {"beginsAt": "2026-03-02T00:00:00Z", "endsAt": "2026-03-09T00:00:00Z"}


def read_audit(muster: Installation) -> list[tuple[str, str, str | None]]:
    with muster.context.store.reading() as reading:
        return [(one.actor, one.operation, one.acting_for) for one in reading.search_audit(Query()).items]


def stand_in(muster: Installation, **changes: Any) -> str:
    body = {"absent": "lin", "substitute": "wu", **WEEK, **changes}
    answer = muster.admin.post(SUBSTITUTIONS, body)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return str(answer.get_json()["substitutionKey"])


def test_a_substitute_does_the_work_of_the_absent_while_it_lasts(muster: Installation) -> None:
    muster.admin.deploy("inspection.bpmn")
    wu = muster.person("wu")
    for _ in range(2):
        start(muster.admin, "inspection")
    held, free = [one["userTaskKey"] for one in muster.admin.post(SEARCH, OPEN).get_json()["items"]]
    muster.person("lin").post(f"/v2/user-tasks/{held}/assignment", {"assignee": "lin"})
    stand_in(muster)
    assert wu.post(SEARCH, OPEN).get_json()["page"]["totalItems"] == 0, "not yet"
    check_problem(wu.get(f"/v2/user-tasks/{held}"), 404)
    muster.clock.advance(days=2)
    found = wu.post(SEARCH, OPEN).get_json()["items"]
    assert {one["userTaskKey"] for one in found} == {held, free}
    assert wu.post(f"/v2/user-tasks/{free}/assignment", {"assignee": "wu"}).status_code == 204
    assert wu.post(f"/v2/user-tasks/{held}/completion", {}).status_code == 204
    assert read_audit(muster)[-2:] == [("wu", "ASSIGN", "lin"), ("wu", "COMPLETE", "lin")]
    muster.clock.advance(days=7)
    assert [one["userTaskKey"] for one in wu.post(SEARCH, OPEN).get_json()["items"]] == [free], "their own since then"
    absences.remove_ended_substitutions(muster.context)
    assert muster.admin.get(SUBSTITUTIONS).get_json()["items"] == []


def test_a_substitute_for_a_role_gets_that_role_only(muster: Installation) -> None:
    identity.set_groups(muster.context, SYSTEM, "lin", ["desk@north", "desk_lead@north"])
    muster.admin.deploy("inspection.bpmn")
    start(muster.admin, "inspection")
    stand_in(muster, groups=["desk_lead@north"])
    stand_in(muster, substitute="zhao", groups=["desk@north"])
    muster.clock.advance(days=2)
    wu = muster.person("wu")
    assert wu.post(SEARCH, OPEN).get_json()["items"] == [], "leading is not handed on"
    task = find_task(muster.person("zhao"))
    assert muster.person("zhao").post(f"/v2/user-tasks/{task['userTaskKey']}/completion", {}).status_code == 204
    assert read_audit(muster)[-1] == ("zhao", "COMPLETE", "lin")


def test_who_says_who_stands_in(quick: Installation) -> None:
    body = {"absent": "lin", "substitute": "he", **WEEK}
    lin = quick.person("lin")
    made = lin.post(SUBSTITUTIONS, body)
    assert made.status_code == 201
    assert quick.person("zhao").post(SUBSTITUTIONS, body).status_code == 201, "the lead of the unit"
    check_problem(quick.person("he").post(SUBSTITUTIONS, body), 403)
    check_problem(quick.person("wu").post(SUBSTITUTIONS, body), 403)
    check_problem(quick.client("robot", read=True, start={"*"}).post(SUBSTITUTIONS, body), 403)
    check_problem(quick.client("reader", read=True).get(SUBSTITUTIONS), 403)
    check_problem(lin.post(SUBSTITUTIONS, {**body, "substitute": "wu"}), 403)
    key = made.get_json()["substitutionKey"]
    assert len(quick.person("he").get(SUBSTITUTIONS).get_json()["items"]) == 2
    assert quick.person("wu").get(SUBSTITUTIONS).get_json()["items"] == []
    check_problem(quick.person("he").send("DELETE", f"{SUBSTITUTIONS}/{key}"), 404)
    assert lin.send("DELETE", f"{SUBSTITUTIONS}/{key}").status_code == 204
    check_problem(lin.send("DELETE", f"{SUBSTITUTIONS}/{key}"), 404)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"substitute": "lin"}, 400),
        ({"substitute": "ghost"}, 404),
        ({"absent": "ghost"}, 404),
        ({"absent": "a b"}, 404),
        ({"endsAt": WEEK["beginsAt"]}, 400),
        ({"beginsAt": "2026-02-01T00:00:00Z", "endsAt": "2026-02-02T00:00:00Z"}, 400),
        ({"endsAt": "2028-03-09T00:00:00Z"}, 400),
        ({"groups": ["desk@south"]}, 400),
        ({"groups": []}, 400),
        ({"beginsAt": "soon"}, 400),
    ],
)
def test_an_unusable_absence_is_refused(quick: Installation, changes: dict[str, Any], status: int) -> None:
    check_problem(quick.admin.post(SUBSTITUTIONS, {"absent": "lin", "substitute": "he", **WEEK, **changes}), status)


def test_whoever_leaves_leaves_nothing_behind(muster: Installation) -> None:
    muster.admin.deploy("inspection.bpmn")
    start(muster.admin, "inspection")
    lin, he = muster.person("lin"), muster.person("he")
    key = find_task(lin)["userTaskKey"]
    lin.post(f"/v2/user-tasks/{key}/assignment", {"assignee": "lin"})
    stand_in(muster)
    assert muster.admin.post("/api/users/lin/departure", {}).get_json() == {"returnedTasks": 1}
    check_problem(lin.get(ME), 401)
    assert find_task(he)["assignee"] is None
    assert he.post(f"/v2/user-tasks/{key}/completion", {}).status_code == 204
    assert muster.admin.get(SUBSTITUTIONS).get_json()["items"] == []
    assert ("admin", "LEAVE", None) in read_audit(muster)
    assert ("system", "UNASSIGN", None) in read_audit(muster)
    with muster.context.store.reading() as reading:
        assert reading.groups_of("lin") == reading.tokens_of("lin") == ()
    identity.disable_user(muster.context, SYSTEM, "lin", disabled=False)
    muster.tokens.pop("lin")
    assert muster.person("lin").get(ME).get_json()["groups"] == [], "back, with nothing"


def test_leaving_at_a_date_counts_to_the_second_and_the_worker_tidies_up(muster: Installation) -> None:
    muster.admin.deploy("inspection.bpmn")
    start(muster.admin, "inspection")
    lin, he = muster.person("lin"), muster.person("he")
    lin.post(f"/v2/user-tasks/{find_task(lin)['userTaskKey']}/assignment", {"assignee": "lin"})
    planned = muster.admin.post("/api/users/lin/departure", {"at": "2026-03-02T08:00:00Z"})
    assert planned.get_json() == {"returnedTasks": 0}
    worker = Worker(muster.context)
    worker.run_due()
    muster.clock.advance(hours=23, minutes=59)
    assert lin.get(ME).status_code == 200
    muster.clock.advance(minutes=1)
    check_problem(lin.get(ME), 401)
    worker.run_due()
    assert find_task(he)["assignee"] is None
    assert tokens.list_tokens(muster.context, SYSTEM, "lin") == ()


def test_who_may_let_whom_leave(quick: Installation) -> None:
    check_problem(quick.person("zhao").post("/api/users/lin/departure", {}), 403)
    check_problem(quick.admin.post("/api/users/ghost/departure", {}), 404)
    check_problem(quick.admin.post("/api/users/admin/departure", {}), 409)
    with pytest.raises(Conflict, match="last administrator"):
        departures.leave(quick.context, SYSTEM, "admin", START)


def test_the_files_are_compared_before_they_are_brought_in(muster: Installation) -> None:
    first = Organisation(
        units={"area": Unit("area", "区", "district"), "north": Unit("north", "北街道", "street", "area")},
        people={"lin": Person("lin", "林悦", ("desk@north",)), "yu": Person("yu", "余芳", ("desk@north",))},
    )
    expected = [
        "+ unit area", "+ unit north", "? person admin", "? person he", "~ person lin", "? person wu", "+ person yu",
        "+ role yu", "? person zhao",
    ]  # fmt: skip
    told = organisation.compare_with_files(muster.context, SYSTEM, first)
    assert [f"{one.sign} {one.kind} {one.name}" for one in told] == expected
    with muster.context.store.reading() as reading:
        assert reading.units() == ()
    assert organisation.import_organisation(muster.context, SYSTEM, first) == told
    later = Organisation(
        units={"area": Unit("area", "新区", "district")},
        people={"lin": Person("lin", "林悦", ("desk@area",)), "yu": Person("yu", "余芳", ("desk@north",))},
    )
    changes = organisation.import_organisation(muster.context, SYSTEM, later)
    assert [(one.sign, one.name, one.detail) for one in changes if one.sign != "?"] == [
        ("~", "area", "name 区 → 新区"),
        ("+", "lin", "desk@area"),
        ("-", "lin", "desk@north"),
    ]
    assert muster.person("lin").get(ME).get_json()["groups"] == ["desk@area"]
    departures.leave(muster.context, SYSTEM, "yu")
    with pytest.raises(AlreadyExists):
        organisation.import_organisation(muster.context, SYSTEM, later)
