"""Searches by what is not in a record's own row: elements, incidents, jobs, definitions, local variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.engine.diagrams import (
    diagram,
    element,
    end,
    extension,
    flows,
    job,
    mappings,
    process,
    script,
    start,
    user,
    zeebe,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api_callers import Installation

INSTANCES, TASKS = "/v2/process-instances/search", "/v2/user-tasks/search"
DESK = diagram(
    process(
        "desk",
        start(),
        user("u", mappings({"note": "=n"})),
        script("s", "=missing + 1", "x"),
        end(),
        flows("start -> u -> s -> end"),
    )
)
TAG = extension(zeebe("versionTag", value="v2"))
INSIDE = TAG + start() + job("j", "fetch") + flows("start -> j")
FETCH = diagram(element("process", "fetch", INSIDE, isExecutable="true", name="A fetching process"))


@pytest.fixture
def keys(muster: Installation) -> dict[str, str]:
    """Start three desks – one at its task, one stopped, one over – and a process with a failed job."""
    muster.admin.deploy_diagrams(DESK, FETCH)
    found = {}
    for number, name in enumerate(("waits", "stops", "over")):
        body = {"processDefinitionId": "desk", "variables": {"n": number}, "businessId": name, "tags": [name, "desk"]}
        found[name] = muster.admin.post("/v2/process-instances", body).get_json()["processInstanceKey"]
    for name in ("stops", "over"):
        task = muster.admin.post(TASKS, {"filter": {"businessId": name}}).get_json()["items"][0]
        assert muster.admin.post(f"/v2/user-tasks/{task['userTaskKey']}/completion").status_code == 204
    muster.admin.post(f"/v2/process-instances/{found['over']}/cancellation", {})
    begun = muster.admin.post("/v2/process-instances", {"processDefinitionId": "fetch"})
    found["fetch"] = begun.get_json()["processInstanceKey"]
    wanted = {"type": "fetch", "timeout": 1000, "maxJobsToActivate": 1, "requestTimeout": -1}
    (leased,) = muster.admin.post("/v2/jobs/activation", wanted).get_json()["jobs"]
    muster.admin.post(f"/v2/jobs/{leased['jobKey']}/failure", {"retries": 1, "errorMessage": "no"})
    return found


def java_hash(text: str) -> int:
    """Hash a text of the basic plane as Java does."""
    found = 0
    for character in text:
        found = (31 * found + ord(character)) % 2**32
    return found - 2**32 if found >= 2**31 else found


OF_ELEMENTS: list[tuple[dict[str, Any], set[str]]] = [
    ({"elementId": "u"}, {"waits", "stops", "over"}),
    ({"elementId": "u", "elementInstanceState": "ACTIVE"}, {"waits"}),
    ({"elementId": "u", "elementInstanceState": "completed"}, {"stops", "over"}),
    ({"elementId": "s", "hasElementInstanceIncident": True}, {"stops"}),
    ({"elementId": "u", "hasElementInstanceIncident": True}, set()),
    ({"elementInstanceState": "TERMINATED"}, {"over"}),
    ({"$or": [{"elementId": "j"}, {"elementId": "u", "elementInstanceState": "ACTIVE"}]}, {"waits", "fetch"}),
    ({"elementId": {"$in": ["j", "s"]}}, {"stops", "over", "fetch"}),
    ({"hasRetriesLeft": True}, {"fetch"}),
    ({"hasRetriesLeft": False, "state": "ACTIVE"}, {"waits", "stops"}),
]


def test_instances_are_found_by_their_elements_and_jobs(muster: Installation, keys: dict[str, str]) -> None:
    for filters, names in OF_ELEMENTS:
        found = muster.admin.post(INSTANCES, {"filter": filters}).get_json()["items"]
        assert {one["processInstanceKey"] for one in found} == {keys[name] for name in names}, filters


def test_instances_are_found_by_the_hash_of_their_incidents_message(muster: Installation, keys: dict[str, str]) -> None:
    (incident,) = muster.admin.post("/v2/incidents/search", {"filter": {"state": "ACTIVE"}}).get_json()["items"]
    code = java_hash(incident["errorMessage"])
    for filters, expected in (({"$eq": code}, ["stops"]), ({"$eq": code + 1}, []), (code, ["stops"])):
        found = muster.admin.post(INSTANCES, {"filter": {"incidentErrorHashCode": filters}}).get_json()["items"]
        assert [one["processInstanceKey"] for one in found] == [keys[name] for name in expected]


def pages(muster: Installation, path: str, sort: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Yield what a search finds, one item a page."""
    page: dict[str, Any] = {"limit": 1}
    while items := (answer := muster.admin.post(path, {"sort": [sort], "page": page}).get_json())["items"]:
        yield from items
        page = {"limit": 1, "after": answer["page"]["endCursor"]}


SORTED: list[tuple[str, str, list[object]]] = [
    (INSTANCES, "processDefinitionName", ["A fetching process", None, None, None]),
    (INSTANCES, "processDefinitionVersionTag", ["v2", None, None, None]),
    (INSTANCES, "hasIncident", [False, False, False, True]),
    (TASKS, "businessId", ["over", "stops", "waits"]),
]


def test_pages_go_on_in_the_order_of_what_is_computed(muster: Installation, keys: dict[str, str]) -> None:
    del keys
    for path, field, values in SORTED:
        for order, expected in (("ASC", values), ("DESC", values[::-1])):
            found = [one[field] for one in pages(muster, path, {"field": field, "order": order})]
            assert found == expected, (field, order)


OF_TASKS: list[tuple[dict[str, Any], list[str]]] = [
    ({"businessId": "waits"}, ["waits"]),
    ({"businessId": {"$like": "?t*"}}, ["stops"]),
    ({"tags": ["desk"]}, ["waits", "stops", "over"]),
    ({"tags": ["desk", "over"]}, ["over"]),
    ({"localVariables": [{"name": "note", "value": "0"}]}, ["waits"]),
    ({"localVariables": [{"name": "n", "value": "0"}]}, []),
    ({"processInstanceVariables": [{"name": "n", "value": "0"}]}, ["waits"]),
]


def test_tasks_are_found_by_their_labels_and_local_variables(muster: Installation, keys: dict[str, str]) -> None:
    for filters, names in OF_TASKS:
        found = muster.admin.post(TASKS, {"filter": filters, "sort": [{"field": "creationDate"}]}).get_json()["items"]
        assert [one["processInstanceKey"] for one in found] == [keys[name] for name in names], filters
