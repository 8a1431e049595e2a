"""ETags and `If-Match`: a change does not undo another one that its sender has not seen."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from api_callers import check_problem, find_task, start

from server.access import SYSTEM, Scopes
from server.service import identity
from server.service.preconditions import make_tag

if TYPE_CHECKING:
    from collections.abc import Callable

    from api_callers import Caller, Installation

CALENDAR = "date,kind,name,status\n2031-01-01,rest,元旦,official\n"


@pytest.fixture
def town(muster: Installation) -> Installation:
    assert muster.admin.deploy("two_units.bpmn").status_code == 200
    start(muster.person("lin"), "上报", {"remark": "x"})
    identity.add_client(muster.context, SYSTEM, "robot", scopes=Scopes(start=frozenset("abcdefgh")))
    return muster


def task_path(town: Installation) -> str:
    return f"/v2/user-tasks/{find_task(town.person('lin'))['userTaskKey']}"


EDITS: dict[str, tuple[str, Callable[[Installation], str], Callable[[int], tuple[str, Any]]]] = {
    "a task": ("admin", task_path, lambda n: ("PATCH", {"changeset": {"priority": n}})),
    "a draft": (
        "lin",
        lambda town: f"{task_path(town).replace('/v2', '/api')}/draft",
        lambda n: ("PUT", {"variables": {"n": n}}),
    ),
    "a person": ("admin", lambda _: "/api/users/he", lambda n: ("PATCH", {"displayName": f"He {n}"})),
    "a client": ("admin", lambda _: "/api/clients/robot", lambda n: ("PATCH", {"scopes": {"start": [f"p{n}"]}})),
}


@pytest.mark.parametrize("record", EDITS)
def test_who_has_not_seen_the_present_state_is_refused(town: Installation, record: str) -> None:
    name, find_path, edit = EDITS[record]
    caller, path = town.person(name), find_path(town)

    def change(number: int, **headers: str) -> Any:
        method, body = edit(number)
        return caller.send(
            method, path, json=body, headers={key.replace("_", "-"): value for key, value in headers.items()}
        )

    assert change(1).status_code in {200, 204}, "nothing is asked: as before"
    seen = caller.get(path).headers["ETag"]
    assert caller.get(path).headers["ETag"] == seen
    assert change(2, If_Match=seen).status_code in {200, 204}
    present = caller.get(path).headers["ETag"]
    assert present != seen
    before = caller.get(path).get_json()
    refused = change(3, If_Match=seen)
    check_problem(refused, 412, "PRECONDITION_FAILED")
    assert refused.headers["ETag"] == present
    check_problem(change(3, If_Match=f"W/{present}"), 412)
    check_problem(change(3, If_Match='"nothing"'), 412)
    assert caller.get(path).get_json() == before
    assert change(3, If_Match=f'"nothing", {present}').status_code in {200, 204}
    assert change(4, If_Match="*").status_code in {200, 204}


def test_of_many_who_saw_the_same_one_changes_it(town: Installation) -> None:
    for record in ("a task", "a person"):
        name, find_path, edit = EDITS[record]
        caller, path = town.person(name), find_path(town)
        seen = {"If-Match": caller.get(path).headers["ETag"]}

        def change(number: int, caller: Caller = caller, path: str = path, seen: dict[str, str] = seen) -> int:
            method, body = edit(number + 10)  # noqa: B023 - used within the turn
            return caller.send(method, path, json=body, headers=seen).status_code

        with ThreadPoolExecutor(4) as pool:
            statuses = sorted(pool.map(change, range(4)))
        assert [one for one in statuses if one < 300] in ([200], [204]), record
        assert set(statuses[1:]) <= {412, 409}


def test_drafts_of_two_windows(town: Installation) -> None:
    lin = town.person("lin")
    path = f"{task_path(town).replace('/v2', '/api')}/draft"
    body = {"variables": {"n": 1}}
    check_problem(lin.send("PUT", path, json=body, headers={"If-Match": "*"}), 412)
    first = lin.send("PUT", path, json=body, headers={"If-None-Match": "*"})
    assert first.status_code == 200
    assert first.headers["ETag"] == lin.get(path).headers["ETag"]
    check_problem(lin.send("PUT", path, json=body, headers={"If-None-Match": "*"}), 412)
    check_problem(lin.send("DELETE", path, headers={"If-Match": '"other"'}), 412)
    assert lin.send("DELETE", path, headers={"If-Match": first.headers["ETag"]}).status_code == 204


def test_a_task_that_was_claimed_meanwhile(town: Installation) -> None:
    path = task_path(town)
    seen = town.admin.get(path).headers["ETag"]
    town.person("lin").post(f"{path}/assignment", {"assignee": "lin"})
    body = {"changeset": {"candidateGroups": ["desk@south"]}}
    check_problem(town.admin.send("PATCH", path, json=body, headers={"If-Match": seen}), 412)


def test_the_calendar(town: Installation) -> None:
    days = "/api/calendar/days?year=2031"
    seen = town.admin.get(days).headers["ETag"]
    body = {"content": CALENDAR}
    assert town.admin.post("/api/calendar/import", body, headers={"If-Match": seen}).status_code == 200
    assert town.admin.get(days).headers["ETag"] != seen
    check_problem(town.admin.post("/api/calendar/import", body, headers={"If-Match": seen}), 412)


def test_a_tag_does_not_depend_on_the_order_of_sets_and_objects() -> None:
    names = [f"name{number}" for number in range(50)]
    assert make_tag(Scopes(start=frozenset(names))) == make_tag(Scopes(start=frozenset(names[::-1])))
    assert make_tag({"a": 1, "b": 2}) == make_tag({"b": 2, "a": 1})
    assert make_tag({"a": 1}) != make_tag({"a": 1.5})
