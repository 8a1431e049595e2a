"""People, managed by administrators over the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from api_callers import check_problem

from server.access import SYSTEM
from server.service import departures

if TYPE_CHECKING:
    from api_callers import Installation

USERS = "/api/users"
ME = "/v2/authentication/me"


def test_a_person_is_added_changed_and_shut_out(muster: Installation) -> None:
    made = muster.admin.post(USERS, {"username": "yu", "displayName": "余芳", "groups": ["desk@south"]})
    assert made.status_code == 201
    assert made.get_json()["hasPassword"] is False
    yu = muster.person("yu")
    changes = {"displayName": " 余芳芳 ", "groups": ["desk@north", "desk@north"], "admin": True}
    changed = muster.admin.send("PATCH", f"{USERS}/yu", json=changes).get_json()
    assert (changed["displayName"], changed["groups"], changed["admin"]) == ("余芳芳", ["desk@north"], True)
    assert (yu.get(ME).get_json()["groups"], yu.get(USERS).status_code) == (["desk@north"], 200)
    assert muster.admin.send("PATCH", f"{USERS}/yu", json={"disabled": True}).get_json()["disabled"]
    check_problem(yu.get(ME), 401)
    assert muster.admin.send("PATCH", f"{USERS}/yu", json={}).get_json()["disabled"]
    listed = {one["username"]: one for one in muster.admin.get(USERS).get_json()["items"]}
    assert set(listed) == {"admin", "he", "lin", "wu", "yu", "zhao"}
    assert listed["zhao"]["groups"] == ["desk_lead@north"]
    assert "password" not in str(listed).lower().replace("haspassword", "")


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "", {}, 400),
        ("POST", "", {"username": "a b"}, 400),
        ("POST", "", {"username": "yu", "password": "short"}, 400),
        ("POST", "", {"username": "yu", "groups": ["a b"]}, 400),
        ("POST", "", {"username": "lin"}, 409),
        ("PATCH", "/lin", {"groups": ["a b"]}, 400),
        ("PATCH", "/lin", {"displayName": " "}, 400),
        ("PATCH", "/lin", {"passwordHash": "x"}, 400),
        ("PATCH", "/ghost", {"admin": True}, 404),
        ("PATCH", "/admin", {"admin": False}, 409),
        ("PATCH", "/admin", {"disabled": True}, 409),
        ("GET", "/ghost", None, 404),
        ("GET", "/a b", None, 404),
    ],
)
def test_what_cannot_be_is_refused(
    quick: Installation, method: str, path: str, body: dict[str, Any] | None, status: int
) -> None:
    before = quick.admin.get(USERS).get_json()
    check_problem(quick.admin.send(method, USERS + path, json=body), status)
    assert quick.admin.get(USERS).get_json() == before


def test_only_administrators_see_and_change_people(quick: Installation) -> None:
    for caller in (quick.person("zhao"), quick.client("robot", read=True, deploy=True)):
        check_problem(caller.get(USERS), 403)
        check_problem(caller.get(f"{USERS}/lin"), 403)
        check_problem(caller.post(USERS, {"username": "yu"}), 403)
        check_problem(caller.send("PATCH", f"{USERS}/zhao", json={"admin": True}), 403)


def test_the_last_administrator_does_not_leave_by_the_calendar(quick: Installation) -> None:
    quick.admin.send("PATCH", f"{USERS}/lin", json={"admin": True})
    quick.admin.post(f"{USERS}/admin/departure", {"at": "2026-03-02T08:00:00Z"})
    quick.admin.send("PATCH", f"{USERS}/lin", json={"admin": False})
    quick.clock.advance(days=2)
    departures.carry_out_departures(quick.context)
    with quick.context.store.reading() as reading:
        account = reading.user_account("admin")
    assert account is not None
    assert account.admin
    assert not account.disabled
    assert account.leaves_at is None, "so that somebody can still sign in"
    departures.leave(quick.context, SYSTEM, "lin")
