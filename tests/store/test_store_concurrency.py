"""Many at once: one lock, no lost update, and nobody waits where waiting is not wanted."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from store_examples import MINUTE, NOW, ROOT, job, start, step

from server.errors import Conflict
from server.store import Store

THREADS = 40


def test_forty_changes_of_one_instance_are_all_kept_or_refused(store: Store) -> None:
    start(store, state=b"0")
    begin = threading.Barrier(THREADS, timeout=30)

    def change(_number: int) -> bool:
        begin.wait()
        try:
            with store.transaction() as tx:
                locked = tx.lock_instance(ROOT)
                assert locked is not None
                tx.save_step(step(state=b"%d" % (int(locked.state) + 1)), locked.revision)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(THREADS) as pool:
        kept = sum(pool.map(change, range(THREADS)))
    with store.transaction() as tx:
        locked = tx.lock_instance(ROOT)
    assert int(locked.state) == kept
    assert locked.revision == kept + 1
    assert kept == THREADS


def test_changes_computed_without_the_lock_are_refused_by_the_revision(store: Store) -> None:
    start(store, state=b"0")

    def change(_number: int) -> bool:
        with store.reading() as reading:
            revision = reading._connection.exec_driver_sql("SELECT revision FROM root_instance").scalar_one()
        try:
            with store.transaction() as tx:
                tx.save_step(step(), revision)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        kept = sum(pool.map(change, range(40)))
    with store.transaction() as tx:
        assert tx.lock_instance(ROOT).revision == kept + 1
    assert kept >= 1


def test_an_instance_that_somebody_holds_is_skipped_without_waiting(store: Store) -> None:
    start(store)
    with store.transaction() as tx:
        assert tx.lock_instance(ROOT, skip_locked=True) is not None
        if store.dialect == "postgresql":
            with store.transaction() as other:
                assert other.lock_instance(ROOT, skip_locked=True) is None
                assert other.lock_instance_of_process_instance(ROOT, skip_locked=True) is None


def test_workers_that_lease_at_once_never_get_the_same_job(store: Store) -> None:
    start(store, jobs_created=tuple(job(key) for key in range(1, 61)))
    begin = threading.Barrier(6, timeout=30)

    def lease(number: int) -> list[int]:
        begin.wait()
        keys: list[int] = []
        while True:
            with store.transaction() as tx:
                leased = tx.activate_jobs("mail", f"worker-{number}", NOW + MINUTE, NOW, 4)
            if not leased:
                return keys
            keys += [one.key for one in leased]

    with ThreadPoolExecutor(6) as pool:
        leased = [key for keys in pool.map(lease, range(6)) for key in keys]
    assert sorted(leased) == list(range(1, 61))


def test_jobs_that_somebody_is_leasing_are_passed_over(store: Store) -> None:
    start(store, jobs_created=tuple(job(key) for key in range(1, 6)))
    if store.dialect == "postgresql":
        with store.transaction() as first, store.transaction() as second:
            assert [one.key for one in first.activate_jobs("mail", "a", NOW + MINUTE, NOW, 2)] == [1, 2]
            assert [one.key for one in second.activate_jobs("mail", "b", NOW + MINUTE, NOW, 9)] == [3, 4, 5]


def test_the_lock_of_a_message_holds_until_the_transaction_ends(store: Store) -> None:
    entered: list[str] = []
    first_holds = threading.Event()

    def second() -> None:
        first_holds.wait(30)
        with store.transaction() as tx:
            tx.lock_message("支付", "17")
            entered.append("second")

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(second)
        with store.transaction() as tx:
            tx.lock_message("支付", "17")
            first_holds.set()
            if store.dialect == "postgresql":
                with store.transaction() as other:
                    other.lock_message("支付", "18")
            entered.append("first")
        waiting.result(30)
    assert entered == ["first", "second"]


def test_a_counter_has_no_gaps_and_no_doubles(store: Store) -> None:
    def count(number: int) -> int | None:
        taken = None
        with suppress(LookupError), store.transaction() as tx:
            taken = tx.next_number("case-2026")
            if number % 4 == 0:
                taken = None
                raise LookupError
        return taken

    with ThreadPoolExecutor(8) as pool:
        numbers = [number for number in pool.map(count, range(40)) if number is not None]
    assert sorted(numbers) == list(range(1, 31))


def test_two_processes_worth_of_stores_share_one_database(database_url: str) -> None:
    stores = [Store.open(database_url) for _ in range(2)]
    start(stores[0], state=b"0")

    def change(number: int) -> None:
        with stores[number % 2].transaction() as tx:
            locked = tx.lock_instance(ROOT)
            assert locked is not None
            tx.save_step(step(state=b"%d" % (int(locked.state) + 1)), locked.revision)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(change, range(60)))
    with stores[0].transaction() as tx:
        assert tx.lock_instance(ROOT).state == b"60"
    for store in stores:
        store.close()
