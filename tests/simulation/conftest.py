"""One short simulated time that several tests look at."""

from __future__ import annotations

import io
import logging
from typing import TYPE_CHECKING

import pytest

from server.simulation import Plan
from tests.simulation.lives import play

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server.simulation.town import Town


@pytest.fixture(scope="session")
def log() -> Iterator[io.StringIO]:
    """Give what the server logs from now on, in every detail."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    logger = logging.getLogger()
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield written
    logger.setLevel(level)
    logger.removeHandler(handler)


@pytest.fixture(scope="session")
def week(tmp_path_factory: pytest.TempPathFactory, log: io.StringIO) -> Iterator[Town]:
    """Give a district after seven days."""
    del log  # from the beginning
    with play(Plan(days=7, seed=1, a_day=5), tmp_path_factory.mktemp("week")) as town:
        yield town
