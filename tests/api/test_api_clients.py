"""Clients and personal tokens, managed over the API: secrets are shown once, and scopes count at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from api_callers import Caller, check_problem, find_task, start

from server.access import SYSTEM
from server.service import identity

if TYPE_CHECKING:
    from api_callers import Installation

CLIENTS = "/api/clients"
TOKENS = "/api/tokens"
ME = "/v2/authentication/me"


def fetch_token(muster: Installation, secret: dict[str, str]) -> Caller:
    form = {
        "grant_type": "client_credentials",
        "client_id": secret["clientId"],
        "client_secret": secret["clientSecret"],
    }
    answer = muster.nobody.post("/oauth/token", data=form).get_json()
    return Caller(muster.app, {"Authorization": f"Bearer {answer['access_token']}"})


def test_a_new_client_may_do_nothing_until_it_is_given_a_scope(muster: Installation) -> None:
    muster.admin.deploy("inspection.bpmn")
    made = muster.admin.post(CLIENTS, {"clientId": "robot", "name": "Intake"})
    assert made.status_code == 201
    robot = fetch_token(muster, made.get_json())
    begin = {"processDefinitionId": "inspection"}
    check_problem(robot.post("/v2/process-instances", begin), 403)
    check_problem(robot.post("/v2/messages/publication", {"name": "x"}), 403)
    given = {"start": ["inspection"], "tasks": ["b", "a"], "operate": ["c"]}
    changed = muster.admin.send("PATCH", f"{CLIENTS}/robot", json={"scopes": given})
    nothing = {"jobs": [], "read": False, "deploy": False}
    assert changed.get_json()["scopes"] == {**given, "tasks": ["a", "b"], **nothing}
    assert robot.post("/v2/process-instances", begin).status_code == 200, "counts for the token it has too"
    listed = muster.admin.get(CLIENTS).get_json()["items"]
    assert [(one["clientId"], one["name"], one["revoked"]) for one in listed] == [("robot", "Intake", False)]
    assert made.get_json()["clientSecret"] not in str(listed)


def test_another_secret_ends_the_old_one_and_its_tokens(muster: Installation) -> None:
    old = muster.admin.post(CLIENTS, {"clientId": "robot"}).get_json()
    robot = fetch_token(muster, old)
    new = muster.admin.post(f"{CLIENTS}/robot/secret")
    assert new.status_code == 201
    check_problem(robot.get(ME), 401)
    assert fetch_token(muster, new.get_json()).get(ME).status_code == 200
    form = {"grant_type": "client_credentials", "client_id": "robot", "client_secret": old["clientSecret"]}
    check_problem(muster.nobody.post("/oauth/token", data=form), 401)


def test_a_revoked_client_is_out_until_it_gets_another_secret(quick: Installation) -> None:
    robot = fetch_token(quick, quick.admin.post(CLIENTS, {"clientId": "robot"}).get_json())
    assert quick.admin.send("DELETE", f"{CLIENTS}/robot").status_code == 204
    check_problem(robot.get(ME), 401)
    check_problem(quick.admin.send("DELETE", f"{CLIENTS}/robot"), 409)
    assert quick.admin.get(f"{CLIENTS}/robot").get_json()["revoked"]
    check_problem(quick.admin.post(CLIENTS, {"clientId": "robot"}), 409, "ALREADY_EXISTS")
    again = quick.admin.post(f"{CLIENTS}/robot/secret").get_json()
    assert fetch_token(quick, again).get(ME).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("POST", "", {"clientId": "x"}),
        ("GET", "/robot", None),
        ("PATCH", "/robot", {"scopes": {}}),
        ("POST", "/robot/secret", None),
        ("DELETE", "/robot", None),
    ],
)
def test_only_administrators_manage_clients(
    quick: Installation, method: str, path: str, body: dict[str, object] | None
) -> None:
    identity.add_client(quick.context, SYSTEM, "robot")
    for caller in (quick.person("lin"), quick.client("other", read=True, start={"*"}, deploy=True)):
        check_problem(caller.send(method, CLIENTS + path, json=body), 403)
    if path:
        check_problem(quick.admin.send(method, CLIENTS + path.replace("robot", "ghost"), json=body), 404)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"clientId": "a b"},
        {"clientId": "x", "scopes": {"start": "inspection"}},
        {"clientId": "x", "scopes": {"admin": True}},
        {"clientId": "x", "scopes": {"tasks": True}},
        {"clientId": "x", "scopes": {"start": [""]}},
        {"clientId": "x", "secret": "mine"},
    ],
)
def test_an_unusable_client_is_refused(quick: Installation, body: dict[str, object]) -> None:
    check_problem(quick.admin.post(CLIENTS, body), 400)
    assert quick.admin.get(CLIENTS).get_json()["items"] == []


def make_token(caller: Caller, body: dict[str, object]) -> Caller:
    answer = caller.post(TOKENS, body)
    assert answer.status_code == 201
    return Caller(caller.app, {"Authorization": f"Bearer {answer.get_json()['token']}"})


def test_people_make_see_and_revoke_their_own_tokens(muster: Installation) -> None:
    lin = muster.person("lin")
    laptop = make_token(lin, {"name": "laptop", "days": 7, "scopes": {"tasks": True}})
    assert laptop.get(ME).get_json()["username"] == "lin"
    tokens = {one["name"]: one for one in lin.get(TOKENS).get_json()["items"]}
    assert tokens["laptop"]["scopes"] == {"start": [], "jobs": [], "read": False, "deploy": False, "tasks": True}
    assert tokens["laptop"]["lastUsedAt"] is not None
    assert laptop.headers["Authorization"].removeprefix("Bearer ") not in str(tokens)
    check_problem(muster.person("wu").send("DELETE", f"{TOKENS}/{tokens['laptop']['tokenId']}"), 404)
    assert laptop.get(ME).status_code == 200
    assert lin.send("DELETE", f"{TOKENS}/{tokens['laptop']['tokenId']}").status_code == 204
    check_problem(laptop.get(ME), 401)
    check_problem(lin.send("DELETE", f"{TOKENS}/{tokens['laptop']['tokenId']}"), 404)


def test_administrators_manage_tokens_of_others_and_nobody_else_does(quick: Installation) -> None:
    made = make_token(quick.admin, {"username": "wu"})
    (token,) = quick.admin.get(TOKENS, query_string={"username": "wu"}).get_json()["items"]
    assert (token["username"], token["scopes"]) == ("wu", None)
    check_problem(quick.person("lin").get(TOKENS, query_string={"username": "wu"}), 403)
    check_problem(quick.person("lin").post(TOKENS, {"username": "wu"}), 403)
    check_problem(quick.admin.get(TOKENS, query_string={"username": "ghost"}), 404)
    check_problem(quick.client("robot", read=True).get(TOKENS), 403)
    assert quick.admin.send("DELETE", f"{TOKENS}/{token['tokenId']}").status_code == 204
    check_problem(made.get(ME), 401)


def test_a_limited_token_does_what_it_is_limited_to(muster: Installation) -> None:
    muster.admin.deploy("inspection.bpmn")
    lin = muster.person("lin")
    key = start(lin, "inspection")
    reader = make_token(lin, {"scopes": {"read": True}})
    tasks = make_token(lin, {"scopes": {"tasks": True}})
    starter = make_token(lin, {"scopes": {"start": ["other"]}})
    task = find_task(reader)["userTaskKey"]
    check_problem(reader.post(f"/v2/user-tasks/{task}/assignment", {"assignee": "lin"}), 403)
    check_problem(reader.post("/v2/process-instances", {"processDefinitionId": "inspection"}), 403)
    assert reader.get(f"/v2/process-instances/{key}").status_code == 200
    check_problem(tasks.get(f"/v2/process-instances/{key}"), 404)
    assert tasks.post("/v2/process-instances/search", {}).get_json()["items"] == []
    assert tasks.post(f"/v2/user-tasks/{task}/assignment", {"assignee": "lin"}).status_code == 204
    assert starter.post("/v2/user-tasks/search", {}).get_json()["page"]["totalItems"] == 0
    check_problem(starter.get(f"/v2/user-tasks/{task}"), 404)
    for limited in (reader, tasks, starter):
        check_problem(limited.post(TOKENS, {}), 403)
        check_problem(limited.get(TOKENS), 403)


@pytest.mark.parametrize("body", [{"days": 0}, {"days": 733}, {"name": "x" * 101}, {"scopes": {"manage": True}}])
def test_an_unusable_token_is_refused(quick: Installation, body: dict[str, object]) -> None:
    check_problem(quick.person("lin").post(TOKENS, body), 400)
