"""Jobs for programs outside: activated under a lease, completed, failed, refused; and the wait for work."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from api_callers import check_problem, start

from server.api.waiting_room import WAITING_ROOM

if TYPE_CHECKING:
    from api_callers import Caller, Installation

ACTIVATION = "/v2/jobs/activation"


@pytest.fixture
def errand(muster: Installation) -> str:
    """Give the key of an instance that waits for the job `fetch`."""
    muster.admin.deploy("errand.bpmn", "check.form")
    return start(muster.admin, "errand", {"place": "west", "colour": "blue"})


def activate(caller: Caller, **options: object) -> list[dict[str, Any]]:
    body = {"type": "fetch", "timeout": 60_000, "maxJobsToActivate": 5, "requestTimeout": -1, **options}
    jobs: list[dict[str, Any]] = caller.post(ACTIVATION, body).get_json()["jobs"]
    return jobs


def incidents(caller: Caller) -> list[dict[str, Any]]:
    query = {"filter": {"state": "active"}}
    items: list[dict[str, Any]] = caller.post("/v2/incidents/search", query).get_json()["items"]
    return items


def test_a_job_is_leased_once_and_offered_again_when_the_lease_ends(muster: Installation, errand: str) -> None:
    worker = muster.client("worker", jobs={"fetch"})
    (job,) = activate(worker, worker="w1", tenantIds=["<default>"], tenantFilter="ASSIGNED", fetchVariable=["place"])
    assert (job["processInstanceKey"], job["worker"], job["variables"]) == (errand, "w1", {"place": "west"})
    assert job["deadline"] == (muster.clock.now.timestamp() + 60) * 1000
    assert (job["kind"], job["retries"], job["physicalTenantId"]) == ("BPMN_ELEMENT", 2, "<default>")
    assert activate(worker) == []
    muster.clock.advance(seconds=60)
    (again,) = activate(worker)
    assert (again["jobKey"], again["variables"]) == (job["jobKey"], {"place": "west", "colour": "blue"})


def test_only_the_last_activation_of_a_leased_job_may_end_it(muster: Installation, errand: str) -> None:
    del errand
    admin = muster.admin
    (late,) = activate(admin, withLease=True)
    path, token = f"/v2/jobs/{late['jobKey']}", late["jobLeaseToken"]
    assert token
    muster.clock.advance(seconds=60)
    assert activate(admin) == [], "it is offered to workers with leases only"
    (current,) = activate(admin, withLease=True)
    assert current["jobKey"] == late["jobKey"]
    assert current["jobLeaseToken"] not in (None, token)
    ends = {"completion": {}, "failure": {"retries": 1}, "error": {"errorCode": "x"}}
    for stale in ({}, {"jobLeaseToken": None}, {"jobLeaseToken": token}, {"jobLeaseToken": "ö"}):
        for end, body in ends.items():
            check_problem(admin.post(f"{path}/{end}", {**body, **stale}), 409, "INVALID_STATE")
    update = {"changeset": {"retries": 5}}
    check_problem(admin.send("PATCH", path, json={**update, "jobLeaseToken": token}), 409, "INVALID_STATE")
    assert admin.send("PATCH", path, json=update).status_code == 204, "operators do not know the token"
    now = {"jobLeaseToken": current["jobLeaseToken"]}
    assert admin.post(f"{path}/failure", {"retries": 3, **now}).status_code == 204
    assert activate(admin) == []
    (again,) = activate(admin, withLease=True)
    check_problem(admin.post(f"{path}/completion", now), 409, "INVALID_STATE")
    assert admin.post(f"{path}/completion", {"jobLeaseToken": again["jobLeaseToken"]}).status_code == 204


def test_a_late_worker_without_a_lease_may_still_complete_its_job(muster: Installation, errand: str) -> None:
    del errand
    (late,) = activate(muster.admin)
    assert late["jobLeaseToken"] is None
    muster.clock.advance(seconds=60)
    assert len(activate(muster.admin)) == 1
    completed = muster.admin.post(f"/v2/jobs/{late['jobKey']}/completion", {"jobLeaseToken": "of something else"})
    assert completed.status_code == 204, "Camunda asks for no token where there is no lease"


def test_a_failed_job_comes_back_after_its_back_off_and_is_an_incident_at_the_end(
    muster: Installation, errand: str
) -> None:
    admin = muster.admin
    (job,) = activate(admin)
    path = f"/v2/jobs/{job['jobKey']}"
    failure = {"retries": 1, "errorMessage": "later", "retryBackOff": 5000}
    assert admin.post(f"{path}/failure", failure).status_code == 204
    assert activate(admin) == []
    muster.clock.advance(seconds=5)
    assert activate(admin)[0]["retries"] == 1
    assert admin.post(f"{path}/failure", {"retries": 0, "errorMessage": "broken"}).status_code == 204
    (incident,) = incidents(admin)
    assert (incident["errorType"], incident["errorMessage"], incident["jobKey"]) == (
        "JOB_NO_RETRIES",
        "broken",
        job["jobKey"],
    )
    assert admin.get(f"/v2/process-instances/{errand}").get_json()["hasIncident"] is True
    assert admin.get(f"/v2/incidents/{incident['incidentKey']}").get_json() == incident
    assert admin.send("PATCH", path, json={"changeset": {"retries": 7}}).status_code == 204
    assert activate(admin) == []
    assert admin.post(f"/v2/incidents/{incident['incidentKey']}/resolution").status_code == 204
    assert incidents(admin) == []
    check_problem(admin.post(f"/v2/incidents/{incident['incidentKey']}/resolution"), 409, "INVALID_STATE")
    (job,) = activate(admin)
    assert job["retries"] == 7
    assert admin.post(f"/v2/jobs/{job['jobKey']}/completion", {"variables": {"got": 1}}).status_code == 204
    check_problem(admin.post(f"/v2/jobs/{job['jobKey']}/completion"), 409, "INVALID_STATE")


def test_jobs_and_tasks_carry_what_is_written_on_their_instance(muster: Installation) -> None:
    admin = muster.admin
    admin.deploy("errand.bpmn", "check.form")
    labels = {"businessId": "2026-7", "tags": ["urgent", "water"]}
    admin.post("/v2/process-instances", {"processDefinitionId": "errand", "variables": {"place": "west"}, **labels})
    (job,) = activate(admin)
    (found,) = admin.post("/v2/jobs/search").get_json()["items"]
    assert ({name: job[name] for name in labels}, found["businessId"]) == (labels, "2026-7")
    assert admin.post(f"/v2/jobs/{job['jobKey']}/completion", {"variables": {"got": 1}}).status_code == 204
    for task in admin.post("/v2/user-tasks/search").get_json()["items"]:
        assert {name: task[name] for name in labels} == labels


def test_a_lease_can_be_prolonged(muster: Installation, errand: str) -> None:
    del errand
    (job,) = activate(muster.admin)
    path = f"/v2/jobs/{job['jobKey']}"
    assert muster.admin.send("PATCH", path, json={"changeset": {"timeout": 120_000}}).status_code == 204
    muster.clock.advance(seconds=61)
    assert activate(muster.admin) == []
    muster.clock.advance(seconds=60)
    assert len(activate(muster.admin)) == 1


def test_a_worker_sees_its_types_only(muster: Installation, errand: str) -> None:
    del errand
    for stranger in (muster.client("other", jobs={"carry"}), muster.person("lin"), muster.client("nothing")):
        body = {"type": "fetch", "timeout": 1000, "maxJobsToActivate": 1}
        check_problem(stranger.post(ACTIVATION, body), 403, "FORBIDDEN")
    (job,) = activate(muster.client("worker", jobs={"*"}))
    other = muster.person("lin")
    for end, body in (("completion", {}), ("failure", {}), ("error", {"errorCode": "x"})):
        check_problem(other.post(f"/v2/jobs/{job['jobKey']}/{end}", body), 404, "NOT_FOUND")
    check_problem(muster.admin.post(ACTIVATION, {"type": "list.add", "timeout": 1, "maxJobsToActivate": 1}), 403)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/type"),
        ({"type": ""}, "/type"),
        ({"timeout": 0}, "/timeout"),
        ({"timeout": "1000"}, "/timeout"),
        ({"timeout": 2**63}, "/timeout"),
        ({"maxJobsToActivate": 0}, "/maxJobsToActivate"),
        ({"maxJobsToActivate": 1001}, "/maxJobsToActivate"),
        ({"tenantIds": ["other"]}, "/tenantIds/0"),
        ({"withLease": "yes"}, "/withLease"),
    ],
)
def test_a_malformed_activation_is_pointed_at(quick: Installation, body: dict[str, object], pointer: str) -> None:
    good = {"type": "fetch", "timeout": 1000, "maxJobsToActivate": 1} if body else {}
    errors = check_problem(quick.admin.post(ACTIVATION, {**good, **body}), 400, "INVALID_ARGUMENT")["errors"]
    assert pointer in {error["pointer"] for error in errors}


def test_a_request_without_work_waits_for_it(quick: Installation) -> None:
    admin = quick.admin
    admin.deploy("errand.bpmn", "check.form")
    answers: list[list[dict[str, Any]]] = []
    waiting = threading.Thread(target=lambda: answers.append(activate(admin, requestTimeout=20_000)))
    waiting.start()
    places = quick.app.extensions[WAITING_ROOM]
    while places._value == places._initial_value:  # until it waits
        waiting.join(0.01)
        assert waiting.is_alive()
    key = start(admin, "errand", {"place": "west"})
    waiting.join(15)
    assert [job["processInstanceKey"] for job in answers[0]] == [key]
    assert activate(admin, requestTimeout=300) == [], "and gives up when its time is over"


def test_at_most_a_third_of_the_threads_wait(quick: Installation) -> None:
    places = quick.app.extensions[WAITING_ROOM]
    taken = 0
    while places.acquire(blocking=False):
        taken += 1
    assert taken == quick.context.config.threads // 3 == 3
    body = {"type": "fetch", "timeout": 1000, "maxJobsToActivate": 1}
    response = quick.admin.post(ACTIVATION, body)
    check_problem(response, 503, "RESOURCE_EXHAUSTED")
    assert response.headers["Retry-After"]
    assert activate(quick.admin, requestTimeout=-1) == [], "whoever does not wait is answered"
    places.release(taken)
