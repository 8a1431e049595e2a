"""Installations of the application for the tests of its API."""

from __future__ import annotations

import shutil
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from api_callers import PEOPLE, Clock, Installation
from residents import City, open_city

from server.access import SYSTEM
from server.app import create_app
from server.config import Config
from server.service import identity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

USUAL_SHARE = 3
"""One test in so many runs on PostgreSQL, too, in the usual run; the long run takes all. The store's own tests,
durability and the clients run on both always."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave most repetitions on PostgreSQL to the long run; which stay is drawn by their names."""
    for item in items:
        callspec = getattr(item, "callspec", None)
        if (
            callspec is not None
            and callspec.params.get("database_url") == "postgresql"
            and Path(__file__).parent in item.path.parents
            and zlib.crc32(item.nodeid.encode()) % USUAL_SHARE
        ):
            item.add_marker(pytest.mark.slow)


@pytest.fixture
def install(tmp_path: Path) -> Iterator[Callable[..., Installation]]:
    """Give a function that starts an application on a database with all tables."""
    started: list[Installation] = []

    def start(url: str, people: Iterable[str] = tuple(PEOPLE), **settings: Any) -> Installation:
        clock = Clock()
        config = Config(tmp_path, url, secret_key=b"k" * 32, threads=9, **settings)
        installation = Installation(create_app(config, clock), clock)
        started.append(installation)
        for name in people:
            admin, groups = PEOPLE[name]
            identity.add_user(installation.context, SYSTEM, name, None, admin=admin, groups=groups)
        return installation

    yield start
    for installation in started:
        installation.context.store.close()


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Give an SQLite database with all tables, for what does not depend on the database."""
    path = tmp_path / "muster.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def muster(install: Callable[..., Installation], database_url: str) -> Installation:
    """Give an installation on each kind of database."""
    return install(database_url)


@pytest.fixture
def quick(install: Callable[..., Installation], sqlite_url: str) -> Installation:
    """Give an installation on SQLite only, for what does not depend on the database."""
    return install(sqlite_url)


@pytest.fixture
def city(muster: Installation) -> City:
    """Give a city where residents report by a process of its own."""
    return open_city(muster)


def ship(url: str) -> None:
    """Bring what is shipped into a database, and nobody who could sign in: to read all of it takes a second."""
    clock = Clock()
    installation = Installation(create_app(Config(Path(), url), clock), clock)
    installation.ship()
    installation.context.store.close()


@pytest.fixture
def shipped(
    install: Callable[..., Installation],
    prepare_database: Callable[..., str],
    copy_database: Callable[[str], str],
) -> Installation:
    """Give an installation with the shipped processes on SQLite only."""
    return install(copy_database(prepare_database("sqlite", "shipped", ship)))


@pytest.fixture
def district(
    install: Callable[..., Installation],
    database_url: str,
    prepare_database: Callable[..., str],
    copy_database: Callable[[str], str],
) -> Installation:
    """Give an installation with the shipped processes on each kind of database."""
    return install(copy_database(prepare_database(database_url.partition(":")[0].partition("+")[0], "shipped", ship)))
