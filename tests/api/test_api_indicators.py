"""Indicators over HTTP: whose, of which period, with the cases behind them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from api_callers import START, check_problem

from server.access import SYSTEM
from server.model import (
    Budget,
    Case,
    CaseState,
    Clock,
    ClockRecord,
    ListRow,
    Meeting,
    MeetingItem,
    MeetingPlan,
    MeetingState,
    Period,
    TimeUnit,
    Unit,
)
from server.service import identity

if TYPE_CHECKING:
    from api_callers import Caller, Installation

PERIOD = "since=2026-02-01&until=2026-02-28"
PARTS = ("numerator", "denominator")
BEGUN = START - timedelta(days=10)


def row(key: int, name: str, owner: str, case_no: str | None, **data: object) -> ListRow:
    return ListRow(
        key=key, list_name=name, case_no=case_no, process_instance_key=1, root_key=1, element_id="x", title="事项",
        owner=owner, measure=None, due_at=None, status="open", created_at=BEGUN, updated_at=BEGUN, data=data,
    )  # fmt: skip


def clock(key: int, name: str, hours: int | None) -> ClockRecord:
    ended = None if hours is None else BEGUN + timedelta(hours=hours)
    counted = Clock(BEGUN, Budget(24, TimeUnit.HOUR), BEGUN + timedelta(hours=24), ended_at=ended)
    return ClockRecord(key, name, 1, 1, f"=JX-{key}", "chengguan", counted)


@pytest.fixture
def district(district: Installation) -> Installation:
    for name, group in {
        "office": "district_office@minghu",
        "head": "dept_head@chengguan",
        "desk": "street_desk@jinxiu",
    }.items():
        identity.add_user(district.context, SYSTEM, name, None, groups=(group,))
    with district.context.store.transaction() as tx:
        for key, hours in ((11, 3), (12, 30), (13, None)):
            tx.add_clock(clock(key, "respond", hours))
        tx.add_clock(clock(14, "finish", 20))
        answers: dict[str, tuple[str, str | None, str | None]] = {
            "A": ("reached", "yes", "satisfied"),
            "B": ("reached", "no", "dissatisfied"),
            "C": ("unreachable", None, None),
        }
        for key, (case_no, (contacted, solved, satisfied)) in enumerate(answers.items(), start=21):
            told = {"contacted": contacted, "solved": solved, "satisfied": satisfied}
            tx.add_list_row(row(key, "result", "chengguan", case_no, **told))
        again = replace(row(29, "result", "chengguan", "A", contacted="reached", solved="no"), created_at=START)
        tx.add_list_row(again)  # in the next period
        tx.add_list_row(row(31, "exemption", "minghu", "B"))
        tx.add_list_row(row(32, "task", "chengguan", "A", routing_minutes=90))
        tx.add_list_row(row(33, "task", "chengguan", "B", reroute_count=0))
        whistle = {"whistle_no": "W-1", "category": "parking", "building": "3"}
        tx.add_list_row(row(41, "whistle", "jinxiu", "A", **whistle, accuracy="accurate"))
        for key, case_no, reopened in ((51, "A", 1), (52, "B", 0)):
            tx.add_case(
                Case(key, case_no, key, "事项", BEGUN, state=CaseState.CLOSED_RESOLVED, lead_unit="chengguan",
                     reopened=reopened, closed_at=BEGUN)
            )  # fmt: skip
    return district


def measure(caller: Caller, period: str = PERIOD) -> dict[str, dict[str, Any]]:
    answer = caller.get(f"/api/indicators?{period}")
    assert answer.status_code == 200, answer.text
    units = answer.get_json()["items"]
    return {one["unit"]: one | {part["indicator"]: part for part in one["indicators"]} for one in units}


def test_every_number_has_its_numerator_and_denominator(district):
    found = measure(district.person("office"))
    assert set(found) == {"chengguan", "jinxiu"}
    chengguan = found["chengguan"]
    raw = {
        name: (chengguan[name]["raw"]["numerator"], chengguan[name]["raw"]["denominator"])
        for name in chengguan
        if isinstance(chengguan[name], dict)
    }
    assert raw == {
        "response": (1, 3),
        "resolution": (1, 2),
        "satisfaction": (1, 2),
        "on_time": (1, 1),
        "reopened": (1, 2),
        "exempted": (1, 2),
        "disputed": (1, 2),
        "whistle_accuracy": (0, 0),
        "whistle_recurrence": (0, 0),
        "meeting_coverage": (0, 0),
        "carried": (0, 0),
    }
    assert chengguan["resolution"]["adjusted"]["value"] == 1.0
    assert chengguan["resolution"]["adjusted"]["notCounted"] == 2
    assert chengguan["composite"] == pytest.approx(0.30 / 3 + 0.35 + 0.35)
    assert (chengguan["rank"], chengguan["leastAnswers"]) == (None, 30)
    assert chengguan["medianWorkingHours"] is not None
    assert found["jinxiu"]["whistle_accuracy"]["raw"]["value"] == 1.0
    assert measure(district.person("office"), "since=2027-01-01&until=2027-01-31") == {}


def test_units_see_themselves_and_not_who_answered(district):
    head = district.person("head")
    assert set(measure(head)) == {"chengguan"}
    cases = head.get(f"/api/indicators/chengguan/response/cases?{PERIOD}").get_json()["items"]
    assert [(one["caseNo"], one["credit"]) for one in cases] == [("=JX-11", 1), ("=JX-12", 0), ("=JX-13", 0)]
    check_problem(head.get(f"/api/indicators/chengguan/satisfaction/cases?{PERIOD}"), 403)
    check_problem(head.get(f"/api/indicators/jinxiu/response/cases?{PERIOD}"), 404)
    assert set(measure(district.person("desk"))) == {"jinxiu"}
    assert set(measure(district.admin)) == {"chengguan", "jinxiu"}


def test_the_district_sees_the_cases_behind_an_answer(district):
    office = district.person("office")
    cases = office.get(f"/api/indicators/chengguan/resolution/cases?{PERIOD}").get_json()["items"]
    assert [(one["caseNo"], one["credit"], one["reason"]) for one in cases] == [
        ("A", 1, None),
        ("B", 0, None),
        ("C", None, "unreachable"),
    ]
    assert office.get(f"/api/indicators/hepan/response/cases?{PERIOD}").get_json() == {"items": []}
    check_problem(office.get(f"/api/indicators/chengguan/beauty/cases?{PERIOD}"), 404)


def test_files_for_spreadsheets_hold_no_formula(district):
    office = district.person("office")
    lines = office.get(f"/api/indicators?{PERIOD}&format=csv").text.splitlines()
    assert lines[0].lstrip("\ufeff").startswith("unit,name,kind,indicator,numerator")
    assert len(lines) == 1 + 2 * 11
    cases = office.get(f"/api/indicators/chengguan/response/cases?{PERIOD}&format=csv")
    assert "'=JX-11,1.0," in cases.text
    assert cases.mimetype == "text/csv"


@pytest.mark.parametrize(
    "period", ["", "since=2026-02-01", "since=2026-02-02&until=2026-02-01", "since=2026-01-01&until=2028-01-01",
               "since=9999-12-30&until=9999-12-31", "since=soon&until=2026-02-01"]
)  # fmt: skip
def test_a_period_that_is_none_is_refused(quick, period):
    check_problem(quick.admin.get(f"/api/indicators?{period}"), 400)


def test_without_the_table_nothing_is_made_one_number(quick):
    with quick.context.store.transaction() as tx:
        tx.put_units([Unit("chengguan", "城市管理局", "department")])
        tx.add_list_row(row(1, "result", "chengguan", "A", contacted="reached", solved="yes", satisfied="acceptable"))
    found = measure(quick.admin)["chengguan"]
    assert found["satisfaction"]["raw"]["value"] == 1.0
    assert found["composite"] is None


def test_committees_are_measured_by_the_quarters_in_which_they_met(quick):
    held = datetime(2025, 11, 20, 2, tzinfo=UTC)
    item = MeetingItem(
        key=3, item_key="hepan_committee-2025-0001", committee="hepan_committee", title="停车", facts="",
        desired_decision="", source="x", urgency=None, public=True, proposed_at=held, updated_at=held,
    )  # fmt: skip
    with quick.context.store.transaction() as tx:
        tx.put_units([Unit(name, name, "committee") for name in ("hepan_committee", "jinhu_committee")])
        for key, committee in ((1, "hepan_committee"), (2, "jinhu_committee")):
            tx.add_meeting_plan(MeetingPlan(key, committee, "quarterly", Period.QUARTER, {}, held))
        tx.add_meeting(Meeting(4, "M-1", "hepan_committee", "quarterly", 4, held, held, MeetingState.HELD, held, held))
        tx.add_meeting_item(replace(item, carried=2))
        tx.add_meeting_item(replace(item, key=5, item_key="hepan_committee-2025-0002"))
    found = measure(quick.admin, "since=2025-09-30&until=2026-01-01")
    assert [found[name]["meeting_coverage"]["raw"]["value"] for name in ("hepan_committee", "jinhu_committee")] == [
        1,
        0,
    ]
    assert found["hepan_committee"]["carried"]["raw"]["value"] == 0.5
    path = "/api/indicators/jinhu_committee/meeting_coverage/cases?since=2025-10-01&until=2025-12-31"
    assert quick.admin.get(path).get_json()["items"] == [{"caseNo": "2025-Q4", "credit": 0, "reason": None}]
    assert "jinhu_committee" not in measure(quick.admin, "since=2025-10-02&until=2025-12-31")
