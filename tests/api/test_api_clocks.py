"""Clocks in a running process: the timer follows the clock, and the clock the calendar."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from api_callers import Caller, Installation, check_problem, find_task

from server.service import calendar
from server.worker import Worker
from tests.unit.governance.china import FILE, at

if TYPE_CHECKING:
    from datetime import datetime

NEXT_YEAR = "date,kind,name,status\n2027-01-01,rest,元旦,official\n2027-01-04,rest,元旦,official\n"


@pytest.fixture
def district(muster: Installation) -> Installation:
    calendar.seed_calendar(muster.context, FILE.read_text(encoding="utf-8"))
    muster.admin.deploy("on_the_clock.bpmn")
    return muster


def begin(district: Installation, received: str, amount: int = 3, unit: str = "workday", audience: str = "unit") -> str:
    district.clock.now = at(received)
    variables = {"amount": amount, "unit": unit, "audience": audience, "more": None}
    body = {"processDefinitionId": "on_the_clock", "variables": variables}
    key: str = district.admin.post("/v2/process-instances", body).json["processInstanceKey"]
    return key


def complete(caller: Caller, element_id: str, **variables: object) -> None:
    key = find_task(caller, elementId=element_id)["userTaskKey"]
    assert caller.post(f"/v2/user-tasks/{key}/completion", {"variables": variables}).status_code == 204


def the_clock(district: Installation) -> dict[str, Any]:
    (clock,) = district.person("lin").post("/api/clocks/search", {}).json["items"]
    assert district.person("lin").get(f"/api/clocks/{clock['clockKey']}").json == clock
    return dict(clock)


def shown(district: Installation, instance: str) -> dict[str, Any]:
    body = {"filter": {"name": "finish_clock", "processInstanceKey": instance}, "page": {"limit": 1}}
    (variable,) = district.admin.post("/v2/variables/search", body).json["items"]
    return dict(json.loads(variable["value"]))


def timer_at(district: Installation) -> datetime:
    with district.context.store.reading() as reading:
        due = reading.next_due_at()
    assert due is not None
    return due


def run_due(district: Installation, now: str) -> int:
    district.clock.now = at(now)
    return Worker(district.context).run_due()


def urged(district: Installation) -> int:
    found = district.admin.post("/v2/user-tasks/search", {"filter": {"elementId": "urge"}}).json
    return int(found["page"]["totalItems"])


def test_a_clock_is_started_shown_and_searched(district):
    instance = begin(district, "2026-09-29 10:00")
    clock = the_clock(district)
    assert clock["state"] == "running"
    assert (clock["name"], clock["owner"], clock["amount"], clock["unit"]) == ("finish", "chengguan", 3, "workday")
    assert clock["dueAt"] == "2026-10-09T10:00:00.000Z"
    assert clock["provisional"] is False
    assert clock["processInstanceKey"] == instance
    view = shown(district, instance)
    assert view["key"] == clock["clockKey"]
    assert view["due_at"] == "2026-10-09T18:00:00+08:00"
    assert len(view["reminders"]) == 2
    assert timer_at(district) == at("2026-10-09 18:00")
    none = district.person("lin").post("/api/clocks/search", {"filter": {"owner": "elsewhere"}}).json
    assert none["items"] == []


def test_the_timer_fires_when_the_clock_is_due_and_not_while_it_is_paused(district):
    begin(district, "2026-11-16 10:00")
    key = the_clock(district)["clockKey"]
    district.clock.now = at("2026-11-18 09:00")
    pause = {"reason": "waiting_resident", "amount": 5, "unit": "workday"}
    assert district.admin.post(f"/api/clocks/{key}/pause", pause).status_code == 204
    paused = the_clock(district)
    assert (paused["state"], paused["pauses"][0]["reason"]) == ("paused", "waiting_resident")
    assert run_due(district, "2026-11-20 18:00") == 0
    assert run_due(district, "2026-11-24 09:00") == 0
    assert district.admin.post(f"/api/clocks/{key}/resumption", {}).status_code == 204
    resumed = the_clock(district)
    assert resumed["state"] == "running"
    assert timer_at(district) == at("2026-11-25 18:00")
    assert resumed["dueAt"] == "2026-11-25T10:00:00.000Z"
    assert run_due(district, "2026-11-25 17:59") == 0
    assert run_due(district, "2026-11-25 18:00") == 1
    assert urged(district) == 1


def test_an_extension_in_the_process_moves_the_clock_and_a_second_one_is_refused_by_the_diagram(district):
    instance = begin(district, "2026-11-16 10:00")
    lin = district.person("lin")
    district.clock.now = at("2026-11-17 10:00")
    lin.post(
        f"/v2/user-tasks/{find_task(lin, elementId='handle')['userTaskKey']}/completion", {"variables": {"more": 2}}
    )
    assert shown(district, instance)["due_at"] == "2026-11-23T18:00:00+08:00"
    assert timer_at(district) == at("2026-11-23 18:00")
    lin.post(
        f"/v2/user-tasks/{find_task(lin, elementId='handle')['userTaskKey']}/completion", {"variables": {"more": 1}}
    )
    assert find_task(lin, elementId="explain")
    assert the_clock(district)["extensions"] == [2]


def test_stopping_tells_whether_the_time_was_up(district):
    begin(district, "2026-11-16 10:00")
    lin = district.person("lin")
    run_due(district, "2026-11-20 09:00")
    complete(lin, "handle")
    clock = the_clock(district)
    assert (clock["state"], clock["overdue"]) == ("ended", True)
    found = district.admin.post("/v2/variables/search", {"filter": {"name": "was_overdue"}}).json["items"]
    assert [variable["value"] for variable in found] == ["true"]


def test_clocks_of_an_ended_instance_do_not_run_on(district):
    instance = begin(district, "2026-11-16 10:00")
    district.admin.post(f"/v2/process-instances/{instance}/cancellation", {})
    assert the_clock(district)["state"] == "cancelled"


def test_an_announced_year_moves_running_clocks_and_their_timers(district):
    instance = begin(district, "2026-12-28 10:00", amount=7)
    assert the_clock(district)["provisional"] is True
    assert timer_at(district) == at("2027-01-07 18:00")
    district.admin.post("/api/calendar/import", {"content": NEXT_YEAR})
    assert run_due(district, "2026-12-28 11:00") == 1
    clock = the_clock(district)
    assert (clock["provisional"], clock["dueAt"]) == (False, "2027-01-08T10:00:00.000Z")
    assert timer_at(district) == at("2027-01-08 18:00")
    assert shown(district, instance)["due_at"] == "2027-01-08T18:00:00+08:00"
    assert run_due(district, "2026-12-28 12:00") == 0, "once is enough"


def test_a_resident_keeps_the_promised_date(district):
    begin(district, "2026-12-28 10:00", amount=7, audience="resident")
    promised = the_clock(district)["promisedAt"]
    district.admin.post("/api/calendar/import", {"content": NEXT_YEAR})
    run_due(district, "2026-12-28 11:00")
    clock = the_clock(district)
    assert clock["promisedAt"] == promised
    assert clock["dueAt"] > promised


def test_only_administrators_change_clocks_by_hand(district):
    begin(district, "2026-11-16 10:00")
    key = the_clock(district)["clockKey"]
    for path, body in (
        ("pause", {"reason": "x", "amount": 1, "unit": "h"}),
        ("resumption", {}),
        ("extension", {"amount": 1}),
    ):
        check_problem(district.person("lin").post(f"/api/clocks/{key}/{path}", body), 403, "FORBIDDEN")
        check_problem(district.admin.post(f"/api/clocks/99/{path}", body), 404, "NOT_FOUND")
    check_problem(district.admin.post(f"/api/clocks/{key}/resumption", {}), 409, "INVALID_STATE")
    check_problem(district.admin.post(f"/api/clocks/{key}/extension", {"amount": 9}), 409, "INVALID_STATE")


@pytest.mark.parametrize(
    "variables",
    [
        {"amount": 0},
        {"amount": 1.5},
        {"amount": None},
        {"unit": "fortnight"},
        {"audience": "nobody"},
        {"amount": 1_000_000},
    ],
)
def test_a_clock_that_cannot_be_started_is_an_incident_that_names_what_is_wrong(district, variables):
    given = {"amount": 3, "unit": "workday", "audience": "unit", "more": None} | variables
    district.admin.post("/v2/process-instances", {"processDefinitionId": "on_the_clock", "variables": given})
    (incident,) = district.admin.post("/v2/incidents/search", {}).json["items"]
    assert incident["elementId"] == "start_clock"
    assert "expected" in incident["errorMessage"] or "after the year" in incident["errorMessage"]
    assert district.admin.post("/api/clocks/search", {}).json["items"] == []
