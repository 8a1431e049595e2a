"""Migrations: from nothing to the declared tables, by however many processes at once."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from server.store import Store, db

MIGRATE_AND_TAKE_KEYS = """
import sys
from server.store import Keys, Store
store = Store.open(sys.argv[1])
store.migrate()
keys = Keys(store._engine, 7)
print(*[next(keys) for _ in range(100)])
store.close()
"""


def test_an_empty_database_is_behind_and_migrating_brings_it_to_the_head(empty_database_url: str) -> None:
    store = Store.open(empty_database_url)
    current, head = store.migration_state()
    assert current is None
    assert head is not None
    store.migrate()
    assert store.migration_state() == (head, head)
    with store.transaction() as tx:
        assert tx.next_number("case") == 1
    store.migrate()
    with store.transaction() as tx:
        assert tx.next_number("case") == 2
    store.close()


def test_the_migrations_make_exactly_the_declared_tables(store: Store) -> None:
    with store._engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
        assert compare_metadata(context, db.metadata) == []


def test_two_threads_may_migrate_at_once(empty_database_url: str) -> None:
    stores = [Store.open(empty_database_url) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(store.migrate) for store in stores]:
            done.result()
    current, head = stores[0].migration_state()
    assert current == head
    for store in stores:
        store.close()


def test_two_processes_may_migrate_at_once_and_never_take_the_same_key(empty_database_url: str) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", MIGRATE_AND_TAKE_KEYS, empty_database_url], stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    taken = [key for process in processes for key in process.communicate(timeout=120)[0].split()]
    assert [process.returncode for process in processes] == [0, 0]
    assert len(taken) == 200
    assert len(set(taken)) == 200
    store = Store.open(empty_database_url)
    current, head = store.migration_state()
    assert current == head
    store.close()


def test_migrating_leaves_foreign_keys_switched_on(empty_database_url: str) -> None:
    store = Store.open(empty_database_url)
    store.migrate()
    if store.dialect == "sqlite":
        with store._engine.connect() as connection:
            assert connection.execute(text("PRAGMA foreign_keys")).scalar_one() == 1
    store.close()


def test_the_state_is_stored_outside_the_row_and_uncompressed_on_postgresql(store: Store) -> None:
    if store.dialect == "postgresql":
        asked = text("SELECT attstorage FROM pg_attribute WHERE attrelid = 'root_instance'::regclass AND attname = :n")
        with store._engine.connect() as connection:
            storage = connection.execute(asked, {"n": "state"}).scalar_one()
        assert storage in {"e", b"e"}


def test_sqlite_is_durable_and_does_not_block_readers(store: Store) -> None:
    if store.dialect == "sqlite":
        with store._engine.connect() as connection:
            assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
            assert connection.execute(text("PRAGMA synchronous")).scalar_one() == 2
            assert connection.execute(text("PRAGMA busy_timeout")).scalar_one() == 5000
