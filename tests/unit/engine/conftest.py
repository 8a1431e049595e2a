"""Every engine test runs straight, and with the state encoded and decoded before every command."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.unit.engine.world import World

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(params=["straight", "reload"])
def world(request: pytest.FixtureRequest) -> Callable[..., World]:
    return partial(World, reload=request.param == "reload")
