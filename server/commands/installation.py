"""The installation that a command works on."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from server.actions import ACTIONS
from server.clock import system_clock
from server.service.context import Context
from server.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server.config import Config


@contextmanager
def opened(config: Config) -> Iterator[Context]:
    """Open the store of an installation, with its tables up to date."""
    logging.basicConfig(level=config.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    if config.database_url.startswith("sqlite"):
        config.data_dir.mkdir(parents=True, exist_ok=True)
    store = Store.open(config.database_url)
    try:
        store.migrate()
        yield Context(config, system_clock, store, ACTIONS)
    finally:
        store.close()


data_dir_option = click.option("--data-dir", metavar="DIR", help="where the database lives (MUSTER_DATA_DIR)")
