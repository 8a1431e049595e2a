"""Whistles: registered with a number, found again by place and category, joined, taken up again; what units have."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from server.actions import ACTIONS, ActionCall, ActionFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    Calls = Callable[..., ActionCall]

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
WHISTLE = {
    "title": "占道经营",
    "owner": "jinxiu",
    "measure": "南门恢复通行（1处）",
    "due_at": "2026-11-30T18:00:00",
    "category": "street_trading",
    "place": "锦程社区 南门",
}


def run(call: Calls, verb: str, *, now: datetime = NOW, **variables: object) -> dict[str, Any]:
    return dict(ACTIONS[f"whistle.{verb}"](call(variables, now=now)))


def register(call: Calls, *, now: datetime = NOW, **changes: object) -> dict[str, Any]:
    return run(call, "register", now=now, prefix="CS", whistle={**WHISTLE, **changes})


def find(call: Calls, own: dict[str, Any], *, now: datetime = NOW, place: str = "锦程社区南門", **more: object) -> Any:
    more = {"street": "jinxiu", "category": "street_trading", **more}
    return run(call, "find_similar", now=now, place=place, row_key=own["row_key"], **more)["similar"]


def end(store: Any, key: str, closed_at: str, status: str = "resolved") -> None:
    row = store.rows[int(key)]
    store.rows[int(key)] = replace(row, status=status, data={**row.data, "closed_at": closed_at})


def test_whistles_are_numbered_without_gaps(call, store):
    assert [register(call)["whistle_no"] for _ in range(2)] == ["CS-2026-000001", "CS-2026-000002"]
    row = next(iter(store.rows.values()))
    assert (row.list_name, row.owner, row.status, row.data["building"]) == ("whistle", "jinxiu", "open", "锦程社区南门")


@pytest.mark.parametrize("missing", ["title", "owner", "measure", "due_at", "category", "place"])
def test_what_lacks_something_is_not_registered(call, store, missing):
    with pytest.raises(ActionFailed):
        register(call, **{missing: None})
    assert store.rows == {}


def test_the_first_whistle_has_none_like_it(call):
    nothing = {"whistle_no": None, "row_key": None, "state": None, "days_since_closed": None, "similar_in_90_days": 1}
    assert find(call, register(call)) == nothing


def test_an_open_whistle_goes_before_a_later_one_that_has_ended(call, store):
    first, second, own = register(call), register(call), register(call)
    end(store, second["row_key"], "2026-11-20T09:00:00+08:00")
    similar = find(call, own)
    assert (similar["whistle_no"], similar["state"], similar["similar_in_90_days"]) == (first["whistle_no"], "open", 3)
    end(store, first["row_key"], "2026-11-01T09:00:00+08:00@Asia/Shanghai")
    similar = find(call, own)
    assert (similar["row_key"], similar["state"], similar["days_since_closed"]) == (second["row_key"], "resolved", 2)


def test_another_place_category_street_or_time_is_another_matter(call):
    earlier = register(call)
    own = register(call, now=NOW + timedelta(days=91))
    later = NOW + timedelta(days=91)
    assert find(call, own, now=later)["whistle_no"] is None
    assert find(call, own, now=later, within_days=100)["whistle_no"] == earlier["whistle_no"]
    for other in ({"place": "北门"}, {"category": "parking"}, {"street": "wanghe"}):
        assert find(call, own, **other)["whistle_no"] is None


def test_what_joined_is_counted_and_not_joined_again(call, store):
    first, second, own = register(call), register(call), register(call)
    end(store, second["row_key"], "2026-11-20T09:00:00+08:00", status="joined")
    assert run(call, "join", to=first["row_key"], whistle_no="CS-2026-000002")["joined_to"] == first["whistle_no"]
    assert run(call, "join", to=first["row_key"], whistle_no="CS-2026-000003")["joined_to"] == first["whistle_no"]
    run(call, "join", to=first["row_key"], whistle_no="CS-2026-000003")
    row = store.rows[int(first["row_key"])]
    assert (row.status, row.data["joined"], row.version) == ("open", ["CS-2026-000002", "CS-2026-000003"], 4)
    similar = find(call, own)
    assert (similar["whistle_no"], similar["similar_in_90_days"]) == (first["whistle_no"], 3)


def test_a_whistle_taken_up_again_tells_who_handled_it(call, store):
    first = register(call, lead_unit="chengguan", assist_units=["jiaoguan"])
    earlier = run(call, "reopen", to=first["row_key"], whistle_no="CS-2026-000002")["earlier"]
    assert earlier == {"whistle_no": "CS-2026-000001", "lead_unit": "chengguan", "assist_units": ["jiaoguan"]}
    row = store.rows[int(first["row_key"])]
    assert (row.status, row.data["reopened_by"]) == ("reopened", "CS-2026-000002")


@pytest.mark.parametrize("verb", ["join", "reopen"])
def test_only_whistles_are_joined_and_taken_up_again(call, store, verb):
    key = ACTIONS["list.add"](call({"list": "problem", "row": {"title": "河水发黑"}}))["row_key"]
    for to in (key, "123", "abc"):
        with pytest.raises(ActionFailed, match="row key of a whistle"):
            run(call, verb, to=to, whistle_no="CS-2026-000002")
    assert len(store.rows) == 1


def test_a_later_process_notes_something_on_a_whistle(call, store):
    first = register(call)
    assert run(call, "note", to=first["row_key"], note={"misused": True}) == {}
    row = store.rows[int(first["row_key"])]
    assert (row.status, row.data["misused"], row.version) == ("open", True, 2)
    for kept in ("status", "owner", "closed_at"):
        with pytest.raises(ActionFailed, match=f"found {kept}, which the whistle keeps"):
            run(call, "note", to=first["row_key"], note={kept: "x"})


def test_open_and_overdue_tasks_are_counted_by_unit(call):
    for owner, due, status in (
        ("chengguan", "2026-11-25", "open"),
        ("chengguan", "2026-11-23", "open"),
        ("chengguan", "2026-11-23", "done"),
        ("zhujian", "2026-11-30", "open"),
    ):
        row = {"title": "清理", "owner": owner, "measure": "一处", "due_at": due, "status": status}
        ACTIONS["list.add"](call({"list": "task", "row": row}))
    later = NOW + timedelta(days=2)
    load = run(call, "load", now=later, units=["zhujian", "shuiwu", "chengguan"])["load"]
    assert [(one["unit"], one["open"], one["overdue"]) for one in load] == [
        ("zhujian", 1, 0),
        ("shuiwu", 0, 0),
        ("chengguan", 2, 1),
    ]
    with pytest.raises(ActionFailed, match="list of up to 200 texts"):
        run(call, "load", units="chengguan")


def test_gaps_of_one_kind_are_counted_for_a_year(call):
    def record(now: datetime = NOW, **changes: object) -> None:
        content = {"title": "加装充电桩", "owner": "district_office@minghu", "status": "gap"}
        row = {**content, "category": "other", "gap_kind": "no_item", **changes}
        ACTIONS["list.add"](call({"list": "whistle_catalogue", "row": row}, now=now))

    wanted = {"owner": "district_office@minghu", "category": "other", "gap_kind": "no_item"}
    assert run(call, "count_gaps", **wanted)["gaps"] == 0
    record()
    record(NOW - timedelta(days=366))
    for change in ({"gap_kind": "unclear"}, {"category": "noise"}, {"owner": "chengguan"}, {"status": "mended"}):
        record(**change)
    assert run(call, "count_gaps", **wanted)["gaps"] == 1
    assert run(call, "count_gaps", **wanted, within_days=400)["gaps"] == 2
    with pytest.raises(ActionFailed, match="category"):
        run(call, "count_gaps", **{**wanted, "category": None})


def test_places_with_other_names_are_one_within_the_distance(call):
    first = register(call, lat=30.0, long=114.0)
    assert find(call, register(call, place="北门", lat=30.002, long=114.0), place="北门")["row_key"] == first["row_key"]
    assert find(call, register(call, place="西门", lat=29.99, long=114.0), place="西门")["row_key"] is None
    assert find(call, register(call, place="东门"), place="东门")["row_key"] is None
    near = register(call, place="塔下", lat=30.001, long=114.0)
    assert find(call, near, place="塔下", within_m=50)["row_key"] is None


def test_a_point_is_kept_in_one_system_and_whole(call, store):
    shifted = register(call, lat=30.0, long=114.0, crs="gcj02")
    data = store.rows[int(shifted["row_key"])].data
    assert data["point"] == pytest.approx([30.0, 114.0], abs=0.01)
    assert data["point"] != [30.0, 114.0]
    assert data.keys().isdisjoint({"lat", "long", "crs"})
    with pytest.raises(ActionFailed, match="together"):
        register(call, lat=30.0)
