"""When meetings begin by plan, whose committee a unit has, and what the file of committees may say."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
import yaml

from server.governance.committees_file import PlannedMeeting, check_plan, parse_plans
from server.governance.meetings import find_committee, next_tick
from server.governance.organisation import Organisation, parse_organisation
from server.model import MeetingPlan, Period
from tests.unit.governance.china import SHANGHAI, china

FOLDER = Path(__file__).parents[3] / "organisation"


@pytest.fixture(scope="module")
def district() -> Organisation:
    return parse_organisation({p.name: p.read_text("utf-8") for p in FOLDER.glob("*.yaml")})[0]


@pytest.mark.parametrize(
    ("period", "after", "tick"),
    [
        (Period.QUARTER, "2026-08-01T10:00", "2026-10-08T09:00"),  # 1 to 7 October are holidays
        (Period.QUARTER, "2026-10-03T10:00", "2026-10-08T09:00"),
        (Period.QUARTER, "2026-10-08T09:00", "2027-01-04T09:00"),
        (Period.MONTH, "2026-10-31T10:00", "2026-11-02T09:00"),
        (Period.MONTH, "2026-12-01T09:00", "2027-01-04T09:00"),
        (Period.WEEK, "2026-11-23T09:00", "2026-11-30T09:00"),
        (Period.WEEK, "2026-09-28T10:00", "2026-10-08T09:00"),
        (Period.FORTNIGHT, "2026-11-23T08:59", "2026-11-23T09:00"),
        (Period.FORTNIGHT, "2026-11-24T09:00", "2026-12-07T09:00"),
        (Period.FORTNIGHT, "2025-01-05T09:00", "2025-01-06T09:00"),
    ],
)
def test_a_meeting_begins_on_the_first_working_day_of_its_period(period: Period, after: str, tick: str) -> None:
    moment = datetime.fromisoformat(after).replace(tzinfo=SHANGHAI)
    plan = MeetingPlan(1, "c", "weekly", period, {}, moment, anchor_on="2026-11-23")
    found = next_tick(plan, moment, china())
    assert found == datetime.fromisoformat(tick).replace(tzinfo=SHANGHAI)


def test_a_meeting_that_only_is_called_has_no_tick() -> None:
    moment = datetime(2026, 11, 23, 9, tzinfo=SHANGHAI)
    assert next_tick(MeetingPlan(1, "c", "adhoc", Period.NONE, {}, moment), moment, china()) is None


def test_weeks_without_an_anchor_are_counted_from_the_day_itself() -> None:
    moment = datetime(2026, 11, 24, 8, tzinfo=SHANGHAI)
    plan = MeetingPlan(1, "c", "weekly", Period.WEEK, {}, moment)
    assert next_tick(plan, moment, china()) == datetime(2026, 11, 24, 9, tzinfo=SHANGHAI)


def test_every_community_has_a_committee_that_meets_quarterly(district: Organisation) -> None:
    communities = [unit.unit_id for unit in district.units.values() if unit.kind == "community"]
    planned = {plan.committee for plan in district.plans if (plan.kind, plan.period) == ("quarterly", Period.QUARTER)}
    assert {find_committee(district.units, unit_id) for unit_id in communities} == planned
    assert find_committee(district.units, "jinxiu") == "minghu_committee"
    assert find_committee(district.units, "yunshui") is None
    assert find_committee(district.units, "nowhere") is None


def test_mistakes_in_the_file_of_committees_are_findings(district: Organisation) -> None:
    entry = {
        "id": "a",
        "committee": "hepan",
        "kind": "yearly",
        "period": "decade",
        "chair": "nobody",
        "secretary": "tao_ran",
        "quorum_rule": "custom",
        "members": [{"kind": "guest", "unit": "nowhere", "person": "tao_ran", "substitute": "nobody"}, {"kind": "org"}],
    }
    findings: list = []
    parse_plans(yaml.safe_dump({"committees": [entry]}), district.units, district.people, findings)
    found = {(finding.path.rsplit("/", 1)[1], finding.message.split(", found")[0]) for finding in findings}
    assert {name for name, _ in found} == {"committee", "kind", "period", "chair", "quorum_num", "members"}
    assert ("members", "expected a person") in found
    findings.clear()
    parse_plans(
        yaml.safe_dump({"committees": [{**entry, "members": 1, "deputies": ["tao_ran"]}]}),
        district.units,
        district.people,
        findings,
    )
    assert "expected at least one member, found none" in {finding.message for finding in findings}
    assert parse_plans(None, district.units, district.people, findings) == ()


def test_a_plan_of_its_own_quorum_is_fine(district: Organisation) -> None:
    (plan,) = (one for one in district.plans if one.committee == "hepan_xiaoqu")
    own = {**plan.content, "quorum_rule": "custom", "quorum_num": 3, "quorum_den": 5}
    assert check_plan(PlannedMeeting(plan.committee, "weekly", Period.WEEK, own), district.units, district.people) == []
