"""Letting the shipped district live in a database of a test's own."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from server.scenario import Mode, open_stage
from server.scenario.folder import configure
from server.scenario.scenery import read_scenery
from server.simulation.performance import live, open_town

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server.simulation import Plan
    from server.simulation.town import Town

ROOT = Path(__file__).parents[2]


@contextmanager
def play(plan: Plan, folder: Path) -> Iterator[Town]:
    """Let the shipped district live in a database of its own, and give what it is afterwards."""
    scenery = read_scenery(ROOT)
    config = configure(folder)
    scenery.build(config)
    with open_stage(Mode.STRAIGHT, config, scenery.organisation) as stage:
        town = open_town(stage, scenery, plan)
        live(town, plan, lambda _line: None)
        yield town
