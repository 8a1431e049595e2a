"""What instances wait for, as operators search it: jobs, message subscriptions, timers, signal subscriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from api_callers import check_problem
from api_callers import start as start_instance

from tests.unit.engine.diagrams import (
    boundary,
    call,
    catch,
    diagram,
    end,
    flows,
    job,
    message,
    message_event,
    parallel,
    process,
    script,
    signal,
    signal_event,
    start,
    timer,
    user,
)

if TYPE_CHECKING:
    from api_callers import Caller, Installation

PATH = "/v2/process-instances"
INNER = diagram(
    message("m", "reply", "=place"),
    signal("s", "alarm"),
    process(
        "inner",
        start(),
        parallel("split"),
        user("u"),
        boundary("late", "u", timer("timeDuration", "PT1H"), interrupting=False),
        user("late_task"),
        job("j", "fetch"),
        catch("mail", message_event("m")),
        catch("siren", signal_event("s")),
        script("broken", "=1 + missing", "x"),
        end(),
        flows(
            "start -> split -> u -> end",
            "split -> j -> end",
            "split -> mail -> end",
            "split -> siren -> end",
            "split -> broken -> end",
            "late -> late_task",
        ),
    ),
)
OUTER = diagram(
    process(
        "outer",
        start(),
        call("c", "inner"),
        boundary("overdue", "c", timer("timeDuration", "P1D")),
        end(),
        flows("start -> c -> end", "overdue -> end"),
    )
)
SEARCHES = (
    "/v2/jobs/search",
    "/v2/message-subscriptions/search",
    "/api/timers/search",
    "/api/signal-subscriptions/search",
)


@pytest.fixture
def root(muster: Installation) -> str:
    """Give the key of an instance that called one that waits for one of everything."""
    muster.admin.deploy_diagrams(INNER, OUTER)
    return start_instance(muster.admin, "outer", {"place": "west"})


def search(caller: Caller, path: str, **body: object) -> list[dict[str, Any]]:
    answer = caller.post(path, body)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    items: list[dict[str, Any]] = answer.get_json()["items"]
    return items


def called(muster: Installation, root: str) -> str:
    (child,) = search(muster.admin, f"{PATH}/search", filter={"parentProcessInstanceKey": root})
    key: str = child["processInstanceKey"]
    return key


def test_a_job_is_found_by_every_field_and_shown_whole(muster: Installation, root: str) -> None:
    admin, path = muster.admin, "/v2/jobs/search"
    (job_,) = search(admin, path)
    assert job_ == {
        "jobKey": job_["jobKey"],
        "type": "fetch",
        "state": "CREATED",
        "worker": "",
        "retries": 3,
        "deadline": None,
        "creationTime": "2026-03-01T08:00:00.000Z",
        "lastUpdateTime": "2026-03-01T08:00:00.000Z",
        "endTime": None,
        "errorCode": None,
        "errorMessage": None,
        "hasFailedWithRetriesLeft": False,
        "customHeaders": {},
        "elementId": "j",
        "elementInstanceKey": job_["elementInstanceKey"],
        "processDefinitionId": "inner",
        "processDefinitionKey": job_["processDefinitionKey"],
        "processInstanceKey": called(muster, root),
        "rootProcessInstanceKey": root,
        "businessId": None,
        "kind": "BPMN_ELEMENT",
        "listenerEventType": "UNSPECIFIED",
        "isDenied": None,
        "deniedReason": None,
        "priority": 0,
        "tenantId": "<default>",
    }
    found = ("jobKey", "type", "state", "retries", "creationTime", "lastUpdateTime", "elementId", "elementInstanceKey")
    found += ("processDefinitionId", "processDefinitionKey", "processInstanceKey", "kind", "listenerEventType")
    for name in (*found, "priority", "tenantId", "hasFailedWithRetriesLeft"):
        assert search(admin, path, filter={name: job_[name]}) == [job_], name
    for name in (*found, "priority", "hasFailedWithRetriesLeft", "worker", "deadline", "endTime", "errorCode"):
        assert search(admin, path, sort=[{"field": name, "order": "desc"}]) == [job_], name
    for filters in (
        {"state": "FAILED"},
        {"state": "TIMED_OUT"},
        {"kind": "TASK_LISTENER"},
        {"kind": {"$neq": "BPMN_ELEMENT"}},
        {"priority": {"$gt": 0}},
        {"isDenied": True},
        {"deniedReason": {"$exists": True}},
        {"deniedReason": {"$like": "*"}},
        {"$or": [{"kind": "TASK_LISTENER"}, {"listenerEventType": {"$in": ["START", "END"]}}]},
        {"endTime": {"$exists": True}},
    ):
        assert search(admin, path, filter=filters) == [], filters
    for filters in (
        {"kind": {"$like": "BPMN*"}},
        {"kind": {"$like": "BPM?\\_ELEMENT"}},
        {"deniedReason": {"$exists": False}},
        {"priority": {"$lte": 0, "$gte": 0}},
        {"$or": [{"kind": "TASK_LISTENER"}, {"kind": {"$notIn": ["TASK_LISTENER"]}}]},
    ):
        assert search(admin, path, filter=filters) == [job_], filters


def test_a_job_shows_what_became_of_it(muster: Installation, root: str) -> None:
    del root
    admin, path = muster.admin, "/v2/jobs/search"
    body = {"type": "fetch", "worker": "w", "timeout": 60_000, "maxJobsToActivate": 5, "requestTimeout": -1}
    muster.clock.advance(seconds=1)
    (leased,) = admin.post("/v2/jobs/activation", body).get_json()["jobs"]
    (found,) = search(admin, path, filter={"worker": "w", "deadline": {"$gt": "2026-03-01T08:01:00Z"}})
    assert (found["deadline"], found["lastUpdateTime"]) == ("2026-03-01T08:01:01.000Z", "2026-03-01T08:00:01.000Z")
    muster.clock.advance(seconds=1)
    failure = f"/v2/jobs/{leased['jobKey']}/failure"
    admin.post(failure, {"retries": 1, "errorMessage": "later"})
    (found,) = search(admin, path, filter={"hasFailedWithRetriesLeft": True, "errorMessage": {"$like": "lat*"}})
    assert (found["state"], found["lastUpdateTime"]) == ("CREATED", "2026-03-01T08:00:02.000Z")
    admin.post(failure, {"retries": 0, "errorMessage": "broken"})
    (found,) = search(admin, path, filter={"state": {"$in": ["failed", "MIGRATED"]}})
    assert (found["hasFailedWithRetriesLeft"], found["retries"]) == (False, 0)


def test_a_message_subscription_is_found_by_every_field_and_shown_whole(muster: Installation, root: str) -> None:
    admin, path = muster.admin, "/v2/message-subscriptions/search"
    (found,) = search(admin, path)
    assert found == {
        "messageSubscriptionKey": found["messageSubscriptionKey"],
        "messageSubscriptionState": "CREATED",
        "messageSubscriptionType": "PROCESS_EVENT",
        "messageName": "reply",
        "correlationKey": "west",
        "lastUpdatedDate": "2026-03-01T08:00:00.000Z",
        "elementId": "mail",
        "elementInstanceKey": found["elementInstanceKey"],
        "processInstanceKey": called(muster, root),
        "rootProcessInstanceKey": root,
        "processDefinitionId": "inner",
        "processDefinitionKey": found["processDefinitionKey"],
        "processDefinitionName": None,
        "processDefinitionVersion": 1,
        "businessId": None,
        "toolName": None,
        "toolProperties": {},
        "inboundConnectorType": None,
        "tenantId": "<default>",
    }
    hidden = {"rootProcessInstanceKey", "toolProperties"}
    for name, value in found.items():
        if name not in hidden and value is not None:
            assert search(admin, path, filter={name: value}) == [found], name
        if name not in hidden:
            assert search(admin, path, sort=[{"field": name}]) == [found], name
    for name in ("businessId", "toolName", "inboundConnectorType"):
        assert search(admin, path, filter={name: "x"}) == [], name
        assert search(admin, path, filter={name: {"$exists": False}}) == [found], name
    assert search(admin, path, filter={"messageSubscriptionType": "START_EVENT"}) == []
    admin.post("/v2/messages/publication", {"name": "reply", "correlationKey": "west"})
    assert search(admin, path) == []


def test_timers_and_signal_subscriptions_are_found(muster: Installation, root: str) -> None:
    admin, child = muster.admin, called(muster, root)
    timers = search(admin, "/api/timers/search", sort=[{"field": "dueDate"}])
    assert [(one["elementId"], one["dueDate"], one["processInstanceKey"]) for one in timers] == [
        ("late", "2026-03-01T09:00:00.000Z", child),
        ("overdue", "2026-03-02T08:00:00.000Z", root),
    ]
    assert {one["creationDate"] for one in timers} == {"2026-03-01T08:00:00.000Z"}
    assert search(admin, "/api/timers/search", filter={"dueDate": {"$lt": "2026-03-01T10:00:00Z"}}) == timers[:1]
    assert search(admin, "/api/timers/search", filter={"processInstanceKey": root}) == timers[1:]
    (waiting,) = search(admin, "/api/signal-subscriptions/search", filter={"signalName": "alarm"})
    assert (waiting["elementId"], waiting["rootProcessInstanceKey"], waiting["isSuspended"]) == ("siren", root, False)
    admin.post(f"{PATH}/{root}/suspension")
    for path, count in (("/api/timers/search", 2), ("/api/signal-subscriptions/search", 1)):
        assert len(search(admin, path, filter={"isSuspended": True})) == count
        assert search(admin, path, filter={"isSuspended": False}) == []


@pytest.mark.parametrize("path", SEARCHES)
def test_who_searches_and_what_is_refused(quick: Installation, path: str) -> None:
    assert quick.admin.post(path).get_json()["items"] == []
    assert quick.client("reader", read=True).post(path).status_code == 200
    check_problem(quick.nobody.post(path), 401)
    check_problem(quick.person("lin").post(path), 403, "FORBIDDEN")
    check_problem(quick.client("worker", jobs={"*"}).post(path), 403, "FORBIDDEN")
    for body in (
        {"filter": {"processInstanceKey": 1}},
        {"filter": {"elementId": {"$gt": "a"}}},
        {"filter": {"unknown": 1}},
        {"sort": [{"field": "unknown"}]},
        {"page": {"limit": 0}},
    ):
        assert check_problem(quick.admin.post(path, body), 400, "INVALID_ARGUMENT")["errors"]


def test_cancelling_a_root_instance_ends_everything_in_what_it_called(muster: Installation, root: str) -> None:
    admin, child = muster.admin, called(muster, root)
    (found,) = search(admin, "/v2/jobs/search")
    (task,) = search(admin, "/v2/user-tasks/search")
    (incident,) = search(admin, "/v2/incidents/search", filter={"state": "ACTIVE"})
    detail = check_problem(admin.post(f"{PATH}/{child}/cancellation"), 409, "INVALID_STATE")["detail"]
    assert root in detail
    assert len(search(admin, "/api/timers/search")) == 2
    assert admin.post(f"{PATH}/{root}/cancellation").status_code == 204
    for key in (root, child):
        assert admin.get(f"{PATH}/{key}").get_json()["state"] == "TERMINATED"
        assert admin.get(f"{PATH}/{key}").get_json()["hasIncident"] is False
    for path in SEARCHES[1:]:
        assert search(admin, path) == [], path
    (ended,) = search(admin, "/v2/jobs/search", filter={"jobKey": found["jobKey"]})
    assert (ended["state"], ended["endTime"]) == ("CANCELED", "2026-03-01T08:00:00.000Z")
    assert admin.get(f"/v2/user-tasks/{task['userTaskKey']}").get_json()["state"] == "CANCELED"
    assert admin.get(f"/v2/incidents/{incident['incidentKey']}").get_json()["state"] == "RESOLVED"
    assert {one["state"] for one in search(admin, "/v2/element-instances/search")} == {"COMPLETED", "TERMINATED"}
    check_problem(admin.post(f"{PATH}/{root}/cancellation"), 409, "INVALID_STATE")
    check_problem(admin.post(f"/v2/jobs/{found['jobKey']}/completion"), 409, "INVALID_STATE")
    check_problem(admin.post(f"/v2/incidents/{incident['incidentKey']}/resolution"), 409, "INVALID_STATE")
    muster.clock.advance(days=2)
    check_problem(admin.post("/v2/messages/correlation", {"name": "reply", "correlationKey": "west"}), 404)


def test_a_cancellation_names_who_did_it(muster: Installation, root: str) -> None:
    muster.admin.post(f"{PATH}/{root}/cancellation")
    with muster.context.store.reading() as reading:
        lines = [one for one in reading.history(root_key=int(root)) if one.event == "CANCELED"]
    assert {(one.place.element_id, one.actor) for one in lines} == {
        (element, "admin") for element in ("c", "u", "j", "mail", "siren", "broken")
    }


def test_what_is_computed_is_sorted_by_too(muster: Installation, root: str) -> None:
    del root
    for name in ("state", "incidentKey", "endDate", "startDate", "type"):
        for order in ("asc", "desc"):
            body = {"sort": [{"field": name, "order": order}], "page": {"limit": 3}}
            page = muster.admin.post("/v2/element-instances/search", body).get_json()
            following = {**body, "page": {"limit": 100, "after": page["page"]["endCursor"]}}
            rest = search(muster.admin, "/v2/element-instances/search", **following)
            whole = search(muster.admin, "/v2/element-instances/search", sort=body["sort"])
            assert page["items"] + rest == whole, (name, order)
