"""The working-day calendar over HTTP, and the FEEL functions that count on it in a running process."""

from __future__ import annotations

import pytest
from api_callers import Installation, check_problem

from server.access import SYSTEM
from server.errors import InvalidArgument
from server.service import calendar
from server.service.calendar import Coverage, Layer
from tests.unit.governance.china import FILE, at

SHIPPED = FILE.read_text(encoding="utf-8")
NEXT_YEAR = "date,kind,name,status\n2027-01-01,rest,元旦,official\n2027-01-02,work,元旦调休上班,official\n"
TYPHOON = "date,kind,name,status\n2026-08-04,rest,台风停工,official\n"


@pytest.fixture
def district(muster: Installation) -> Installation:
    assert calendar.seed_calendar(muster.context, SHIPPED)
    return muster


def test_a_calendar_is_seeded_once(district):
    assert not calendar.seed_calendar(district.context, SHIPPED)


def test_everybody_reads_the_days_of_a_year(district):
    year = district.person("lin").get("/api/calendar/days?year=2026").json
    assert year["published"] is True
    days = {day["date"]: day for day in year["days"]}
    assert days["2026-02-28"] == {
        "date": "2026-02-28",
        "kind": "work",
        "name": "春节调休上班",
        "status": "official",
        "layer": "state",
    }
    assert district.person("lin").get("/api/calendar/days?year=2027").json["published"] is False
    assert district.person("lin").get("/api/calendar/days").json == year


def test_a_year_is_announced(district):
    tried = district.admin.post("/api/calendar/import", {"content": NEXT_YEAR, "dryRun": True}).json
    assert tried["applied"] is False
    assert tried["newlyPublished"] == [2027]
    assert {"date": "2027-01-02", "wasWorking": None, "isWorking": True} in tried["days"]
    assert {"date": "2027-02-06", "wasWorking": False, "isWorking": None} in tried["days"]
    assert district.admin.get("/api/calendar/days?year=2027").json["published"] is False
    done = district.admin.post("/api/calendar/import", {"content": NEXT_YEAR}).json
    assert done == {**tried, "applied": True}
    year = district.admin.get("/api/calendar/days?year=2027").json
    assert year["published"] is True
    assert [day["date"] for day in year["days"]] == ["2027-01-01", "2027-01-02"]
    assert len(district.admin.get("/api/calendar/days?year=2026").json["days"]) > 20, "other years stay"


def test_own_days_go_before_those_of_the_state(district):
    district.admin.post("/api/calendar/import", {"content": TYPHOON, "layer": "own"})
    with district.context.store.reading() as reading:
        days = calendar.load_calendar(district.context, reading)
    assert days.add_working_days(at("2026-08-03 10:00"), 1) == at("2026-08-05 18:00")
    assert 2026 in days.published


def test_only_administrators_change_the_calendar(district):
    answer = district.person("lin").post("/api/calendar/import", {"content": NEXT_YEAR})
    check_problem(answer, 403, "FORBIDDEN")
    assert district.admin.get("/api/calendar/days?year=2027").json["published"] is False


@pytest.mark.parametrize("content", ["x", "date,kind,name,status\n2027-01-01,rest,x,maybe\n"])
def test_a_wrong_file_changes_nothing(district, content):
    before = district.admin.get("/api/calendar/days?year=2027").json
    check_problem(district.admin.post("/api/calendar/import", {"content": content}), 400, "INVALID_ARGUMENT")
    assert district.admin.get("/api/calendar/days?year=2027").json == before
    with pytest.raises(InvalidArgument, match="expected"):
        calendar.import_calendar(district.context, SYSTEM, content, layer=Layer.OWN)


@pytest.mark.parametrize(
    ("today", "coverage"),
    [
        ("2026-11-30 12:00", Coverage.OK),
        ("2026-12-01 00:00", Coverage.AMBER),
        ("2026-12-20 00:00", Coverage.RED),
        ("2027-01-01 00:00", Coverage.RED),
    ],
)
def test_a_missing_year_is_noticed_in_december(district, today, coverage):
    district.clock.now = at(today)
    assert calendar.check_coverage(district.context) is coverage
    assert district.nobody.get("/readyz").json["calendar"] == coverage


def test_the_year_is_drawn_for_the_terminal(district):
    lines = list(calendar.draw_year(district.context, 2026))
    assert lines[0] == "2026 announced · 已公布"
    assert len(lines) == 13
    assert "  +28" in lines[2]
    assert " (16)" in lines[2]


def test_a_process_counts_working_days(district):
    district.clock.now = at("2026-09-29 10:00")
    district.admin.deploy("working_days.bpmn")
    started = district.admin.post("/v2/process-instances", {"processDefinitionId": "working_days"}).json
    found = district.admin.post("/v2/user-tasks/search", {"filter": {"elementId": "answer"}}).json["items"]
    assert [task["processInstanceKey"] for task in found] == [started["processInstanceKey"]]
    assert found[0]["dueDate"] == "2026-10-14T10:00:00.000Z"
