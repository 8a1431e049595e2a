"""Since when a clock counts."""

from __future__ import annotations

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
