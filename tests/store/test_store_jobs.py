"""Jobs, timers and messages: what is offered when, and to whom."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from store_examples import MINUTE, NOW, counting, job, start, step, subscription, timer

from server.errors import Conflict, NotFound
from server.model import Condition, JobEnd, JobState, Query

if TYPE_CHECKING:
    from server.store import Store


def lease(store: Store, minutes: int, *, type_: str = "mail", limit: int = 10) -> list[int]:
    now = NOW + minutes * MINUTE
    with store.transaction() as tx:
        return [one.key for one in tx.activate_jobs(type_, "w", now + 5 * MINUTE, now, limit)]


def test_a_leased_job_tells_its_worker_and_is_offered_again_when_the_lease_runs_out(store: Store) -> None:
    start(store, jobs_created=(job(1, custom_headers={"to": "desk"}), job(2, type="sms")))
    with store.transaction() as tx:
        leased = tx.activate_jobs("mail", "worker-1", NOW + 5 * MINUTE, NOW, 10)
        assert leased == (
            replace(
                job(1, custom_headers={"to": "desk"}), worker="worker-1", deadline=NOW + 5 * MINUTE, updated_at=NOW
            ),
        )
        assert tx.job(1) == leased[0]
    assert lease(store, 4) == []
    assert lease(store, 5) == [1]
    assert lease(store, 5) == []


def test_leasing_takes_one_statement_and_the_longest_waiting_first(store: Store) -> None:
    start(store, jobs_created=tuple(job(key, creation_date=NOW - key * MINUTE) for key in (1, 2, 3)))
    with store.reading() as reading:
        assert [one.key for one in reading.jobs_offered(("mail", "sms"), NOW, 10)] == [3, 2, 1]
    with store.transaction() as tx, counting(store) as statements:
        assert [one.key for one in tx.activate_jobs("mail", "w", NOW + MINUTE, NOW, 2)] == [2, 3]
    assert len(statements) == 1


def test_a_failed_job_is_offered_again_after_its_back_off(store: Store) -> None:
    start(store, jobs_created=(job(1),))
    assert lease(store, 0) == [1]
    with store.transaction() as tx:
        tx.fail_job(1, retries=2, error_message="timeout", due_at=NOW + 3 * MINUTE, now=NOW)
        failed = tx.job(1)
    assert (failed.state, failed.retries, failed.error_message) == (JobState.CREATED, 2, "timeout")
    assert (failed.worker, failed.deadline) == (None, None)
    assert lease(store, 2) == []
    assert lease(store, 3) == [1]


def test_a_job_without_retries_is_not_offered_also_with_new_ones(store: Store) -> None:
    start(store, jobs_created=(job(1), job(2, retries=0)))
    with store.transaction() as tx:
        tx.fail_job(1, retries=0, error_message="gone", due_at=NOW, now=NOW)
        assert tx.job(1).state is JobState.FAILED
    assert lease(store, 1) == []
    with store.transaction() as tx:
        tx.update_job(1, NOW, retries=2)
        assert (tx.job(1).state, tx.job(1).retries) == (JobState.FAILED, 2)  # its incident is to be resolved first
    assert lease(store, 1) == []


def test_the_lease_of_a_job_can_be_prolonged(store: Store) -> None:
    start(store, jobs_created=(job(1),))
    assert lease(store, 0) == [1]
    with store.transaction() as tx:
        tx.update_job(1, NOW)
        tx.update_job(1, NOW, deadline=NOW + 20 * MINUTE)
    assert lease(store, 19) == []
    assert lease(store, 20) == [1]


def test_ended_and_unknown_jobs_are_not_changed(store: Store) -> None:
    start(store, jobs_created=(job(1),))
    with store.transaction() as tx:
        tx.save_step(step(jobs_ended=(JobEnd(1, JobState.COMPLETED, NOW),)), 1)
    assert lease(store, 1) == []
    for change in (
        lambda tx, key: tx.fail_job(key, 1, None, NOW, NOW),
        lambda tx, key: tx.update_job(key, NOW, retries=1),
    ):
        with pytest.raises(Conflict, match="COMPLETED"), store.transaction() as tx:
            change(tx, 1)
        with pytest.raises(NotFound, match="99"), store.transaction() as tx:
            change(tx, 99)


def test_jobs_are_searched_by_their_fields(store: Store) -> None:
    start(store, jobs_created=(job(1), job(2, type="sms"), job(3, state=JobState.FAILED, error_message="gone")))
    with store.reading() as reading:
        found = reading.search_jobs(Query(conditions=(Condition("type", "eq", "mail"), Condition("retries", "gt", 0))))
        assert [one.key for one in found.items] == [1, 3]
        found = reading.search_jobs(Query(conditions=(Condition("state", "eq", "FAILED"),)))
        assert [one.error_message for one in found.items] == ["gone"]


def test_due_timers_come_longest_overdue_first(store: Store) -> None:
    start(store, timers_created=tuple(timer(key, NOW + at * MINUTE) for key, at in ((1, 3), (2, 1), (3, 1), (4, 9))))
    with store.reading() as reading:
        assert [one.key for one in reading.due_timers(NOW + 3 * MINUTE, 10)] == [2, 3, 1]
        assert [one.key for one in reading.due_timers(NOW + 3 * MINUTE, 1)] == [2]
        assert reading.due_timers(NOW, 10) == ()
        assert reading.next_due_at() == NOW + MINUTE
        assert reading.search_timers(Query(conditions=(Condition("due_at", "gt", NOW + 4 * MINUTE),))).total == 1


def test_without_timers_nothing_is_due(store: Store) -> None:
    with store.reading() as reading:
        assert reading.next_due_at() is None


def test_subscriptions_are_found_by_name_and_correlation_key(store: Store) -> None:
    start(store, 1000, subscriptions_created=(subscription(1, "支付", "17"), subscription(2, "支付", "18")))
    start(store, 2000, subscriptions_created=(subscription(3, "支付", "17", 2000),))
    with store.reading() as reading:
        assert [one.key for one in reading.message_subscriptions("支付", "17")] == [1, 3]
        assert reading.message_subscriptions("支付", "1") == ()
        found = reading.search_message_subscriptions(Query(conditions=(Condition("correlation_key", "eq", "18"),)))
        assert [one.subscription.key for one in found.items] == [2]
