"""Facts about two cases that may be one matter, and what the table D12 makes of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.dmn import parse_dmn
from server.feel import Environment
from server.governance.duplicates import compare_cases, compare_texts, count_recent, find_similar
from server.governance.places import find_box, measure_distance, normalise_place, unshift_point
from server.governance.script import simplify
from server.model import Case, CasePlace, CaseState

NOW = datetime(2026, 11, 22, tzinfo=UTC)
TABLE = Path(__file__).parents[3] / "processes/three_list_issue/duplicate_check.dmn"
PLACE = CasePlace("锦程社区3号楼", "锦程社区3号楼", latitude=39.9, longitude=116.4)
NEW = Case(1, "JX-1", 1, "楼道堆物", NOW, "三号楼楼道堆放旧家具", category="neighbour", place=PLACE)
KNOWN = replace(NEW, key=2, case_no="JX-2", root_key=2, received_at=NOW - timedelta(days=4))
FACTS = {
    "category_same": True,
    "distance_m": 100,
    "same_building": False,
    "days_since_open": 4,
    "days_since_closed": None,
    "text_sim": 0.8,
    "similar_in_90_days": 1,
}


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        ("路灯不亮", "路灯不亮", 1, 1),
        ("路燈不亮，請派人來修。", "路灯 不亮 请派人来修", 1, 1),
        ("小区北门路灯不亮", "北门路灯三盏不亮", 0.3, 0.6),
        ("路灯不亮", "河水发黑", 0, 0),
        ("", "", 0, 0),
        ("灯", "灯", 1, 1),
        ("ＡＢＣ", "abc", 1, 1),
    ],
)
def test_how_alike_texts_are(one: str, other: str, least: float, most: float) -> None:
    assert least <= compare_texts(one, other) <= most
    assert compare_texts(one, other) == compare_texts(other, one)


@given(st.text(), st.text())
def test_likeness_is_a_share(one: str, other: str) -> None:
    assert 0 <= compare_texts(one, other) <= 1
    assert len(simplify(one)) == len(one)


def test_places_compare_without_spaces_width_and_script() -> None:
    assert normalise_place("錦程社區 ３號樓，2單元") == normalise_place("锦程社区3号楼2单元")


def test_distances() -> None:
    assert measure_distance((39.9, 116.4), (39.9, 116.4)) == 0
    assert measure_distance((0, 0), (0, 1)) == pytest.approx(111_195, abs=1)
    assert measure_distance((39.9, 116.4), (39.90225, 116.4)) == pytest.approx(250.2, abs=0.1)


@given(st.floats(-80, 80), st.floats(-179, 179), st.floats(-0.02, 0.02), st.floats(-0.02, 0.02), st.integers(1, 2000))
def test_the_box_holds_what_is_within_the_radius(
    latitude: float, longitude: float, north: float, east: float, radius: int
) -> None:
    south, west, top, right = find_box((latitude, longitude), radius)
    other = latitude + north, longitude + east
    if measure_distance((latitude, longitude), other) <= radius:
        assert south <= other[0] <= top
        assert west <= other[1] <= right


def test_points_outside_of_china_are_not_shifted() -> None:
    assert unshift_point(48.2, 16.4) == (48.2, 16.4)


def test_facts_about_an_open_and_a_closed_case() -> None:
    same = compare_cases(NEW, KNOWN, NOW)
    assert (same.category_same, same.distance_m, same.same_building, same.text_sim) == (True, 0, True, 1.0)
    assert (same.days_since_open, same.days_since_closed) == (4, None)
    closed = replace(KNOWN, state=CaseState.CLOSED_RESOLVED, closed_at=NOW - timedelta(days=1, hours=5), category=None)
    facts = compare_cases(replace(NEW, place=CasePlace()), closed, NOW)
    assert (facts.category_same, facts.distance_m, facts.same_building, facts.days_since_closed) == (
        False,
        None,
        False,
        1,
    )


def test_the_nearest_in_matter_comes_first_and_what_stands_for_another_case_not_at_all() -> None:
    other = replace(KNOWN, key=3, case_no="JX-3", text="路灯不亮", title="路灯")
    merged = replace(KNOWN, key=4, case_no="JX-4", state=CaseState.MERGED)
    far = replace(KNOWN, key=5, case_no="JX-5", place=replace(PLACE, building="x", latitude=39.95))
    found = find_similar(NEW, [other, merged, far, NEW, KNOWN], NOW, 250)
    assert [one.case.case_no for one in found] == ["JX-2", "JX-3"]
    old = replace(KNOWN, received_at=NOW - timedelta(days=91))
    assert count_recent(find_similar(NEW, [other, old], NOW, 250)) == 1


@pytest.mark.parametrize(
    ("changes", "decision"),
    [
        ({}, "join"),
        ({"distance_m": 250}, "join"),
        ({"distance_m": 251}, "new"),
        ({"distance_m": None, "same_building": True}, "join"),
        ({"distance_m": None}, "new"),
        ({"category_same": False}, "join"),
        ({"category_same": False, "text_sim": 0.6}, "new"),
        ({"category_same": False, "distance_m": None, "same_building": True}, "join"),
        ({"text_sim": 0.1}, "new"),
        ({"text_sim": 0.1, "same_building": True}, "link"),
        ({"days_since_open": 400}, "new"),
        ({"days_since_closed": 15}, "reopen"),
        ({"days_since_closed": 15, "same_building": True, "distance_m": None}, "reopen"),
        ({"days_since_closed": 16}, "link"),
        ({"days_since_closed": 180, "same_building": True, "distance_m": None}, "link"),
        ({"days_since_closed": 181}, "new"),
        (dict.fromkeys(FACTS) | {"category_same": False, "same_building": False, "text_sim": 0}, "new"),
    ],
)
def test_the_table_of_duplicates(changes: dict[str, object], decision: str) -> None:
    assert decide(FACTS | changes) == {"decision": decision, "recurrence": False}


def test_three_in_ninety_days_are_a_recurrence() -> None:
    assert decide(FACTS | {"similar_in_90_days": 3}) == {"decision": "join", "recurrence": True}
    assert decide({name: value for name, value in FACTS.items() if name != "similar_in_90_days"})["recurrence"] is False


def decide(facts: dict[str, object]) -> dict[str, object]:
    model, findings = parse_dmn(TABLE.read_bytes())
    assert model is not None
    assert not findings
    output = model.evaluate("duplicate_check", facts, Environment(NOW, ZoneInfo("Asia/Shanghai"))).output
    assert isinstance(output, dict)
    return output
