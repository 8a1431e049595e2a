"""A meeting from its plan to its record; what became of its items."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from server.actions import ACTIONS, ActionFailed
from server.model import ItemState, MeetingPlan, MeetingState, Period, Unit, UserAccount

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
UNITS = (
    Unit("lake", "明湖区", "district", None),
    Unit("silk", "锦绣街道", "street", "lake"),
    Unit("east", "东苑社区", "community", "silk"),
    Unit("east_committee", "东苑社区大党委", "committee", "east"),
    Unit("lake_committee", "区委员会", "committee", "lake"),
)
MEMBERS = [{"seat": "1", "kind": "secretary", "unit": "east", "person": "lin"}]
ITEM = {"title": "停车难", "facts": "车位不足", "desired_decision": "共享车位", "source": "meeting"}


def run(call, verb, root=100, **variables):
    return dict(ACTIONS[f"meeting.{verb}"](call(variables, root=root)) or {})


@pytest.fixture
def opened(call, store):
    store.known_units = UNITS
    store.accounts = {"lin": UserAccount("lin", "林悦", None, NOW)}
    store.plans = [MeetingPlan(1, "east_committee", "quarterly", Period.QUARTER, {"members": MEMBERS}, NOW)]
    return run(call, "open", committee="east_committee", kind="adhoc")


@pytest.fixture
def item_key(call, opened):
    assert opened
    return run(call, "propose", committee="east", item=ITEM)["item_key"]


def decide(call, opened, item_key, decision, **more):
    given = {"item_key": item_key, "meeting_no": opened["meeting_no"], "decision": decision, "note": "同意", **more}
    return run(call, "decide", **given)


def test_a_meeting_that_is_called_takes_the_first_plan(opened, store):
    assert opened["meeting_no"] == "east_committee-M2026-001"
    plan = opened["meeting_plan"]
    assert (plan["committee_name"], plan["kind"], plan["period"]) == ("东苑社区大党委", "adhoc", "quarter")
    assert plan["members"] == [{**MEMBERS[0], "label": "东苑社区 林悦"}]
    assert opened["absent_before"] == []
    assert store.meetings[opened["meeting_no"]].state is MeetingState.OPEN


def test_who_was_absent_last_time_is_told(call, opened, store):
    run(call, "record", meeting_no=opened["meeting_no"], record={"absent_units": ["east"]}, held_at="2026-11-22T09:00")
    store.accounts = {}
    again = run(call, "open", committee="east_committee", kind="adhoc")
    assert again["absent_before"] == ["east"]
    assert again["meeting_plan"]["members"][0]["label"] == "东苑社区 lin"


def test_a_committee_without_a_plan_is_named(call):
    with pytest.raises(ActionFailed, match="meeting plan"):
        run(call, "open", committee="lake_committee", kind="adhoc")


def test_the_backlog_goes_on_the_agenda(call, opened, store, item_key):
    (entry,) = run(call, "collect", committee="east_committee")["backlog"]
    assert (entry["item_key"], entry["carried"], entry["overdue"]) == (item_key, 0, False)
    fixed = {"meeting_no": opened["meeting_no"], "session_at": "2026-12-01T14:00", "agenda": [entry], "place": "议事厅"}
    put = run(call, "schedule", **fixed)
    assert put == run(call, "schedule", **fixed) == {"agenda": [entry]}
    meeting = store.meetings[opened["meeting_no"]]
    assert (meeting.state, meeting.content["place"]) == (MeetingState.SCHEDULED, "议事厅")
    assert store.items[item_key].state is ItemState.SCHEDULED
    assert store.item_events == [(item_key, "proposed"), (item_key, "scheduled")]


@pytest.fixture
def taken(call, opened, store, item_key):
    """An item that stands on the agenda of one meeting, beside another meeting of the same committee."""
    assert opened
    held = {"meeting_no": opened["meeting_no"], "session_at": "2026-12-01T14:00", "agenda": [{"item_key": item_key}]}
    store.running = {100, 200}
    other = run(call, "open", root=200, committee="east_committee", kind="adhoc")
    run(call, "schedule", **held)
    return {"root": 200, "meeting_no": other["meeting_no"]}


def test_what_stands_on_the_agenda_of_an_unfinished_meeting_stays_there(call, opened, store, item_key, taken):
    assert run(call, "collect", committee="east_committee") == {"backlog": []}
    entries = [{"item_key": item_key}]
    agenda = {"session_at": "2026-12-01T15:00", "agenda": entries}
    assert run(call, "schedule", **taken, **agenda) == run(call, "agenda", **taken, agenda=entries) == {"agenda": []}
    assert store.meetings[taken["meeting_no"]].content["agenda"] == []
    assert store.items[item_key].meeting_no == opened["meeting_no"]
    assert run(call, "agenda", meeting_no=opened["meeting_no"], agenda=entries)["agenda"][0]["title"] == "停车难"
    with pytest.raises(ActionFailed, match="has to decide on"):
        run(call, "decide", **taken, item_key=item_key, decision="task", note="同意")


@pytest.mark.parametrize("state", [MeetingState.CLOSED, MeetingState.NOT_HELD, MeetingState.CIRCULATED, None])
def test_what_a_meeting_that_ended_left_undecided_comes_back(call, opened, store, item_key, taken, state):
    if state is None:
        store.running = {200}  # the meeting was cancelled
    else:
        ended = replace(store.meetings[opened["meeting_no"]], state=state)
        store.meetings[opened["meeting_no"]] = ended
    (entry,) = run(call, "collect", committee="east_committee")["backlog"]
    (kept,) = run(call, "agenda", **taken, agenda=[{**entry, "reporter": "林悦"}])["agenda"]
    assert (kept["item_key"], kept["reporter"]) == (item_key, "林悦")
    assert store.items[item_key].meeting_no == taken["meeting_no"]


@pytest.mark.usefixtures("taken")
def test_what_is_taken_off_an_agenda_comes_back(call, opened, store, item_key):
    fixed = {"meeting_no": opened["meeting_no"], "session_at": "2026-12-01T14:00"}
    assert run(call, "schedule", **fixed) == {}
    assert store.items[item_key].state is ItemState.SCHEDULED
    assert run(call, "schedule", **fixed, agenda=[]) == {"agenda": []}
    assert (store.items[item_key].state, store.items[item_key].meeting_no) == (ItemState.OPEN, None)
    assert [verb for _, verb in store.item_events] == ["proposed", "scheduled", "unscheduled"]


@pytest.mark.usefixtures("taken")
def test_what_was_withdrawn_or_moved_leaves_the_agenda(call, opened, item_key):
    other = run(call, "propose", committee="east", item=ITEM)["item_key"]
    entries = [{"item_key": item_key}, {"item_key": other}]
    for _ in range(2):
        agenda = run(call, "agenda", meeting_no=opened["meeting_no"], agenda=entries)["agenda"]
        assert [one["item_key"] for one in agenda] == [item_key, other]
    run(call, "withdraw", item_key=item_key, reason="已自行解决")
    run(call, "succeed", unit="east", successor="lake")
    assert run(call, "agenda", meeting_no=opened["meeting_no"], agenda=entries) == {"agenda": []}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"session_at": None}, "'session_at'"),
        ({"agenda": "x"}, "list of items"),
        ({"agenda": [{"item_key": "other"}]}, "which is none"),
        ({"meeting_no": "other"}, "'meeting_no'"),
    ],
)
def test_what_cannot_be_scheduled_is_named(call, opened, changes, says):
    with pytest.raises(ActionFailed, match=says):
        run(call, "schedule", **{"meeting_no": opened["meeting_no"], "session_at": "2026-12-01T14:00", **changes})


def test_minutes_are_kept_in_every_version_and_made_public_without_personal_data(call, opened, store):
    for version in (1, 2):
        record = {"minutes": {"version": version}, "public_minutes": {"text": "电话 13812345678", "items": [1]}}
        run(call, "record", meeting_no=opened["meeting_no"], record=record, state="closed")
    content = store.meetings[opened["meeting_no"]].content
    assert [one["version"] for one in content["minutes"]] == [1, 2]
    assert content["public_minutes"] == {"text": "电话 [电话]", "items": [1]}
    assert run(call, "attendance", meeting_no=opened["meeting_no"]) == {"checked_in": []}


def test_coverage_is_counted_in_a_span(call, store):
    store.counted = (2, 1)
    span = {"committee": "east_committee", "from": "2026-10-01T00:00:00", "until": "2027-01-01T00:00:00"}
    assert run(call, "coverage", **span) == {"scheduled": 2, "held": 1}
    with pytest.raises(ActionFailed, match="'from' and 'until'"):
        run(call, "coverage", **{**span, "until": None})


def test_an_item_is_carried_then_lifted_with_its_history(call, opened, store, item_key):
    assert decide(call, opened, item_key, "carry", next_on="2026-11-01") == {"carried_count": 1, "lifted_to": None}
    (entry,) = run(call, "collect", committee="east_committee")["backlog"]
    assert (entry["carried"], entry["overdue"]) == (1, True)
    assert decide(call, opened, item_key, "lift", lift_to="east")["lifted_to"] == "lake_committee"
    item = store.items[item_key]
    assert (item.committee, item.state, item.carried) == ("lake_committee", ItemState.OPEN, 0)
    assert [verb for _, verb in store.item_events] == ["proposed", "carried", "lifted"]
    with pytest.raises(ActionFailed, match="has to decide on"):
        decide(call, opened, item_key, "task")


@pytest.mark.parametrize(
    ("decision", "more", "state"),
    [
        ("lift", {}, ItemState.DECIDED),
        ("lift", {"lift_to": "nowhere"}, ItemState.DECIDED),
        ("task", {"rows": ["7"]}, ItemState.DECIDED),
        ("withdraw", {}, ItemState.WITHDRAWN),
    ],
)
def test_what_is_decided_leaves_the_backlog(call, opened, store, item_key, decision, more, state):
    assert decide(call, opened, item_key, decision, **more)["lifted_to"] is None
    assert store.items[item_key].state is state
    entry = store.meetings[opened["meeting_no"]].content["decisions"][0]
    assert (entry["decision"], entry["rows"]) == (decision, more.get("rows", []))


def test_the_committee_at_the_top_has_none_above(call, opened, store, item_key):
    top = replace(store.meetings[opened["meeting_no"]], committee="lake_committee")
    store.meetings[opened["meeting_no"]] = top
    store.items[item_key] = replace(store.items[item_key], committee="lake_committee")
    assert decide(call, opened, item_key, "lift", lift_to="lake")["lifted_to"] is None


def test_rows_are_keys(call, opened, item_key):
    with pytest.raises(ActionFailed, match="'rows'"):
        decide(call, opened, item_key, "task", rows=["x"])


def test_rows_of_an_earlier_decision_are_cancelled_unless_they_ended(call, opened, store, item_key):
    row = {"title": "停车", "owner": "east", "measure": "十个车位", "due_at": "2026-12-18"}
    rows = [ACTIONS["list.add"](call({"list": "task", "row": row}))["row_key"] for _ in range(2)]
    ACTIONS["list.update"](call({"row_key": rows[0], "status": "done"}))
    decide(call, opened, item_key, "task", rows=[*rows, "99"])
    assert run(call, "cancel_rows", item_key=item_key) == {"cancelled_rows": [rows[1]]}
    assert [one.status for one in store.rows.values()] == ["done", "cancelled"]
    fresh = run(call, "propose", committee="east", item=ITEM)["item_key"]
    assert run(call, "cancel_rows", item_key=fresh) == {"cancelled_rows": []}


def test_a_successor_takes_the_backlog(call, store, item_key):
    assert run(call, "succeed", unit="east", successor="lake") == {"moved": 1}
    assert store.items[item_key].committee == "lake_committee"
    assert run(call, "succeed", unit="lake", successor="lake_committee") == {"moved": 0}
    for other in ("nowhere", "silk"):
        assert run(call, "succeed", unit=other, successor="lake") == {"moved": 0}
    with pytest.raises(ActionFailed, match="'successor'"):
        run(call, "succeed", unit="east", successor="nowhere")
