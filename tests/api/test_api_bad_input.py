"""What goes wrong from outside: each with its defined answer, a state that stays whole, and a caller who is told."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from api_callers import check_problem
from api_callers import start as start_instance

from tests.unit.engine.diagrams import (
    boundary,
    call,
    catch,
    diagram,
    element,
    extension,
    flows,
    job,
    process,
    repeated,
    script,
    start,
    timer,
    xor,
    zeebe,
)

if TYPE_CHECKING:
    from api_callers import Caller, Installation
    from werkzeug.test import TestResponse


def user(id_: str) -> str:
    return element("userTask", id_, extension(zeebe("userTask")))


def deploy(caller: Caller, *parts: str) -> TestResponse:
    data = {"resources": [(io.BytesIO(diagram(process("p", start(), *parts))), "p.bpmn")]}
    return caller.send("POST", "/v2/deployments", data=data, content_type="multipart/form-data")


def run(caller: Caller, *parts: str, **variables: object) -> str:
    answer = deploy(caller, *parts)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return start_instance(caller, "p", dict(variables))


def incident(caller: Caller) -> dict[str, Any]:
    (found,) = caller.post("/v2/incidents/search", {"filter": {"state": "ACTIVE"}}).get_json()["items"]
    return found


def repair(caller: Caller, key: str, **variables: object) -> None:
    stopped = incident(caller)
    if variables:
        path = f"/v2/element-instances/{key}/variables"
        assert caller.send("PUT", path, json={"variables": variables}).status_code == 204
    assert caller.post(f"/v2/incidents/{stopped['incidentKey']}/resolution").status_code == 204


def open_tasks(caller: Caller) -> list[str]:
    page: dict[str, Any] = caller.post("/v2/user-tasks/search", {"filter": {"state": "CREATED"}}).get_json()
    return sorted({task["elementId"] for task in page["items"]})


def end(caller: Caller, key: str) -> None:
    assert caller.post(f"/v2/process-instances/{key}/cancellation").status_code == 204
    assert caller.get(f"/v2/process-instances/{key}").get_json()["state"] == "TERMINATED"
    active = {"filter": {"state": "ACTIVE"}}
    assert caller.post("/v2/incidents/search", active).get_json()["items"] == []
    assert open_tasks(caller) == []


def test_a_message_nobody_waits_for(muster: Installation) -> None:
    body = {"name": "nobody", "correlationKey": "1"}
    check_problem(muster.admin.post("/v2/messages/correlation", body), 404, "NOT_FOUND")
    assert muster.admin.post("/v2/messages/publication", body).status_code == 200
    assert muster.admin.post("/v2/messages/publication", {**body, "timeToLive": 1000}).status_code == 200


def activate(caller: Caller, type_: str = "work") -> list[str]:
    body = {"type": type_, "timeout": 60_000, "maxJobsToActivate": 9, "worker": "w", "requestTimeout": -1}
    found = caller.post("/v2/jobs/activation", body).get_json()["jobs"]
    return [one["jobKey"] for one in found]


def test_jobs_completed_twice_late_or_not_there(muster: Installation) -> None:
    admin = muster.admin
    run(admin, job("a"), boundary("t", "a", timer("timeDuration", "PT1H")), user("b"), user("late"),
        flows("start -> a -> b", "t -> late"))  # fmt: skip
    (key,) = activate(admin)
    assert admin.post(f"/v2/jobs/{key}/completion", {"variables": {"n": 1}}).status_code == 204
    problem = check_problem(admin.post(f"/v2/jobs/{key}/completion", {"variables": {"n": 2}}), 409, "INVALID_STATE")
    assert "COMPLETED" in problem["detail"]
    check_problem(admin.post(f"/v2/jobs/{key}/failure", {"retries": 0}), 409, "INVALID_STATE")
    check_problem(admin.post(f"/v2/jobs/{key}/error", {"errorCode": "x"}), 409, "INVALID_STATE")
    values = admin.post("/v2/variables/search", {"filter": {"name": "n"}}).get_json()["items"]
    assert ([one["value"] for one in values], open_tasks(admin)) == (["1"], ["b"])
    check_problem(admin.post("/v2/jobs/17/completion", {}), 404, "NOT_FOUND")
    assert activate(admin, "unknown") == []
    gone = start_instance(admin, "p")
    (moved,) = activate(admin)
    assert admin.post(f"/v2/process-instances/{gone}/cancellation").status_code == 204
    check_problem(admin.post(f"/v2/jobs/{moved}/completion", {}), 409, "INVALID_STATE")
    assert open_tasks(admin) == ["b"]


@pytest.mark.parametrize(
    ("kind", "text"), [("timeDate", "tomorrow"), ("timeDuration", "1 day"), ("timeDate", "2026-02-30T10:00:00Z")]
)
def test_a_written_time_that_is_none_is_refused_at_deployment(quick: Installation, kind: str, text: str) -> None:
    answer = deploy(quick.admin, catch("t", timer(kind, text)), user("a"), flows("start -> t -> a"))
    problem = check_problem(answer, 400, "INVALID_ARGUMENT")
    assert [error["pointer"] for error in problem["errors"]] == [f"p.bpmn/p/t/{kind}"]


def test_an_expression_that_gives_no_time_is_an_incident_with_element_and_expression(muster: Installation) -> None:
    admin = muster.admin
    parts = catch("t", timer("timeDate", "=deadline")), user("a"), flows("start -> t -> a")
    key = run(admin, *parts, deadline="tomorrow")
    found = incident(admin)
    assert (found["elementId"], found["errorType"]) == ("t", "EXTRACT_VALUE_ERROR")
    assert "found 'tomorrow'" in found["errorMessage"]
    assert found["errorMessage"].endswith("(expression: deadline)")
    repair(admin, key)
    assert incident(admin)["incidentKey"] != found["incidentKey"], "it fails again, and says so again"
    repair(admin, key, deadline="2026-03-01")
    assert admin.post("/v2/incidents/search", {"filter": {"state": "ACTIVE"}}).get_json()["items"] == []
    end(admin, key)


def test_a_multi_instance_over_more_items_than_are_carried(muster: Installation) -> None:
    admin = muster.admin
    task = repeated(user("each"), inputCollection="=for i in 1..many return i", inputElement="item")
    key = run(admin, task, flows("start -> each"), many=10_001)
    found = incident(admin)
    assert found["elementId"] == "each"
    assert "10001" in found["errorMessage"].replace(",", "").replace("_", "")
    assert open_tasks(admin) == []
    repair(admin, key, many=3)
    assert open_tasks(admin) == ["each"]
    end(admin, key)


def test_a_call_to_a_process_that_is_not_deployed(muster: Installation) -> None:
    admin = muster.admin
    key = run(admin, call("c", "elsewhere"), flows("start -> c"))
    found = incident(admin)
    assert (found["elementId"], found["errorType"]) == ("c", "CALLED_ELEMENT_ERROR")
    assert "elsewhere" in found["errorMessage"]
    other = diagram(process("elsewhere", start(), user("inside"), flows("start -> inside")))
    data = {"resources": [(io.BytesIO(other), "elsewhere.bpmn")]}
    assert admin.send("POST", "/v2/deployments", data=data, content_type="multipart/form-data").status_code == 200
    repair(admin, key)
    assert open_tasks(admin) == ["inside"]
    end(admin, key)


def test_a_loop_without_a_wait_state(muster: Installation) -> None:
    admin = muster.admin
    parts = (
        xor("g"), script("s", "=n + 1", "n"), xor("again", default="again_g"), user("out"),
        flows("start -> g -> s -> again -> g", "again -> out", again_out="=stop"),
    )  # fmt: skip
    key = run(admin, *parts, n=0, stop=False)
    found = incident(admin)
    assert "a loop without a wait state" in found["errorMessage"]
    assert found["elementId"] in {"g", "s", "again"}
    repair(admin, key)
    assert "a loop without a wait state" in incident(admin)["errorMessage"], "a step more, and stopped once more"
    repair(admin, key, stop=True)
    assert open_tasks(admin) == ["out"]
    end(admin, key)
