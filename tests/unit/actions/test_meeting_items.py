"""Items of committees: proposed at the nearest committee, withdrawn by who proposed them; messages out of diagrams."""

from __future__ import annotations

from datetime import timedelta

import pytest

from server.actions import ACTIONS, ActionFailed
from server.model import ItemState, Place, Unit

ITEM = {"title": "停车难", "facts": "晚间车位不足，电话 13812345678", "desired_decision": "共享车位", "source": "form"}
UNITS = (
    Unit("minghu", "明湖区", "district", None),
    Unit("jinxiu", "锦绣街道", "street", "minghu"),
    Unit("jincheng", "锦程社区", "community", "jinxiu"),
    Unit("jincheng_committee", "锦程社区大党委", "committee", "jincheng"),
    Unit("minghu_committee", "区协调委员会", "committee", "minghu"),
)


@pytest.fixture(autouse=True)
def organisation(store):
    store.known_units = UNITS


def propose(call, committee="jincheng_committee", root=100, **entries):
    return ACTIONS["meeting.propose"](call({"committee": committee, "item": {**ITEM, **entries}}, root=root))


@pytest.mark.parametrize(
    ("unit", "committee"),
    [("jincheng_committee", "jincheng_committee"), ("jincheng", "jincheng_committee"), ("jinxiu", "minghu_committee")],
)
def test_an_item_comes_to_the_nearest_committee(call, store, unit, committee):
    assert propose(call, unit) == {"item_key": f"{committee}-2026-0001", "committee": committee}
    item = store.items[f"{committee}-2026-0001"]
    assert (item.facts, item.state, item.carried, item.public) == (
        "晚间车位不足，电话 [电话]",
        ItemState.OPEN,
        0,
        False,
    )
    assert [event[1] for event in store.item_events] == ["proposed"]


@pytest.mark.parametrize(
    ("committee", "entries", "says"),
    [
        ("nowhere", {}, "kind committee"),
        ("jincheng", {"title": "长" * 61}, "at most 60"),
        ("jincheng", {"facts": ""}, "'facts'"),
        ("jincheng", {"colour": "red"}, "colour"),
        ("jincheng", {"reconsiders": "jincheng_committee-2026-0009"}, "'reconsiders'"),
    ],
)
def test_what_is_no_item_is_named(call, store, committee, entries, says):
    with pytest.raises(ActionFailed, match=says):
        propose(call, committee, **entries)
    assert not store.items


def test_who_proposed_withdraws_before_a_decision(call, store):
    propose(call)
    withdrawing = {"item_key": "jincheng_committee-2026-0001", "reason": "已自行解决"}
    with pytest.raises(ActionFailed, match="this instance proposed"):
        ACTIONS["meeting.withdraw"](call(withdrawing, root=200))
    for _ in range(2):
        assert ACTIONS["meeting.withdraw"](call(withdrawing)) == {}
    assert store.items["jincheng_committee-2026-0001"].state is ItemState.WITHDRAWN
    assert [event[1] for event in store.item_events] == ["proposed", "withdrawn"]
    with pytest.raises(ActionFailed, match="which is none"):
        ACTIONS["meeting.withdraw"](call({"item_key": "x", "reason": "y"}))


def test_a_message_is_buffered_for_who_waits_and_who_begins_with_it(call, store):
    store.starting, store.waiting = ("watcher", "whistle"), (Place("wait", 1, 2, 3, 4, "whistle"),)
    key = ACTIONS["message.publish"](call({"name": "m", "correlation_key": "k", "message_variables": {"a": 1}}))
    ((message, starting),) = store.messages
    assert (str(message.key), message.variables) == (key["message_key"], {"a": 1})
    assert message.expires_at - message.published_at == timedelta(days=90)
    assert starting == ["watcher"]
