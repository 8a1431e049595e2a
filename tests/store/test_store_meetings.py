"""Items of committees in the database, and what happened to each."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from store_examples import NOW, instance, step

from server.errors import NotFound
from server.model import (
    Condition,
    InstanceEnd,
    InstanceState,
    ItemState,
    Meeting,
    MeetingItem,
    MeetingPlan,
    MeetingState,
    Period,
    Query,
)

if TYPE_CHECKING:
    from server.store import Store

ITEM = MeetingItem(
    key=1,
    item_key="jincheng_committee-2026-0001",
    committee="jincheng_committee",
    title="停车难",
    facts="晚间车位不足",
    desired_decision="共享车位",
    source="form",
    urgency=None,
    public=True,
    proposed_at=NOW,
    updated_at=NOW,
    case_no="JX-2026-000001",
)


def test_an_item_goes_from_the_backlog_to_a_decision_with_its_history(store: Store) -> None:
    other = replace(ITEM, key=2, item_key="hepan_committee-2026-0001", committee="hepan_committee")
    scheduled = replace(ITEM, state=ItemState.SCHEDULED, meeting_no="M1")
    decided = replace(scheduled, state=ItemState.DECIDED, decision="task")
    with store.transaction() as tx:
        tx.add_meeting_item(ITEM)
        tx.add_meeting_item(other)
        tx.add_meeting_item_event(ITEM, NOW, "proposed", "sun_mei")
        assert tx.meeting_backlog("jincheng_committee", 9) == (ITEM,)
        tx.update_meeting_item(scheduled)
        assert tx.meeting_backlog("jincheng_committee", 9) == (scheduled,)
        tx.update_meeting_item(decided)
        tx.add_meeting_item_event(decided, NOW, "decided", "wu_tao", decision="task", note="同意")
        with pytest.raises(NotFound):
            tx.update_meeting_item(replace(ITEM, key=9))
    with store.reading() as reading:
        assert reading.meeting_item(ITEM.item_key) == decided
        assert reading.meeting_item("none") is None
        assert reading.meeting_backlog("jincheng_committee", 9) == ()
        first, last = reading.meeting_item_events(ITEM.item_key)
        assert (first.number, first.verb, first.meeting_no, first.note) == (1, "proposed", None, None)
        assert (last.number, last.decision, last.meeting_no, last.note) == (2, "task", "M1", "同意")


MEETING = Meeting(3, "hepan_committee-M2026-001", "hepan_committee", "quarterly", 11, NOW, NOW)
PLAN = MeetingPlan(5, "hepan_committee", "quarterly", Period.QUARTER, {"chair": "tao"}, NOW, next_start_at=NOW)


def test_meetings_are_found_counted_and_changed(store: Store) -> None:
    held = replace(MEETING, state=MeetingState.HELD, session_at=NOW, held_at=NOW, content={"absent_units": ["ranqi"]})
    failed = replace(MEETING, key=4, meeting_no="M2", session_at=NOW, state=MeetingState.NOT_HELD)
    later = NOW + timedelta(days=1)
    with store.transaction() as tx:
        tx.add_meeting(MEETING)
        tx.add_meeting(failed)
        assert tx.last_held_meeting("hepan_committee", "quarterly") is None
        assert tx.count_meetings("hepan_committee", NOW, later) == (0, 0)
        tx.update_meeting(held)
        assert tx.lock_meeting(held.meeting_no) == held
        assert tx.lock_meeting("none") is None
        with pytest.raises(NotFound):
            tx.update_meeting(replace(MEETING, key=9))
    with store.reading() as reading:
        assert reading.meeting(held.meeting_no) == reading.last_held_meeting("hepan_committee", "quarterly") == held
        assert reading.count_meetings("hepan_committee", NOW, later) == (1, 1)
        assert reading.count_meetings("hepan_committee", later, later) == (0, 0)
        assert reading.search_meetings(Query(), ["hepan_committee"]).total == 2
        assert reading.search_meetings(Query(), []).total == 0
        assert [one.key for one in reading.search_meetings(Query((Condition("state", "eq", "held"),))).items] == [3]


def test_a_due_plan_is_taken_once(store: Store) -> None:
    with store.transaction() as tx:
        tx.add_meeting_plan(PLAN)
        assert tx.lock_meeting_plan(5) == tx.meeting_plan(5) == PLAN
        assert tx.lock_meeting_plan(6) is None
        assert tx.meeting_plan(6) is None
    with store.reading() as reading:
        assert reading.due_meeting_plans(NOW, 9) == reading.meeting_plans() == (PLAN,)
        assert reading.meeting_plans("other") == ()
        assert reading.next_meeting_start_at() == NOW
    moved = replace(PLAN, next_start_at=NOW + timedelta(days=90), version=2)
    with store.transaction() as tx:
        assert tx.lock_due_meeting_plan(5, NOW) == PLAN
        tx.update_meeting_plan(moved)
    with store.transaction() as tx:
        assert tx.lock_due_meeting_plan(5, NOW) is None
        with pytest.raises(NotFound):
            tx.update_meeting_plan(replace(PLAN, key=9))
        assert tx.meeting_plan(5) == moved


def test_what_stands_on_the_agenda_of_a_meeting_under_way_is_not_to_be_scheduled(store: Store) -> None:
    running = instance(MEETING.root_key)
    item = replace(ITEM, committee=MEETING.committee, state=ItemState.SCHEDULED, meeting_no=MEETING.meeting_no)
    with store.transaction() as tx:
        tx.add_meeting_item(item)
        assert tx.agenda_of_meeting_item(item.item_key) is None  # there is no such meeting any more
        tx.add_meeting(MEETING)
        tx.create_root(step(MEETING.root_key, instances_started=(running,)))
        assert tx.agenda_of_meeting_item(item.item_key) == MEETING.meeting_no
        assert tx.meeting_items_to_schedule(MEETING.committee, 9) == ()
        assert tx.lock_meeting_item(item.item_key) == item
        assert tx.lock_meeting_item("none") is None
        for state in (MeetingState.CLOSED, MeetingState.NOT_HELD, MeetingState.CIRCULATED):
            tx.update_meeting(replace(MEETING, state=state))
            assert tx.meeting_items_to_schedule(MEETING.committee, 9) == (item,)
        tx.update_meeting(replace(MEETING, state=MeetingState.HELD))
        assert tx.meeting_items_to_schedule(MEETING.committee, 9) == ()
        ended = InstanceEnd(running.key, InstanceState.TERMINATED, NOW)
        tx.save_step(step(running.key, instances_ended=(ended,)), 1)
        assert tx.meeting_items_to_schedule(MEETING.committee, 9) == (item,)


def test_items_of_a_meeting_are_found(store: Store) -> None:
    with store.transaction() as tx:
        tx.add_meeting_item(replace(ITEM, meeting_no="M1"))
        assert [item.item_key for item in tx.meeting_items("M1")] == [ITEM.item_key]
        assert tx.meeting_items("M2") == ()
