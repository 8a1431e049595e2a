"""The case of an instance: opened once, changed, joined, parked, ended; what identifies people is masked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from server.actions import ACTIONS, ActionCall, ActionFailed
from server.model import Case, CaseState

if TYPE_CHECKING:
    from collections.abc import Callable

    Calls = Callable[..., ActionCall]

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
MATTER = "3 号楼楼道堆放旧家具，联系人：张三丰，电话 13812345678"


def run(call: Calls, verb: str, *, root: int = 100, now: datetime = NOW, **variables: object) -> dict[str, Any]:
    return dict(ACTIONS[f"case.{verb}"](call(variables, root=root, now=now)))


def open_case(call: Calls, number: int, *, root: int, now: datetime = NOW, **case: object) -> str:
    content = {"text": MATTER, "category": "neighbour", "place": "锦程社区 3号楼", **case}
    return str(run(call, "open", root=root, now=now, case_no=f"JX-2026-{number:06d}", case=content)["case_no"])


def case_of(store: Any, number: int = 1) -> Case:
    found: Case = store.cases[f"JX-2026-{number:06d}"]
    return found


def test_a_case_is_opened_and_masked(call, store):
    assert open_case(call, 1, root=100, lat=39.9, long=116.4, conflict_unit="chengguan") == "JX-2026-000001"
    record = case_of(store)
    assert record.text == "3 号楼楼道堆放旧家具，联系人：[姓名]，电话 [电话]"
    assert record.title == record.text[:60]
    assert (record.state, record.received_at, record.root_key, record.reporters) == (CaseState.OPEN, NOW, 100, 1)
    assert (record.place.text, record.place.building) == ("锦程社区 3号楼", "锦程社区3号楼")
    assert (record.place.latitude, record.place.longitude) == (39.9, 116.4)
    assert record.conflict_unit == "chengguan"


def test_opening_again_changes_the_case_and_keeps_its_number(call, store):
    open_case(call, 1, root=100)
    assert open_case(call, 9, root=100, title="楼道堆物") == "JX-2026-000001"
    assert case_of(store).title == "楼道堆物"
    assert run(call, "number", prefix="WH") == {"case_no": "JX-2026-000001"}


def test_a_number_belongs_to_one_instance(call):
    open_case(call, 1, root=100)
    with pytest.raises(ActionFailed, match="which is taken"):
        open_case(call, 1, root=200)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "'title' or 'text'"),
        ({"title": "x", "phone": "1"}, "found phone"),
        ({"title": "x", "lat": 39.9}, "only one of them"),
        ({"title": "x", "lat": 139.9, "long": 1}, "from -90 to 90"),
        ({"title": "x", "lat": 39.9, "long": 116.4, "crs": "bd09"}, "gcj02"),
        ({"title": 7}, "'title'"),
    ],
)
def test_what_is_no_case_is_refused(call, content, message):
    with pytest.raises(ActionFailed, match=message):
        run(call, "open", case_no="JX-2026-000001", case=content)


def test_points_of_chinese_maps_are_turned_into_those_of_the_world(call, store):
    open_case(call, 1, root=100, lat=39.91640428150164, long=116.41024449916938, crs="gcj02")
    assert case_of(store).place.latitude == pytest.approx(39.915, abs=1e-5)
    assert case_of(store).place.longitude == pytest.approx(116.404, abs=1e-5)


def test_changes_and_the_reply(call, store):
    open_case(call, 1, root=100)
    run(call, "update", changes={"urgency": "U2", "lead_unit": "chengguan", "reply": "请找王建国 13812345678"})
    run(call, "update", changes={"urgency": None})
    record = case_of(store)
    assert (record.urgency, record.lead_unit, record.reply) == (None, "chengguan", "请找王建国 [电话]")


def test_without_a_case_nothing_can_be_changed(call):
    for verb in ("update", "close", "park", "reopen", "find_similar", "join", "link"):
        with pytest.raises(ActionFailed, match=r"open it with 'case\.open'"):
            run(call, verb, changes={}, state="merged", reason="x", review_at="2027-01-01", to="JX-2026-000001")


def test_parking_reopening_and_ending(call, store):
    open_case(call, 1, root=100)
    run(call, "park", reason="等待年度预算", review_at="2026-12-31")
    parked = case_of(store)
    assert (parked.state, parked.parked_reason) == (CaseState.PARKED, "等待年度预算")
    assert parked.review_at == datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC)
    assert run(call, "reopen") == {"reopened": 0}
    run(call, "close", state="closed_resolved", outcome="confirmed")
    closed = case_of(store)
    assert (closed.state, closed.outcome, closed.closed_at) == (CaseState.CLOSED_RESOLVED, "confirmed", NOW)
    run(call, "close", state="closed_resolved", now=NOW + timedelta(days=1))
    assert case_of(store).closed_at == NOW
    for verb, inputs in (("close", {"state": "withdrawn"}), ("park", {"reason": "x", "review_at": "2026-12-31"})):
        with pytest.raises(ActionFailed, match="which is closed_resolved"):
            run(call, verb, **inputs)
    assert run(call, "reopen") == {"reopened": 1}
    assert (case_of(store).state, case_of(store).closed_at) == (CaseState.OPEN, None)


@pytest.mark.parametrize("review_at", [None, "2026-11-22T08:00:00", "soon"])
def test_a_parked_case_needs_a_date_to_come(call, review_at):
    open_case(call, 1, root=100)
    with pytest.raises(ActionFailed, match="'review_at'"):
        run(call, "park", reason="x", review_at=review_at)


@pytest.mark.parametrize("state", ["open", "parked", "cancelled", "done", None])
def test_a_case_ends_in_known_ways(call, state):
    open_case(call, 1, root=100)
    with pytest.raises(ActionFailed, match="closed_resolved"):
        run(call, "close", state=state)


def test_the_most_similar_case_with_its_features(call):
    open_case(call, 1, root=100, now=NOW - timedelta(days=20), lat=39.9, long=116.4)
    open_case(call, 2, root=200, now=NOW - timedelta(days=2), text="路灯不亮", lat=39.9, long=116.4, place="北门")
    open_case(call, 3, root=300, lat=39.9011, long=116.4, place="3号楼")
    found = run(call, "find_similar", root=300)
    assert found["similar"] == {
        "case_no": "JX-2026-000001",
        "state": "open",
        "root_key": "100",
        "category_same": True,
        "distance_m": 122,
        "same_building": False,
        "days_since_open": 20,
        "days_since_closed": None,
        "text_sim": 1.0,
        "similar_in_90_days": 2,
    }
    assert [one["case_no"] for one in found["candidates"]] == ["JX-2026-000001", "JX-2026-000002"]
    assert run(call, "find_similar", root=300, within_m=100)["similar"]["case_no"] is None


def test_several_reports_are_one_case_and_chains_lead_to_it(call, store):
    for number in (1, 2, 3):
        open_case(call, number, root=number * 100)
    assert run(call, "join", root=200, to="JX-2026-000001") == {"joined_to": "JX-2026-000001", "reporters": 2}
    assert run(call, "join", root=200, to="JX-2026-000001") == {"joined_to": "JX-2026-000001", "reporters": 2}
    assert run(call, "join", root=300, to="JX-2026-000002") == {"joined_to": "JX-2026-000001", "reporters": 3}
    assert (case_of(store, 3).state, case_of(store, 3).joined_to) == (CaseState.MERGED, "JX-2026-000001")
    for to in ("JX-2026-000001", "JX-2026-000009", "JX-2026-000002"):
        with pytest.raises(ActionFailed, match="another case"):
            run(call, "join", root=100, to=to)


def test_a_recurrence_is_linked_to_the_earlier_case(call, store):
    open_case(call, 1, root=100)
    open_case(call, 2, root=200)
    assert run(call, "link", root=200, to="JX-2026-000001") == {"recurrence_of": "JX-2026-000001"}
    assert case_of(store, 2).recurrence_of == "JX-2026-000001"
