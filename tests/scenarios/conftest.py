"""Stages for scenarios: databases that are prepared once and copied."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from walks import Walks, find_scenery

from server.config import Config
from server.scenario import Mode, Scenery, open_stage
from server.scenario.clock import ZONE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from server.scenario import Stage

HOME = Path(__file__).resolve().parents[2]
SHARED = "walks"
OWN = Path(__file__).parent / "processes" / "quarrel" / "scenarios.yaml"


def configure(folder: Path, url: str | None = None) -> Config:
    return Config(data_dir=folder, database_url=url or f"sqlite:///{folder / 'muster.db'}", timezone=ZONE)


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Scenery], Path]:
    """Give an SQLite file that holds a scenery."""
    known: list[tuple[Scenery, Path]] = []

    def find(scenery: Scenery) -> Path:
        for other, path in known:
            if other is scenery:
                return path
        folder = tmp_path_factory.mktemp("scenery")
        scenery.build(configure(folder))
        known.append((scenery, folder / "muster.db"))
        return known[-1][1]

    return find


@pytest.fixture(scope="session")
def walks(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Walks:
    """Give the walks of this session, shared by all its test processes."""
    base = tmp_path_factory.getbasetemp()
    shared = (base if worker_id == "master" else base.parent) / SHARED
    shared.mkdir(exist_ok=True)
    return Walks(HOME, shared)


@pytest.fixture
def set_stage(tmp_path: Path, templates: Callable[[Scenery], Path]) -> Callable[..., AbstractContextManager[Stage]]:
    """Open the stage for a scenario file: on an SQLite copy, or on the empty database of an URL."""

    def set_up(file: Path, mode: Mode, url: str | None = None) -> AbstractContextManager[Stage]:
        scenery = find_scenery(HOME, file)
        config = configure(tmp_path, url if url and not url.startswith("sqlite") else None)
        if config.database_url.startswith("sqlite"):
            shutil.copyfile(templates(scenery), tmp_path / "muster.db")
        else:
            scenery.build(config)
        return open_stage(mode, config, scenery.organisation)

    return set_up


@pytest.fixture
def stage(set_stage: Callable[..., AbstractContextManager[Stage]]) -> Iterator[Stage]:
    """Give a stage with the process `quarrel`, inside this process."""
    with set_stage(OWN, Mode.STRAIGHT) as opened:
        yield opened
