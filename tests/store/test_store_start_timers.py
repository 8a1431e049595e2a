"""Timer start events: found when due, locked by one, moved, removed, replaced by those of a newer version."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from store_examples import MINUTE, NOW

from server.model import StartTimer

if TYPE_CHECKING:
    from server.store import Store

DAILY = StartTimer("p", "daily", 1, NOW, "R/P1D", None)
ONCE = StartTimer("p", "once", 1, NOW - MINUTE)
OTHER = StartTimer("q", "daily", 2, NOW + MINUTE, "R3/PT1H", 3)


def test_due_ones_are_found_longest_overdue_first(store: Store) -> None:
    with store.reading() as reading:
        assert reading.next_start_at() is None
    with store.transaction() as tx:
        tx.replace_start_timers("p", [DAILY, ONCE])
        tx.replace_start_timers("q", [OTHER])
    with store.reading() as reading:
        assert reading.due_start_timers(NOW, 9) == (ONCE, DAILY)
        assert reading.due_start_timers(NOW, 1) == (ONCE,)
        assert reading.due_start_timers(NOW + MINUTE, 9) == (ONCE, DAILY, OTHER)
        assert reading.next_start_at() == ONCE.due_at


def test_the_newer_version_takes_the_place_of_the_older_ones_only(store: Store) -> None:
    newer = replace(DAILY, definition_key=3, due_at=NOW - 2 * MINUTE)
    with store.transaction() as tx:
        tx.replace_start_timers("p", [DAILY, ONCE])
        tx.replace_start_timers("q", [OTHER])
        tx.replace_start_timers("p", [newer])
        assert tx.due_start_timers(NOW + MINUTE, 9) == (newer, OTHER)
        tx.replace_start_timers("p", [])
        assert tx.due_start_timers(NOW + MINUTE, 9) == (OTHER,)


def test_a_due_one_is_locked_and_moved_or_removed(store: Store) -> None:
    moved = replace(OTHER, due_at=NOW + 9 * MINUTE, repetitions=2)
    with store.transaction() as tx:
        tx.replace_start_timers("p", [ONCE])
        tx.replace_start_timers("q", [OTHER])
    with store.transaction() as tx:
        assert tx.lock_due_start_timer("q", "daily", NOW) is None
        assert tx.lock_due_start_timer("q", "unknown", NOW + MINUTE) is None
        assert tx.lock_due_start_timer("q", "daily", NOW + MINUTE) == OTHER
        tx.move_start_timer(moved)
        assert tx.lock_due_start_timer("q", "daily", NOW + MINUTE) is None
        assert tx.lock_due_start_timer("p", "once", NOW) == ONCE
        tx.remove_start_timer("p", "once")
    with store.reading() as reading:
        assert reading.due_start_timers(NOW + 9 * MINUTE, 9) == (moved,)


def test_what_one_transaction_has_locked_another_passes_over(store: Store) -> None:
    if store.dialect == "sqlite":
        return  # the open transaction is the only writer
    with store.transaction() as tx:
        tx.replace_start_timers("p", [ONCE])
    with store.transaction() as first, store.transaction() as second:
        assert first.lock_due_start_timer("p", "once", NOW) == ONCE
        assert second.lock_due_start_timer("p", "once", NOW) is None
