"""Brings a database to the newest revision of the tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from server.store.connections import WRITES

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_SCRIPTS = Path(__file__).parent / "migrations"
_ADVISORY_LOCK = 7_305_804_402_459_877_476
"""Any fixed number: whoever migrates holds the advisory lock of this name."""


def migrate_database(engine: Engine) -> None:
    """Run every missing migration in one transaction, alone: a second process waits and then finds nothing to do."""
    with engine.connect().execution_options(**{WRITES: True}) as connection:
        if engine.dialect.name == "sqlite":
            _migrate_sqlite(connection)
        else:
            with connection.begin():
                connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")
                command.upgrade(_config(connection), "head")


def _migrate_sqlite(connection: Connection) -> None:
    # SQLite changes a table by replacing it, which foreign keys would take for a deletion of all its rows; the switch
    # has no effect inside a transaction, so it is thrown on the driver's connection.
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 – the connection was opened above
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        with connection.begin():
            command.upgrade(_config(connection), "head")
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def read_migration_state(engine: Engine) -> tuple[str | None, str | None]:
    """Return the revision that the database is at (None: empty) and the newest one."""
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
        return current, ScriptDirectory.from_config(_config(connection)).get_current_head()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
