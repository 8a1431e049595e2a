"""Items of committees in the database, and what happened to each."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from store_examples import NOW

from server.errors import NotFound
from server.model import ItemState, MeetingItem

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
