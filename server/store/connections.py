"""Opens engines and prepares their connections: the facts about SQLite and PostgreSQL that everything rests on.

SQLite's own driver begins transactions late and loses concurrent changes; therefore every transaction begins by an
explicit statement here, and one that writes takes the write lock before it reads (`BEGIN IMMEDIATE`).
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from server.errors import InvalidArgument
from server.store.failures import translate_failures

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection
    from sqlalchemy.engine.interfaces import DBAPIConnection

LOCK_TIMEOUT_MS = 5000
WRITES = "muster_writes"
"""Execution option of connections whose transaction writes."""
GLANCES = "muster_glances"
"""Execution option of connections of SQLite that read by single statements, without a transaction around them."""

_SQLITE_PRAGMAS = (
    f"PRAGMA busy_timeout={LOCK_TIMEOUT_MS}",
    "PRAGMA synchronous=FULL",  # records of an administration: a commit survives a power failure
    "PRAGMA foreign_keys=ON",
)


def engine_options(url: str) -> Mapping[str, Any]:
    """Return the options for `create_engine` (or `SQLALCHEMY_ENGINE_OPTIONS`): enough connections for every thread.

    The connection used last is taken first: SQLite forgets the pages that a connection knows when another one has
    written, and PostgreSQL's keep their prepared statements.

    Raises InvalidArgument for a database that is neither SQLite (in a file) nor PostgreSQL.
    """
    parsed = _parse(url)
    backend = parsed.get_backend_name()
    if backend not in {"sqlite", "postgresql"}:
        raise InvalidArgument(f"Expected a sqlite or postgresql database URL, found {backend!r}.")
    if backend == "sqlite" and parsed.database in {None, "", ":memory:"}:
        raise InvalidArgument("Expected an SQLite database in a file, found one in memory: threads could not share it.")
    return {"pool_size": 10, "max_overflow": 40, "pool_timeout": LOCK_TIMEOUT_MS / 1000, "pool_use_lifo": True}


def driver_url(url: str) -> str:
    """Name the PostgreSQL driver where the URL does not: `postgresql://` means psycopg 3."""
    parsed = _parse(url)
    if parsed.drivername in {"postgresql", "postgres"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    return parsed.render_as_string(hide_password=False)


def _parse(url: str) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError) as malformed:
        raise InvalidArgument("Expected a database URL like sqlite:///muster.db, found something else.") from malformed


def open_engine(url: str) -> Engine:
    """Open an engine that is not Flask's: for tests, the command line and the worker."""
    url = driver_url(url)
    engine = create_engine(url, **engine_options(url))
    prepare_engine(engine)
    return engine


def prepare_engine(engine: Engine) -> None:
    """Attach what every connection and every transaction of this engine needs; doing it twice does no harm."""
    translate_failures(engine)
    if engine.dialect.name == "sqlite":
        _listen(engine, "connect", _prepare_sqlite)
        _listen(engine, "begin", _begin_sqlite)
    else:
        _listen(engine, "connect", _prepare_postgresql)


def _listen(engine: Engine, name: str, listener: Any) -> None:  # noqa: ANN401 – each event has its own signature
    if not event.contains(engine, name, listener):
        event.listen(engine, name, listener)


def _prepare_sqlite(connection: DBAPIConnection, record: object) -> None:
    del record
    connection.isolation_level = None  # the driver begins nothing by itself
    cursor = connection.cursor()
    for pragma in _SQLITE_PRAGMAS:
        cursor.execute(pragma)
    with _suppress_busy():
        cursor.execute("PRAGMA journal_mode=WAL")
    cursor.close()


@contextmanager
def _suppress_busy() -> Iterator[None]:
    """Let a failure pass that says that somebody else is at it.

    The mode of the journal is written into a new file once and for all. When two connections do that at the same
    moment one of them is refused without waiting, and finds the mode that the other has written at its next statement.
    """
    try:
        yield
    except sqlite3.OperationalError as refused:
        if refused.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get(GLANCES, False):
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(WRITES, False) else "BEGIN")


def _prepare_postgresql(connection: DBAPIConnection, record: object) -> None:
    del record
    connection.autocommit = True  # a setting made in a transaction that rolls back would be lost
    cursor = connection.cursor()
    cursor.execute(f"SET lock_timeout = {LOCK_TIMEOUT_MS}")
    cursor.close()
    connection.autocommit = False
