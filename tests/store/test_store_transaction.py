"""Transactions and readings: all or nothing, one consistent view, and errors in the server's own words."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace

import pytest
from sqlalchemy import text
from store_examples import NOW, ROOT, list_row, start, step

from server.errors import AlreadyExists, Conflict, Contended, InvalidArgument, MusterError, Unavailable
from server.model import Condition, Query, Unit, UserAccount
from server.store import Store, Transaction, connections

WANG = UserAccount(name="wang", display_name="王敏", password_hash="x", created_at=NOW)


class SomethingElse(Exception):
    pass


def test_a_transaction_is_kept_when_its_body_ends(store: Store) -> None:
    with store.transaction() as tx:
        tx.add_user(WANG)
    with store.reading() as reading:
        assert reading.user_account("wang") == WANG


@pytest.mark.parametrize("failure", [SomethingElse, Conflict, KeyboardInterrupt])
def test_nothing_is_kept_when_the_body_raises(store: Store, failure: object) -> None:
    with suppress(failure), store.transaction() as tx:
        tx.add_user(WANG)
        raise failure
    with store.reading() as reading:
        assert reading.user_account("wang") is None
    with store.transaction() as tx:
        tx.add_user(WANG)


def test_a_savepoint_undoes_its_own_body_only(store: Store) -> None:
    with store.transaction() as tx:
        assert tx.next_number("kept") == 1
        with suppress(SomethingElse), tx.savepoint():
            tx.add_user(WANG)
            raise SomethingElse
        with tx.savepoint():
            tx.add_user(replace(WANG, name="li"))
    with store.transaction() as tx:
        assert [account.name for account in tx.user_accounts()] == ["li"]
        assert tx.next_number("kept") == 2


def test_a_failed_statement_in_a_savepoint_leaves_the_transaction_usable(store: Store) -> None:
    with store.transaction() as tx:
        tx.add_user(WANG)
        with pytest.raises(AlreadyExists), tx.savepoint():
            tx.add_user(WANG)
        tx.add_user(replace(WANG, name="li"))
    with store.reading() as reading:
        assert len(reading.user_accounts()) == 2


def test_a_reading_sees_one_moment_and_does_not_wait_for_writers(store: Store) -> None:
    with store.transaction() as tx:
        tx.add_user(WANG)
        with store.reading() as reading:
            assert reading.user_accounts() == ()
    with store.reading() as reading:
        assert len(reading.user_accounts()) == 1
        with store.transaction() as tx:
            tx.add_user(replace(WANG, name="li"))
        assert len(reading.user_accounts()) == 1
    with store.reading() as reading:
        assert len(reading.user_accounts()) == 2


def test_a_second_row_with_a_unique_name_already_exists(store: Store) -> None:
    with store.transaction() as tx:
        tx.add_user(WANG)
    with pytest.raises(AlreadyExists), store.transaction() as tx:
        tx.add_user(WANG)


def test_a_lock_that_cannot_be_had_in_time_is_a_conflict(database_url: str, monkeypatch: object) -> None:
    monkeypatch.setattr(connections, "LOCK_TIMEOUT_MS", 100)
    monkeypatch.setattr("server.store.store.LOCK_TIMEOUT_MS", 100)
    monkeypatch.setattr(connections, "_SQLITE_PRAGMAS", ("PRAGMA busy_timeout=100",))
    first, second = Store.open(database_url), Store.open(database_url)
    start(first)
    next(second.keys)
    with first.transaction() as holder:
        holder.lock_instance(ROOT)
        with pytest.raises(Contended, match="try again"), second.transaction() as waiter:
            waiter.lock_instance(ROOT)
        if first.dialect == "sqlite":
            with pytest.raises(Contended, match="try again"), first.transaction():
                pass
    with second.transaction() as waiter:
        assert waiter.lock_instance(ROOT) is not None
    first.close()
    second.close()


def test_two_transactions_that_wait_for_each_other_end_in_a_conflict_and_a_commit(store: Store) -> None:
    if store.dialect == "sqlite":
        pytest.skip("SQLite has one writer: nobody can wait for each other")
    start(store, 1000)
    start(store, 2000)
    both_hold_one = threading.Barrier(2, timeout=30)

    def lock_both(first: int, second: int) -> str:
        try:
            with store.transaction() as tx:
                tx.lock_instance(first)
                both_hold_one.wait()
                tx.lock_instance(second)
        except Conflict:
            return "conflict"
        return "commit"

    with ThreadPoolExecutor(2) as pool:
        ends = [pool.submit(lock_both, 1000, 2000), pool.submit(lock_both, 2000, 1000)]
        assert sorted(end.result() for end in ends) == ["commit", "conflict"]


@pytest.mark.parametrize("url", ["sqlite:////nonexistent/muster.db", "postgresql://nobody@127.0.0.1:1/muster"])
def test_a_database_that_cannot_be_reached_is_unavailable(url: object) -> None:
    store = Store.open(url)
    with pytest.raises(Unavailable), store.reading() as reading:
        reading.user_account("wang")
    with pytest.raises(Unavailable), store.transaction() as tx:
        tx.user_account("wang")
    with pytest.raises(Unavailable):
        store.migration_state()


def test_a_connection_that_the_server_ended_is_unavailable_once_and_then_replaced(store: Store) -> None:
    if store.dialect == "sqlite":
        pytest.skip("SQLite has no server")

    def lose_the_connection(tx: Transaction) -> None:
        own = tx._connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with store.reading() as other:
            other._connection.execute(text("SELECT pg_terminate_backend(:own)"), {"own": own})
        tx.user_account("wang")

    with pytest.raises(Unavailable), store.transaction() as tx:
        lose_the_connection(tx)
    with store.transaction() as tx:
        assert tx.user_account("wang") is None


def test_a_pool_without_a_free_connection_is_unavailable(database_url: str, monkeypatch: object) -> None:
    monkeypatch.setattr(
        connections, "engine_options", lambda _url: {"pool_size": 1, "max_overflow": 0, "pool_timeout": 0.05}
    )
    store = Store.open(database_url)
    with store.reading(), pytest.raises(Unavailable, match="in use"), store.reading():
        pass
    store.close()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://somewhere/muster", "nonsense"])
def test_databases_that_do_not_fit_are_refused(url: object) -> None:
    with pytest.raises(InvalidArgument):
        Store.open(url)


@pytest.mark.parametrize("bad", ["half \ud800", "nul \x00"])
def test_texts_that_no_database_keeps_are_invalid_arguments(store: Store, bad: object) -> None:
    def look(name: str) -> None:
        with store.reading() as reading:
            reading.user_account(name)

    def search(name: str) -> None:
        with store.reading() as reading:
            reading.search_list_rows(None, Query(conditions=(Condition("title", "eq", name),)))

    def write(name: str) -> None:
        with store.transaction() as tx:
            tx.add_list_row(list_row(1, title=name))

    for attempt in (look, search, write):
        with pytest.raises(InvalidArgument):
            attempt(bad)


def test_saving_on_a_closed_instance_is_never_an_unknown_error(store: Store) -> None:
    start(store)
    with pytest.raises(MusterError), store.transaction() as tx:
        tx.create_root(step())


def test_a_glance_sees_what_is_committed_and_leaves_nothing_open(store: Store) -> None:
    with store.glancing() as glance:
        assert glance.unit("jinxiu") is None
    with store.transaction() as tx:
        tx.put_units([Unit("jinxiu", "锦绣街道", "street", None)])
    with store.glancing() as glance:
        assert glance.unit("jinxiu") == Unit("jinxiu", "锦绣街道", "street", None)
    with store.transaction() as tx, store.glancing() as glance:  # a writer does not keep it waiting
        tx.put_units([Unit("wanghe", "望河街道", "street", None)])
        assert glance.unit("wanghe") is None
    with store.reading() as reading:
        assert reading.unit("wanghe") is not None
