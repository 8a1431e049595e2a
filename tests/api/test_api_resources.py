"""Deployed files by key, and their deletion: nothing begins with them any more, what runs goes on."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from api_callers import check_problem, find_task, start

from tests.unit.engine.diagrams import diagram, flows, message, message_event, process, user
from tests.unit.engine.diagrams import start as begin

if TYPE_CHECKING:
    from api_callers import Caller, Installation


def version(task: str, event: str) -> bytes:
    """Draw one version of a process with a start by hand and one by a message."""
    parts = (begin(), begin("by_message", message_event("m")), user(task), user("other"))
    paths = flows(f"start -> {task}", "by_message -> other")
    return diagram(message("m", event), process("p", *parts, paths))


def deploy(caller: Caller, content: bytes) -> str:
    deployed = caller.deploy_diagrams(content).get_json()["deployments"]
    key: str = deployed[0]["processDefinition"]["processDefinitionKey"]
    return key


def versions(caller: Caller, **filters: object) -> list[int]:
    body = {"filter": {"processDefinitionId": "p", **filters}, "sort": [{"field": "version"}]}
    return [one["version"] for one in caller.post("/v2/process-definitions/search", body).get_json()["items"]]


def correlate(caller: Caller, name: str) -> Any:
    return caller.post("/v2/messages/correlation", {"name": name, "correlationKey": ""})


def test_the_version_before_becomes_the_latest_with_its_start_events(muster: Installation) -> None:
    admin = muster.admin
    first, second = deploy(admin, version("one", "früher")), deploy(admin, version("two", "später"))
    running = start(admin, "p")
    answer = admin.post(f"/v2/resources/{second}/deletion", {})
    assert answer.get_json() == {"resourceKey": second, "batchOperation": None}
    assert versions(admin) == versions(admin, isLatestVersion=True) == [1]
    task = find_task(admin, processInstanceKey=running)
    assert task["elementId"] == "two", "what runs goes on"
    assert admin.post(f"/v2/user-tasks/{task['userTaskKey']}/completion", {}).status_code == 204
    assert find_task(admin, processInstanceKey=start(admin, "p"))["elementId"] == "one"
    check_problem(admin.post("/v2/process-instances", {"processDefinitionKey": second}), 404)
    check_problem(correlate(admin, "später"), 404)
    assert correlate(admin, "früher").get_json()["processInstanceKey"]
    assert deploy(admin, version("two", "später")) != second
    assert versions(admin) == [1, 3], "numbers are never used again"
    assert admin.get(f"/v2/process-definitions/{first}").status_code == 200


def test_without_any_version_nothing_begins(quick: Installation) -> None:
    admin = quick.admin
    key = deploy(admin, version("one", "früher"))
    assert admin.post(f"/v2/resources/{key}/deletion").status_code == 200
    check_problem(admin.post("/v2/process-instances", {"processDefinitionId": "p"}), 404)
    check_problem(correlate(admin, "früher"), 404)
    for path in ("", "/content", "/content/binary"):
        check_problem(admin.get(f"/v2/resources/{key}{path}"), 404)
    check_problem(admin.post(f"/v2/resources/{key}/deletion"), 404)
    logs = admin.post("/v2/audit-logs/search", {"filter": {"entityKey": key}}).get_json()["items"]
    assert [one["operationType"] for one in logs] == ["DELETE"]


def test_files_are_told_and_given_as_deployed(quick: Installation) -> None:
    admin, content = quick.admin, version("one", "früher")
    key = deploy(admin, content)
    assert admin.get(f"/v2/resources/{key}").get_json() == {
        "resourceKey": key,
        "resourceId": "p",
        "resourceName": "diagram_0.bpmn",
        "version": 1,
        "versionTag": None,
        "tenantId": "<default>",
    }
    assert admin.get(f"/v2/resources/{key}/content").data == content
    binary = admin.get(f"/v2/resources/{key}/content/binary")
    assert (binary.data, binary.mimetype) == (content, "application/octet-stream")


def test_decisions_go_as_the_file_they_came_in(quick: Installation) -> None:
    admin = quick.admin
    model = "https://www.omg.org/spec/DMN/20191111/MODEL/"
    decision = "".join(
        f'<decision id="{name}" name="{name}"><literalExpression><text>1</text></literalExpression></decision>'
        for name in ("a", "b")
    )
    content = f'<definitions xmlns="{model}" id="both" name="Both" namespace="n">{decision}</definitions>'.encode()
    data = {"resources": [(io.BytesIO(content), "both.dmn")]}
    assert admin.send("POST", "/v2/deployments", data=data, content_type="multipart/form-data").status_code == 200
    found = admin.post("/v2/decision-definitions/search", {}).get_json()["items"]
    (key,) = {one["decisionRequirementsKey"] for one in found}
    assert admin.get(f"/v2/resources/{key}").get_json()["resourceId"] == "both"
    assert admin.post(f"/v2/resources/{key}/deletion", {"deleteHistory": False}).status_code == 200
    assert admin.post("/v2/decision-definitions/search", {}).get_json()["items"] == []
    for body in ({"decisionDefinitionId": "a"}, {"decisionDefinitionKey": found[0]["decisionDefinitionKey"]}):
        check_problem(admin.post("/v2/decision-definitions/evaluation", body), 404)


def test_who_may_not_deploy_may_not_delete(quick: Installation) -> None:
    key = deploy(quick.admin, version("one", "früher"))
    check_problem(quick.person("wu").post(f"/v2/resources/{key}/deletion"), 403)
    check_problem(quick.client("nothing").post(f"/v2/resources/{key}/deletion"), 404)
    check_problem(quick.admin.post(f"/v2/resources/{key}/deletion", {"deleteHistory": True}), 400)
    assert versions(quick.admin) == [1]
    deployer = quick.client("deploying", deploy=True)
    assert deployer.post(f"/v2/resources/{key}/deletion").status_code == 200
