"""The store: one database, however it is reached."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from server.errors import Contended, Unavailable
from server.store.connections import GLANCES, LOCK_TIMEOUT_MS, WRITES, open_engine, prepare_engine
from server.store.failures import CONTENDED
from server.store.keys import Keys, TransactionKeys
from server.store.migration import migrate_database, read_migration_state
from server.store.transaction import Reading, Transaction, write

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine


class Store:
    """Gives readings and transactions on one database; shared by all threads of a process."""

    def __init__(self, engine: Engine) -> None:
        prepare_engine(engine)
        self._engine = engine
        self._writing = {WRITES: True} if engine.dialect.name == "sqlite" else {}
        self._snapshot = {} if engine.dialect.name == "sqlite" else _POSTGRESQL_SNAPSHOT
        self._glance = {GLANCES: True} if engine.dialect.name == "sqlite" else {"isolation_level": "AUTOCOMMIT"}
        self._turn = threading.Lock()
        self.keys = Keys(engine)

    @classmethod
    def open(cls, url: str) -> Self:
        """Open a store without Flask, with the same connections: for tests, the command line and the worker."""
        return cls(open_engine(url))

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._engine.dialect.name

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Run the body as one writing transaction: one commit at its end, or nothing at all when it raises.

        Raises Contended when a lock could not be had or the database gave up on a tie (run the whole body again once),
        and Unavailable when the database cannot be reached. Transactions do not nest.
        """
        self.keys.reserve()
        with self._one_writer(), _pool_timeouts(), self._engine.connect() as plain:
            connection = plain.execution_options(**self._writing)
            with write(connection, TransactionKeys(self.keys, connection)) as transaction:
                yield transaction

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Read from one consistent snapshot; takes no lock and never waits for a writer. Keep it short."""
        with _pool_timeouts(), self._engine.connect() as plain:
            connection = plain.execution_options(**self._snapshot)
            with connection.begin() as snapshot:
                yield Reading(connection)
                snapshot.rollback()

    @contextmanager
    def glancing(self) -> Iterator[Reading]:
        """Read what needs no snapshot, one statement at a time: spares PostgreSQL two round trips a request."""
        with _pool_timeouts(), self._engine.connect() as plain:
            connection = plain.execution_options(**self._glance)
            with connection.begin() as nothing:
                yield Reading(connection)
                nothing.rollback()

    def migrate(self) -> None:
        """Bring the tables to the newest revision; processes that start at once wait for each other."""
        migrate_database(self._engine)

    def migration_state(self) -> tuple[str | None, str | None]:
        """Return the revision that the database is at (None: empty) and the newest one."""
        return read_migration_state(self._engine)

    def close(self) -> None:
        """Close every connection that is not in use."""
        self._engine.dispose()

    @contextmanager
    def _one_writer(self) -> Iterator[None]:
        # SQLite has one writer at a time and lets the others poll; threads of one process queue here instead, without
        # a connection, and get their turn at once.
        if self.dialect != "sqlite":
            yield
            return
        if not self._turn.acquire(timeout=LOCK_TIMEOUT_MS / 1000):
            raise Contended(CONTENDED)
        try:
            yield
        finally:
            self._turn.release()


_POSTGRESQL_SNAPSHOT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


@contextmanager
def _pool_timeouts() -> Iterator[None]:
    try:
        yield
    except PoolTimeoutError as timeout:
        raise Unavailable("Every database connection is in use: try again in a moment.") from timeout
