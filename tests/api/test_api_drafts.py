"""Drafts are one's own, survive what does not fit the form, and go with the task; forms as JSON Schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api_callers import check_problem, find_task, start

from server.service import drafts

if TYPE_CHECKING:
    from api_callers import Installation


def draft_path(muster: Installation) -> str:
    assert muster.admin.deploy("two_units.bpmn").status_code == 200
    start(muster.admin, "上报")
    return f"/api/user-tasks/{find_task(muster.person('lin'))['userTaskKey']}/draft"


def test_a_draft_is_kept_replaced_and_thrown_away(muster: Installation) -> None:
    path, lin = draft_path(muster), muster.person("lin")
    check_problem(lin.get(path), 404)
    typed = {"variables": {"note": "半句", "rows": [{"a": None}], "undeclared": 1}}
    assert lin.send("PUT", path, json=typed).get_json()["variables"] == typed["variables"]
    muster.clock.advance(minutes=3)
    assert lin.send("PUT", path, json={"variables": {}}).status_code == 200
    kept = lin.get(path).get_json()
    assert kept["variables"] == {}
    assert kept["updatedAt"] > "2026"
    assert lin.send("DELETE", path).status_code == 204
    check_problem(lin.get(path), 404)


def test_a_draft_is_nobody_elses(muster: Installation) -> None:
    path, lin, he = draft_path(muster), muster.person("lin"), muster.person("he")
    lin.send("PUT", path, json={"variables": {"note": "mine"}})
    check_problem(he.get(path), 404)
    assert he.send("PUT", path, json={"variables": {"note": "his"}}).status_code == 200
    assert lin.get(path).get_json()["variables"] == {"note": "mine"}
    check_problem(muster.person("wu").get(path), 404)
    check_problem(muster.person("wu").send("PUT", path, json={"variables": {}}), 404)
    check_problem(muster.nobody.get(path), 401)


def test_drafts_go_with_their_task(muster: Installation) -> None:
    path, lin = draft_path(muster), muster.person("lin")
    lin.send("PUT", path, json={"variables": {"note": "x"}})
    assert drafts.remove_drafts_of_ended_tasks(muster.context) == 0
    assert lin.post(path.replace("/api", "/v2").replace("draft", "completion"), {"variables": {}}).status_code == 204
    check_problem(lin.send("PUT", path, json={"variables": {}}), 409)
    assert drafts.remove_drafts_of_ended_tasks(muster.context) == 1
    check_problem(lin.get(path), 404)


def test_what_no_database_can_hold_is_refused(muster: Installation) -> None:
    path, lin = draft_path(muster), muster.person("lin")
    for body in ({"variables": {"x": "\x00"}}, {"variables": [1]}, {}, {"variables": {}, "more": 1}):
        check_problem(lin.send("PUT", path, json=body), 400)


def test_a_form_as_json_schema(muster: Installation) -> None:
    muster.admin.deploy("errand.bpmn", "check.form")
    key = start(muster.admin, "errand", {"place": "north"})
    wanted = {"type": "fetch", "timeout": 1000, "maxJobsToActivate": 1, "worker": "w"}
    jobs = muster.admin.post("/v2/jobs/activation", wanted)
    job = jobs.get_json()["jobs"][0]["jobKey"]
    muster.admin.post(f"/v2/jobs/{job}/error", {"errorCode": "CLOSED"})
    task = find_task(muster.admin, processInstanceKey=key)["userTaskKey"]
    schema = muster.admin.get(f"/api/user-tasks/{task}/form.schema.json").get_json()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["type"] == "object"
    check_problem(muster.person("wu").get(f"/api/user-tasks/{task}/form.schema.json"), 404)


def test_a_task_without_a_form_has_no_schema(muster: Installation) -> None:
    assert muster.admin.get(draft_path(muster).replace("draft", "form.schema.json")).status_code == 204
