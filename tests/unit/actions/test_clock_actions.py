"""Since when a clock counts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server.actions import ACTIONS, ActionFailed

FINISH = {"clock": "finish", "amount": 24, "unit": "h"}


def test_a_clock_may_have_begun_with_the_report(store, call):
    started = ACTIONS["clock.start"](call({**FINISH, "started_at": "2026-11-22T08:00:00+08:00"}))
    record = store.clock(int(started["clock_key"]))
    assert (record.clock.started_at.isoformat(), record.clock.due_at.isoformat()) == (
        "2026-11-22T00:00:00+00:00",
        "2026-11-23T00:00:00+00:00",
    )


def test_a_clock_does_not_begin_later(call):
    with pytest.raises(ActionFailed, match="expected a moment that has passed"):
        ACTIONS["clock.start"](call({**FINISH, "started_at": "2026-11-22T09:00:01+08:00"}))


def test_a_clock_goes_to_another_unit_as_it_is(store, call):
    key = ACTIONS["clock.start"](call({**FINISH, "owner": "chengguan"}))["clock_key"]
    before = store.clock(int(key))
    assert ACTIONS["clock.assign"](call({"clock_key": key, "owner": "zhujian"})) == {}
    assert store.clock(int(key)) == replace(before, owner="zhujian")


@pytest.mark.parametrize("change", [{"clock_key": "1"}, {"owner": None}])
def test_a_clock_is_assigned_to_a_named_unit_only(call, change):
    key = ACTIONS["clock.start"](call(FINISH))["clock_key"]
    with pytest.raises(ActionFailed, match=next(iter(change))):
        ACTIONS["clock.assign"](call({"clock_key": key, "owner": "zhujian", **change}))
