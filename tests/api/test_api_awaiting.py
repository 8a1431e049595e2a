"""Starts that wait for the end, and starts in the middle: `awaitCompletion` and `startInstructions`."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from api_callers import check_problem, find_task

from server.api.waiting_room import WAITING_ROOM
from server.model import Query
from tests.unit.engine.diagrams import (
    diagram,
    end,
    extension,
    flows,
    job,
    process,
    script,
    start,
    sub_process,
    user,
    zeebe,
)

if TYPE_CHECKING:
    from api_callers import Caller, Installation

PATH = "/v2/process-instances"
SUMS = diagram(process("sums", start(), script("add", "=a + 1", "sum"), end(), flows("start -> add -> end")))
FETCH = diagram(process("fetch", start(), job("j", "fetch"), end(), flows("start -> j -> end")))
INSIDE = "in -> inspect -> report -> out"
DESK = diagram(
    process(
        "desk",
        start(),
        user("receive"),
        sub_process("work", start("in"), user("inspect"), user("report"), end("out"), flows(INSIDE)),
        end(),
        flows("start -> receive -> work -> end"),
    )
)


def begin(caller: Caller, process_id: str, **options: Any) -> Any:
    return caller.post(PATH, {"processDefinitionId": process_id, **options})


def test_a_process_that_runs_to_its_end_at_once_answers_with_its_variables(muster: Installation) -> None:
    muster.admin.deploy_diagrams(SUMS)
    given = {"variables": {"a": 1, "b": "x"}, "awaitCompletion": True}
    assert begin(muster.admin, "sums", **given).get_json()["variables"] == {"a": 1, "b": "x", "sum": 2}
    some = begin(muster.client("reader", read=True, start={"sums"}), "sums", fetchVariables=["sum", "other"], **given)
    assert some.get_json()["variables"] == {"sum": 2}
    assert begin(muster.admin, "sums", variables={"a": 1}).get_json()["variables"] == {}


def test_an_answer_waits_for_what_a_worker_brings(muster: Installation) -> None:
    muster.admin.deploy_diagrams(FETCH)
    answers: list[dict[str, Any]] = []
    options = {"awaitCompletion": True, "requestTimeout": 60_000, "variables": {"a": 1}}
    waiting = threading.Thread(target=lambda: answers.append(begin(muster.admin, "fetch", **options).get_json()))
    waiting.start()
    wanted = {"type": "fetch", "timeout": 1000, "maxJobsToActivate": 1, "requestTimeout": 20_000}
    (leased,) = muster.admin.post("/v2/jobs/activation", wanted).get_json()["jobs"]
    assert waiting.is_alive()
    muster.admin.post(f"/v2/jobs/{leased['jobKey']}/completion", {"variables": {"found": [1]}})
    waiting.join(30)
    assert answers[0]["processInstanceKey"] == leased["processInstanceKey"]
    assert answers[0]["variables"] == {"a": 1, "found": [1]}
    places = muster.app.extensions[WAITING_ROOM]
    assert places._value == places._initial_value, "its place is free again"


def test_an_instance_goes_on_when_the_time_to_wait_is_over(quick: Installation) -> None:
    quick.admin.deploy_diagrams(FETCH)
    header = {"Idempotency-Key": "once"}
    body = {"processDefinitionId": "fetch", "awaitCompletion": True, "requestTimeout": 250}
    late = check_problem(quick.admin.post(PATH, body, headers=header), 504, "DEADLINE_EXCEEDED")
    key = late["detail"].split()[3]
    assert quick.admin.get(f"{PATH}/{key}").get_json()["state"] == "ACTIVE"
    again = check_problem(quick.admin.post(PATH, body, headers=header), 504)
    assert again["detail"] == late["detail"], "the same request waits for the instance that it started"
    assert quick.admin.post(f"{PATH}/{key}/cancellation", {}).status_code == 204
    check_problem(quick.admin.post(PATH, body, headers=header), 409, "INVALID_STATE")


def test_who_waits_has_one_of_the_few_places_or_starts_nothing(quick: Installation) -> None:
    quick.admin.deploy_diagrams(SUMS)
    places = quick.app.extensions[WAITING_ROOM]
    while places.acquire(blocking=False):
        pass
    check_problem(begin(quick.admin, "sums", variables={"a": 1}, awaitCompletion=True), 503, "RESOURCE_EXHAUSTED")
    assert quick.admin.post(f"{PATH}/search", {}).get_json()["page"]["totalItems"] == 0
    places.release(places._initial_value)


def test_only_who_may_see_all_variables_waits_for_them(quick: Installation) -> None:
    quick.admin.deploy_diagrams(SUMS)
    for caller in (quick.person("lin"), quick.client("starter", start={"sums"})):
        check_problem(begin(caller, "sums", variables={"a": 1}, awaitCompletion=True), 403, "FORBIDDEN")
    assert quick.admin.post(f"{PATH}/search", {}).get_json()["page"]["totalItems"] == 0
    reader = quick.client("reader", read=True)
    check_problem(begin(reader, "sums", variables={"a": 1}, awaitCompletion=True), 403, "FORBIDDEN")
    check_problem(begin(quick.admin, "unknown", awaitCompletion=True), 404, "NOT_FOUND")


def test_a_process_begins_at_the_elements_that_are_named(muster: Installation) -> None:
    muster.admin.deploy_diagrams(DESK)
    given = {"startInstructions": [{"elementId": "report"}, {"elementId": "receive"}]}
    key = begin(muster.admin, "desk", variables={"a": 1}, **given).get_json()["processInstanceKey"]
    found = muster.admin.post("/v2/element-instances/search", {"filter": {"processInstanceKey": key}}).get_json()
    told = sorted((item["elementId"], item["state"]) for item in found["items"])
    assert told == [("receive", "ACTIVE"), ("report", "ACTIVE"), ("work", "ACTIVE")]
    report = find_task(muster.admin, elementId="report")
    assert muster.admin.post(f"/v2/user-tasks/{report['userTaskKey']}/completion").status_code == 204
    with muster.context.store.reading() as reading:
        lines = reading.search_audit(Query()).items
    told = [(one.operation, one.entity_key) for one in lines if one.root_key == int(key)]
    assert told[:3] == [("CREATE", key), ("ACTIVATE", "report"), ("ACTIVATE", "receive")]


@pytest.mark.parametrize(
    ("element_id", "words"),
    [("nowhere", "found 'nowhere'"), ("start", "activate what follows it"), ("in", "activate what follows it")],
)
def test_a_process_does_not_begin_where_it_cannot(quick: Installation, element_id: str, words: str) -> None:
    quick.admin.deploy_diagrams(DESK)
    refused = begin(quick.admin, "desk", startInstructions=[{"elementId": element_id}])
    assert words in check_problem(refused, 400, "INVALID_ARGUMENT")["detail"]
    assert quick.admin.post(f"{PATH}/search", {}).get_json()["page"]["totalItems"] == 0


def test_a_process_is_started_by_its_version_tag(muster: Installation) -> None:
    tag = extension(zeebe("versionTag", value="v1"))
    tagged = diagram(process("sums", tag, start(), script("add", "=a + 2", "sum"), end(), flows("start -> add -> end")))
    muster.admin.deploy_diagrams(tagged)
    muster.admin.deploy_diagrams(SUMS)
    started = begin(muster.admin, "sums", processDefinitionVersionTag="v1", variables={"a": 1}).get_json()
    assert started["processDefinitionVersion"] == 1
    check_problem(begin(muster.admin, "sums", processDefinitionVersionTag="v2"), 404, "NOT_FOUND")
    for wrong in ({"processDefinitionVersion": 1}, {"processDefinitionKey": "1", "processDefinitionId": None}):
        body = {"processDefinitionId": "sums", "processDefinitionVersionTag": "v1", **wrong}
        check_problem(
            muster.admin.post(PATH, {name: value for name, value in body.items() if value}), 400, "INVALID_ARGUMENT"
        )
