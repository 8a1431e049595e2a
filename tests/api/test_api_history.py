"""The history and the timeline of an instance: who did what, when, and why it was late; and what is too large."""

from __future__ import annotations

import base64
import random
from typing import TYPE_CHECKING, Any

import pytest
from api_callers import check_problem, find_task
from api_callers import start as start_instance

from server.model import Condition, Query
from server.worker import Worker
from tests.unit.engine.diagrams import (
    boundary,
    call,
    catch,
    diagram,
    end,
    flows,
    mappings,
    message,
    message_event,
    process,
    script,
    signal,
    signal_event,
    start,
    timer,
    user,
    zeebe,
)

if TYPE_CHECKING:
    from api_callers import Caller, Installation

TASKS = "/v2/user-tasks"
MINUTE = 60_000
INNER = diagram(
    message("m", "reply", "=place"),
    signal("s", "alarm"),
    process(
        "inner",
        start(),
        user("u", zeebe("taskSchedule", dueDate='=now() + duration("PT1H")'), candidateGroups="desk@north"),
        boundary("late", "u", timer("timeDuration", "PT1H"), interrupting=False),
        end("noted"),
        script("count", "=n + 1", "n", mappings({}, {"n": "=n"})),
        catch("mail", message_event("m")),
        catch("siren", signal_event("s")),
        end(),
        flows("start -> u -> count -> mail -> siren -> end", "late -> noted"),
    ),
)
OUTER = diagram(process("outer", start(), call("c", "inner"), end(), flows("start -> c -> end")))


@pytest.fixture
def root(muster: Installation) -> str:
    """Give the key of an instance that called one in which somebody has to do something within an hour."""
    muster.admin.deploy_diagrams(INNER, OUTER)
    return start_instance(muster.admin, "outer", {"place": "west"})


def timeline(caller: Caller, key: str) -> dict[str, dict[str, Any]]:
    answer = caller.get(f"/api/process-instances/{key}/timeline")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.get_json()["isTruncated"] is False
    return {one["elementId"] if one["elementType"] != "process" else "*": one for one in answer.get_json()["items"]}


def history(caller: Caller, key: str, **asked: object) -> dict[str, Any]:
    answer = caller.get(f"/api/process-instances/{key}/history", query_string=asked)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    page: dict[str, Any] = answer.get_json()
    return page


def run_late(muster: Installation, root: str) -> None:
    """Claim, move the deadline, be suspended, be late, stop at an incident, be repaired, end by message and signal."""
    admin, lin, clock = muster.admin, muster.person("lin"), muster.clock
    task = f"{TASKS}/{find_task(lin)['userTaskKey']}"
    lin.post(f"{task}/assignment", {"assignee": "lin"})
    changes = {"changeset": {"dueDate": "2026-03-01T08:30:00Z"}}
    assert muster.person("zhao").send("PATCH", task, json=changes).status_code == 204
    clock.advance(minutes=10)
    admin.post(f"/v2/process-instances/{root}/suspension")
    clock.advance(minutes=20)
    admin.post(f"/v2/process-instances/{root}/resumption")
    clock.advance(minutes=35)
    Worker(muster.context).run_due()
    assert lin.post(f"{task}/completion", {"variables": {"done": True}}).status_code == 204
    clock.advance(minutes=5)
    edit = {"variables": {"n": 1, "place": "east"}}
    assert admin.send("PUT", f"/v2/element-instances/{root}/variables", json=edit).status_code == 204
    (incident,) = admin.post("/v2/incidents/search", {"filter": {"state": "ACTIVE"}}).get_json()["items"]
    scope = incident["processInstanceKey"]
    admin.send("PUT", f"/v2/element-instances/{scope}/variables", json={"variables": {"n": 1}})
    assert admin.post(f"/v2/incidents/{incident['incidentKey']}/resolution").status_code == 204
    assert admin.post("/v2/messages/correlation", {"name": "reply", "correlationKey": "west"}).status_code == 200
    admin.post("/v2/signals/broadcast", {"signalName": "alarm"})
    assert admin.get(f"/v2/process-instances/{root}").get_json()["state"] == "COMPLETED"


def test_the_timeline_says_who_did_what_when_and_why_it_was_late(muster: Installation, root: str) -> None:
    run_late(muster, root)
    told = timeline(muster.admin, root)
    task = told["u"]
    assert (task["enteredBy"], task["enteredAt"]) == ("admin", "2026-03-01T08:00:00.000Z")
    assert (task["endedBy"], task["endedAt"], task["state"]) == ("lin", "2026-03-01T09:05:00.000Z", "COMPLETED")
    assert (task["firstDueAt"], task["dueAt"]) == ("2026-03-01T09:00:00.000Z", "2026-03-01T08:30:00.000Z")
    assert (task["lateBy"], task["stoodFor"]) == (35 * MINUTE, 20 * MINUTE)
    assert (task["assignee"], task["candidateGroups"], task["variables"]) == ("lin", ["desk@north"], {"done": True})
    assert [(note["event"], note["actor"]) for note in task["notes"]] == [("ASSIGNED", "lin"), ("UPDATED", "zhao")]
    assert task["notes"][0]["details"] == {"assignee": "lin", "previous": {"assignee": None}}
    assert (told["late"]["cause"]["due"], told["late"]["lateBy"]) == ("2026-03-01T09:00:00+00:00", 5 * MINUTE)
    stopped = told["count"]
    assert [(note["event"], note["actor"]) for note in stopped["notes"]] == [("STOPPED", "lin"), ("RESOLVED", "admin")]
    assert (stopped["stoodFor"], stopped["lateBy"]) == (5 * MINUTE, None)
    assert stopped["notes"][0]["details"]["type"] == "IO_MAPPING_ERROR" or stopped["notes"][0]["details"]["message"]
    assert told["mail"]["cause"] == {"message": "reply"}
    assert told["siren"]["cause"] == {"signal": "alarm"}
    assert task["flows"] == ["u_count"]
    assert told["c"]["state"] == "COMPLETED"


def test_operators_are_in_the_timeline_of_the_instance_as_a_whole(muster: Installation, root: str) -> None:
    run_late(muster, root)
    whole = [
        one
        for one in muster.admin.get(f"/api/process-instances/{root}/timeline").get_json()["items"]
        if one["elementType"] == "process"
    ]
    notes = [(one["processDefinitionId"], note["event"], note["actor"]) for one in whole for note in one["notes"]]
    assert notes == [
        ("outer", "SUSPENDED", "admin"),
        ("outer", "RESUMED", "admin"),
        ("outer", "EDITED", "admin"),
        ("inner", "EDITED", "admin"),
    ]
    edit = whole[0]["notes"][2]
    assert (edit["variables"], edit["details"]) == ({"n": 1, "place": "east"}, {"previous": {"place": "west"}})


def test_an_open_task_is_late_by_now(muster: Installation, root: str) -> None:
    muster.clock.advance(minutes=90)
    task = timeline(muster.person("lin"), root)["u"]
    assert (task["state"], task["endedAt"], task["lateBy"]) == ("ACTIVE", None, 30 * MINUTE)


def test_people_read_what_happened_but_not_the_values(muster: Installation, root: str) -> None:
    run_late(muster, root)
    lin = muster.person("lin")
    told = timeline(lin, root)
    assert told["u"]["variables"] == {"done": None}
    edit = next(note for note in told["*"]["notes"] if note["event"] == "EDITED")
    assert (set(edit["variables"].values()), edit["details"]) == ({None}, {})
    lines = history(lin, root)["items"]
    assert {value for line in lines for value in line["variables"].values()} == {None}
    assert all(line["details"] == {} for line in lines if line["event"] == "EDITED")
    assert {name for line in lines if line["event"] == "STOPPED" for name in line["details"]} == {"incident", "type"}
    assert set(told["count"]["notes"][0]["details"]) == {"incident", "type"}
    assert history(muster.client("reader", read=True), root)["items"] == history(muster.admin, root)["items"]


def test_the_history_comes_in_pages(muster: Installation, root: str) -> None:
    run_late(muster, root)
    whole = history(muster.admin, root)
    assert whole["next"] is None
    found, after = [], None
    while True:
        page = history(muster.admin, root, limit=7, **({} if after is None else {"after": after}))
        found += page["items"]
        after = page["next"]
        if after is None:
            break
    assert found == whole["items"]
    (child,) = muster.admin.post(
        "/v2/process-instances/search", {"filter": {"parentProcessInstanceKey": root}}
    ).get_json()["items"]
    own = history(muster.admin, child["processInstanceKey"])["items"]
    assert own == [line for line in found if line["processInstanceKey"] == child["processInstanceKey"]]


@pytest.mark.parametrize("noun", ["history", "timeline"])
def test_who_reads_and_what_is_refused(muster: Installation, root: str, noun: str) -> None:
    path = f"/api/process-instances/{root}/{noun}"
    check_problem(muster.nobody.get(path), 401)
    check_problem(muster.person("wu").get(path), 404, "NOT_FOUND")
    check_problem(muster.admin.get(f"/api/process-instances/1/{noun}"), 404, "NOT_FOUND")
    check_problem(muster.admin.get(f"/api/process-instances/x/{noun}"), 400, "INVALID_ARGUMENT")
    assert muster.person("lin").get(path).status_code == 200
    for asked in ({"limit": 0}, {"limit": 1001}, {"after": "x"}, {"before": "1"}):
        if noun == "history":
            check_problem(muster.admin.get(path, query_string=asked), 400, "INVALID_ARGUMENT")


def test_every_command_of_an_operator_is_audited(muster: Installation, root: str) -> None:
    run_late(muster, root)
    other = start_instance(muster.admin, "outer", {"place": "west"})
    muster.admin.post(f"/v2/process-instances/{other}/cancellation")
    with muster.context.store.reading() as reading:
        lines = reading.search_audit(Query(conditions=(Condition("actor", "eq", "admin"),))).items
    done = {(line.operation, line.entity_type) for line in lines if line.root_key is not None}
    assert done >= {
        ("CREATE", "PROCESS_INSTANCE"),
        ("SUSPEND", "PROCESS_INSTANCE"),
        ("RESUME", "PROCESS_INSTANCE"),
        ("CANCEL", "PROCESS_INSTANCE"),
        ("UPDATE", "VARIABLE"),
        ("RESOLVE", "INCIDENT"),
    }


def test_what_would_make_an_instance_too_large_is_refused_and_nothing_changes(muster: Installation, root: str) -> None:
    admin, lin = muster.admin, muster.person("lin")
    task = find_task(lin)
    noise = random.Random(1)  # noqa: S311 – what cannot be compressed
    path = f"/v2/element-instances/{root}/variables"
    for name in ("a", "b", "c"):
        text = base64.b85encode(noise.randbytes(2_300_000)).decode().replace("\\", "/").replace('"', "'")
        body = {"variables": {name: text}}
        last = admin.send("PUT", path, json=body)
        if last.status_code != 204:
            break
    assert last.status_code == 204
    found = lin.post(f"{TASKS}/{task['userTaskKey']}/completion", {"variables": {"text": text[::-1]}})
    detail = check_problem(found, 413, "PAYLOAD_TOO_LARGE")["detail"]
    assert "nothing was changed" in detail
    assert find_task(lin) == task
    assert lin.post(f"{TASKS}/{task['userTaskKey']}/completion", {"variables": {"n": 1}}).status_code == 204
