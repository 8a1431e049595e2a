"""One short simulated time that several tests look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from server.simulation import Plan
from tests.simulation.lives import play

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server.simulation.town import Town


@pytest.fixture(scope="session")
def week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Give a district after eight days."""
    with play(Plan(days=8, seed=1, a_day=5), tmp_path_factory.mktemp("week")) as town:
        yield town
