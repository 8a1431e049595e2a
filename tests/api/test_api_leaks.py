"""Nobody learns of what is not theirs: not by key, search, filter, sort order, cursor, total or error message.

The table is generated: every search and every key of the OpenAPI document, for every kind of person who has nothing to
do with a case. What they are answered must be what they were answered before the case existed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from api_callers import check_problem, find_task, start
from file_examples import upload_key
from test_api_problems import make_operation

from server.access import SYSTEM, Scopes
from server.service import identity

if TYPE_CHECKING:
    from api_callers import Caller, Installation
    from werkzeug.test import TestResponse

MARK = "Markworthy"
PRIVILEGED = 403
STRANGERS = ("wu", "bai", "limited", "starter", "worker", "tasker", "operator", "nothing")


@dataclass(frozen=True)
class Case:
    """A case of the desk of the north, with all that hangs on it."""

    muster: Installation
    keys: dict[str, str]
    callers: dict[str, Caller]
    before: dict[tuple[str, str], Any]


def call_as_strangers(muster: Installation) -> dict[str, Caller]:
    """Give people and programs that have nothing to do with the case."""
    identity.add_user(muster.context, SYSTEM, "bai", None, groups=["desk_lead@south", "street_lead@south"])
    identity.add_user(muster.context, SYSTEM, "chef", None, admin=True)
    token = identity.add_token(muster.context, SYSTEM, "chef", scopes=Scopes(jobs=frozenset({"other"})))
    return {
        "wu": muster.person("wu"),
        "bai": muster.person("bai"),
        "limited": type(muster.nobody)(muster.app, {"Authorization": f"Bearer {token}"}),
        "starter": muster.client("starter", start={"other"}),
        "worker": muster.client("worker", jobs={"other"}),
        "tasker": muster.client("tasker", tasks={"other"}),
        "operator": muster.client("operator", operate={"other"}),
        "nothing": muster.client("nothing"),
    }


def searches(muster: Installation) -> dict[str, dict[str, Any]]:
    """Return the searches of the API: path → the names that can be filtered and sorted by."""
    document = muster.read_document()
    schemas = document["components"]["schemas"]

    def follow(schema: dict[str, Any]) -> dict[str, Any]:
        if "anyOf" in schema:
            schema = schema["anyOf"][0]
        if "allOf" in schema:
            schema = schema["allOf"][0]
        return follow(schemas[schema["$ref"].rpartition("/")[2]]) if "$ref" in schema else schema

    found = {}
    for path, item in document["paths"].items():
        if path.endswith("/search"):
            body = follow(item["post"]["requestBody"]["content"]["application/json"]["schema"])["properties"]
            sort = follow(body["sort"]["items"] if "items" in body["sort"] else follow(body["sort"])["items"])
            filters = follow(body["filter"])["properties"]
            found[path] = {"filters": filters, "sorts": sort["properties"]["field"]["enum"]}
    return found


@pytest.fixture
def case(quick: Installation) -> Case:
    muster = quick
    muster.admin.deploy("two_units.bpmn", "errand.bpmn", "check.form")
    callers = call_as_strangers(muster)
    paths = [path for path in searches(muster) if "{" not in path]
    before = {(name, path): outline(callers[name].post(path, {})) for name in STRANGERS for path in paths}
    lin = muster.person("lin")
    key = start(lin, "上报", {"remark": MARK})
    errand = start(muster.admin, "errand", {"place": MARK, "colour": MARK})
    task = find_task(lin, processInstanceKey=key)
    lin.send("PUT", f"/api/user-tasks/{task['userTaskKey']}/draft", json={"variables": {"x": MARK}})
    keys = {"instance": key, "task": task["userTaskKey"], "element": task["elementInstanceKey"], "errand": errand}
    keys["attachment"] = upload_key(lin)
    for noun, name in (("variables", "variableKey"), ("jobs", "jobKey"), ("incidents", "incidentKey")):
        items = muster.admin.post(f"/v2/{noun}/search", {}).get_json()["items"]
        if items:
            keys[noun] = items[0][name]
    return Case(muster, keys, callers, before)


def outline(answer: TestResponse) -> Any:
    """Return the part of an answer that could tell something."""
    if answer.status_code >= 400:
        problem = answer.get_json()
        return answer.status_code, problem["title"], re.sub(r"[0-9]{6,}", "KEY", problem["detail"])
    return answer.status_code, answer.get_json() if answer.data else None


@pytest.mark.parametrize("stranger", STRANGERS)
def test_searches_answer_as_if_the_case_did_not_exist(case: Case, stranger: str) -> None:
    caller = case.callers[stranger]
    tried = 0
    for path, known in searches(case.muster).items():
        if "{" in path:
            continue
        expected = case.before[stranger, path]
        assert outline(caller.post(path, {})) == expected, path
        for name in known["sorts"]:
            for order in ("ASC", "DESC"):
                body = {"sort": [{"field": name, "order": order}], "page": {"limit": 1}}
                answer = caller.post(path, body)
                assert answer.status_code == expected[0], (path, body)
                assert MARK not in answer.get_data(as_text=True), (path, body)
                if answer.status_code == 200:
                    assert answer.get_json()["page"]["totalItems"] == expected[1]["page"]["totalItems"], (path, body)
                tried += 1
        for name in known["filters"]:
            values = (MARK, case.keys["instance"], case.keys["task"], {"$exists": True}, {"$like": f"{MARK[:4]}*"})
            for value in values:
                answer = caller.post(path, {"filter": {name: value}})
                if answer.status_code == 400:
                    continue
                tried += 1
                assert outline(answer)[:1] == expected[:1], (path, name, value)
                assert MARK not in answer.get_data(as_text=True), (path, name, value)
                if answer.status_code == 200:
                    known_items = [str(item) for item in expected[1]["items"]]
                    page = answer.get_json()
                    assert all(str(item) in known_items for item in page["items"]), (path, name, value)
                    assert page["page"]["totalItems"] <= expected[1]["page"]["totalItems"], (path, name, value)
    assert tried > 100


@pytest.mark.parametrize("stranger", STRANGERS)
def test_cursors_of_others_open_nothing(case: Case, stranger: str) -> None:
    caller = case.callers[stranger]
    for path in searches(case.muster):
        if "{" in path:
            continue
        page = case.muster.admin.post(path, {"page": {"limit": 1}}).get_json()["page"]
        for way, cursor in (("after", page["startCursor"]), ("before", page["endCursor"])):
            if cursor is None:
                continue
            answer = caller.post(path, {"page": {way: cursor}})
            assert answer.status_code in {200, PRIVILEGED, 400}, path
            assert MARK not in answer.get_data(as_text=True)
            if answer.status_code == 200:
                expected = case.before[stranger, path][1]
                assert answer.get_json()["page"]["totalItems"] == expected["page"]["totalItems"], path


@pytest.mark.parametrize("stranger", ["wu", "limited", "worker"])
def test_keys_of_others_are_keys_of_nothing(case: Case, stranger: str) -> None:
    """Every operation with a key answers alike for a key of the case, and for one that nobody ever handed out."""
    document = case.muster.read_document()
    caller, tried = case.callers[stranger], 0
    for path, item in document["paths"].items():
        for method, described in item.items():
            if "{key}" not in path or method == "parameters":
                continue
            operation = make_operation(method.upper(), path, described, document["components"]["schemas"])
            unknown = outline(operation.send(caller, "9876543210123"))
            for key in case.keys.values():
                answer = operation.send(caller, key)
                assert answer.status_code >= 400, (method, path, answer.get_data(as_text=True))
                assert outline(answer) == unknown, (method, path)
                assert MARK not in answer.get_data(as_text=True), (method, path)
                tried += 1
    assert tried > 100


def test_the_case_is_there_for_whom_it_concerns(case: Case) -> None:
    """So that the tests above do not look at nothing."""
    lin = case.muster.person("lin")
    assert lin.get(f"/v2/user-tasks/{case.keys['task']}").status_code == 200
    assert MARK in case.muster.admin.post("/v2/variables/search", {}).get_data(as_text=True)
    assert MARK in lin.get(f"/api/user-tasks/{case.keys['task']}/draft").get_data(as_text=True)
    check_problem(case.muster.person("he").get(f"/api/user-tasks/{case.keys['task']}/draft"), 404)
    assert len(case.keys) >= 7
    assert len([path for path in searches(case.muster) if "{" not in path]) >= 8
