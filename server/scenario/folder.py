"""Where what is played keeps its database: for the time being, or in a folder to be looked at afterwards."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from server.config import Config
from server.errors import AlreadyExists
from server.scenario.clock import ZONE

if TYPE_CHECKING:
    from collections.abc import Iterator

DATABASE = "muster.db"


def configure(folder: Path) -> Config:
    """Return the configuration of a district whose database lies in a folder."""
    return Config(data_dir=folder, database_url=f"sqlite:///{folder / DATABASE}", timezone=ZONE)


@contextmanager
def open_folder(data_dir: Path | None) -> Iterator[Config]:
    """Give a configuration whose database stays in `data_dir`, or is gone afterwards where that is None.

    Raises `AlreadyExists` for a folder that has a database.
    """
    if data_dir is None:
        with tempfile.TemporaryDirectory(prefix="muster-") as temporary:
            yield configure(Path(temporary))
        return
    folder = data_dir.absolute()
    if (folder / DATABASE).exists():
        raise AlreadyExists(f"expected a folder without a database, found {folder / DATABASE}; name a new folder")
    folder.mkdir(parents=True, exist_ok=True)
    yield configure(folder)
