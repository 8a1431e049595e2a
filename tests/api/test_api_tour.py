"""The main road: deploy, start, find, fill in, complete, over HTTP on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api_callers import check_problem, find_task, start

if TYPE_CHECKING:
    from api_callers import Installation


def test_from_deployment_to_end(muster: Installation) -> None:
    admin, lin = muster.admin, muster.person("lin")
    deployed = admin.deploy("errand.bpmn", "check.form").get_json()
    process = deployed["deployments"][0]["processDefinition"]
    assert (process["processDefinitionId"], process["processDefinitionVersion"]) == ("errand", 1)
    started = start(admin, "errand", {"place": "west", "size": 2**80})

    job = admin.post("/v2/jobs/activation", {"type": "fetch", "timeout": 60000, "maxJobsToActivate": 5}).get_json()
    assert [(one["customHeaders"], one["variables"]["size"]) for one in job["jobs"]] == [({"colour": "red"}, 2**80)]
    assert admin.post(f"/v2/jobs/{job['jobs'][0]['jobKey']}/completion").status_code == 204
    message = {"name": "reply", "correlationKey": "west", "variables": {"answer": "是"}}
    assert admin.post("/v2/messages/correlation", message).get_json()["processInstanceKey"] == started

    task = find_task(lin)
    assert (task["name"], task["processName"], task["processInstanceKey"]) == ("Check the errand", "Errand", started)
    form = lin.get(f"/v2/user-tasks/{task['userTaskKey']}/form").get_json()
    assert (form["formId"], form["formKey"]) == ("check", task["formKey"])
    completed = lin.post(f"/v2/user-tasks/{task['userTaskKey']}/completion", {"variables": {"verdict": "good"}})
    assert (completed.status_code, completed.data) == (204, b"")

    ended = admin.get(f"/v2/process-instances/{started}").get_json()
    assert (ended["state"], ended["hasIncident"]) == ("COMPLETED", False)
    query = {"filter": {"name": "size", "processInstanceKey": started}}
    found = admin.post("/v2/variables/search", query).get_json()["items"]
    assert [variable["value"] for variable in found] == [str(2**80)]


def test_a_step_is_one_round_trip_when_the_caller_asks_for_the_next_tasks(muster: Installation) -> None:
    muster.admin.deploy("two_units.bpmn")
    lin, wu = muster.person("lin"), muster.person("wu")
    asking = {"Muster-Return": "next-tasks"}
    started = lin.post("/v2/process-instances", {"processDefinitionId": "上报"}, headers=asking).get_json()
    (first,) = started["userTasks"]
    assert (first["elementId"], first["candidateGroups"]) == ("first", ["desk@north"])
    completed = lin.post(f"/v2/user-tasks/{first['userTaskKey']}/completion", headers=asking)
    assert (completed.status_code, completed.get_json()) == (200, {"userTasks": []}), "the second is not lin's to see"
    second = find_task(wu)
    assert second["elementId"] == "second"


def test_data_that_does_not_fit_the_form_changes_nothing(muster: Installation) -> None:
    admin, lin = muster.admin, muster.person("lin")
    admin.deploy("errand.bpmn", "check.form")
    start(admin, "errand", {"place": "west"})
    jobs = admin.post("/v2/jobs/activation", {"type": "fetch", "timeout": 1000, "maxJobsToActivate": 1}).get_json()
    admin.post(f"/v2/jobs/{jobs['jobs'][0]['jobKey']}/error", {"errorCode": "CLOSED"})
    task = find_task(lin)
    path = f"/v2/user-tasks/{task['userTaskKey']}/completion"
    body = check_problem(lin.post(path, {"variables": {"verdict": "ugly", "more": 1}}), 422, "INVALID_ARGUMENT")
    assert {error["pointer"] for error in body["errors"]} == {"/verdict", "/more"}
    english = lin.post(path, {"variables": {"verdict": "ugly"}}, headers={"Accept-Language": "en"}).get_json()
    assert english["errors"][0]["message"].isascii() or "ugly" in english["errors"][0]["message"]
    assert find_task(lin) == task
    assert lin.post(path, {"variables": {"verdict": "bad"}}).status_code == 204
    check_problem(lin.post(path, {"variables": {"verdict": "bad"}}), 409, "INVALID_STATE")
