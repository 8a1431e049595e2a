"""A server for each test, on SQLite: what is shown here does not depend on the database."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from server.access import SYSTEM
from server.app import create_app
from server.config import Config
from server.service import identity
from tests.api.api_callers import Clock, Installation
from tests.conformance.behaviour.player import Player

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def play(sqlite_template: Path, tmp_path: Path) -> Iterator[Player]:
    path = tmp_path / "muster.db"
    shutil.copyfile(sqlite_template, path)
    clock = Clock()
    config = Config(tmp_path, f"sqlite:///{path}", secret_key=b"k" * 32, threads=9)
    installation = Installation(create_app(config, clock), clock)
    identity.add_user(installation.context, SYSTEM, "admin", None, admin=True, groups=())
    yield Player(installation)
    installation.context.store.close()
