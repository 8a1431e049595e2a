"""Served installations for the clients, and the clients' packages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from load.three_step.postgresql import open_database
from permit_desk import FOLDER, PermitDesk

from web.javascript import JavaScriptMissing, install_packages

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PermitDesk]:
    """Give an installation on SQLite."""
    home = tmp_path_factory.mktemp("desk")
    with PermitDesk(f"sqlite:///{home / 'muster.db'}", home) as served:
        yield served


@pytest.fixture(scope="session")
def open_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PermitDesk]:
    """Give an installation on SQLite that asks nobody to sign in."""
    home = tmp_path_factory.mktemp("open")
    with PermitDesk(f"sqlite:///{home / 'muster.db'}", home, open_access=True) as served:
        yield served


@pytest.fixture(scope="session")
def postgresql_desk(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PermitDesk]:
    """Give an installation on PostgreSQL."""
    with open_database(postgres_url) as url, PermitDesk(url, tmp_path_factory.mktemp("desk")) as served:
        yield served


@pytest.fixture(scope="session")
def node() -> str:
    """Give the path of Node.js, with the clients' packages installed."""
    try:
        return install_packages(FOLDER)
    except JavaScriptMissing as missing:
        pytest.skip(f"Camunda's JavaScript clients: {missing}")
