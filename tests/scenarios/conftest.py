"""Stages for scenarios: databases that are prepared once and copied."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from walks import Walks, find_scenery

from server.config import Config
from server.scenario import Mode, open_stage
from server.scenario.clock import ZONE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from server.scenario import Stage

HOME = Path(__file__).resolve().parents[2]
SHARED = "walks"
OWN = Path(__file__).parent / "processes" / "quarrel" / "scenarios.yaml"


def configure(folder: Path, url: str) -> Config:
    return Config(data_dir=folder, database_url=url, timezone=ZONE)


@pytest.fixture(scope="session")
def walks(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Walks:
    """Give the walks of this session, shared by all its test processes."""
    base = tmp_path_factory.getbasetemp()
    shared = (base if worker_id == "master" else base.parent) / SHARED
    shared.mkdir(exist_ok=True)
    return Walks(HOME, shared)


@pytest.fixture
def set_stage(
    tmp_path: Path, prepare_database: Callable[..., str], copy_database: Callable[[str], str]
) -> Callable[..., AbstractContextManager[Stage]]:
    """Open the stage for a scenario file, on a kind of database."""

    def set_up(file: Path, mode: Mode, kind: str = "sqlite") -> AbstractContextManager[Stage]:
        scenery = find_scenery(HOME, file)
        name = "scenery" if HOME / "processes" in file.parents else f"scenery_{file.parent.name}"
        prepared = prepare_database(kind, name, lambda url: scenery.build(configure(tmp_path, url)))
        return open_stage(mode, configure(tmp_path, copy_database(prepared)), scenery.organisation)

    return set_up


@pytest.fixture
def stage(set_stage: Callable[..., AbstractContextManager[Stage]]) -> Iterator[Stage]:
    """Give a stage with the process `quarrel`, inside this process."""
    with set_stage(OWN, Mode.STRAIGHT) as opened:
        yield opened
