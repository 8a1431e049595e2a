"""Persistence: rows to records and back, on SQLite and PostgreSQL. Knows no HTTP.

`Store.transaction()` is the only place that commits; `Store.reading()` never writes. Everything that is read is a
frozen record of `server.model`, and everything that fails is an error of `server.errors`.
"""

from server.store import tables
from server.store.connections import driver_url, engine_options
from server.store.database import db
from server.store.keys import Keys
from server.store.root_instances import LockedInstance
from server.store.store import Store
from server.store.transaction import Reading, Transaction
from server.store.user_tasks import Viewer

__all__ = [
    "Keys",
    "LockedInstance",
    "Reading",
    "Store",
    "Transaction",
    "Viewer",
    "db",
    "driver_url",
    "engine_options",
    "tables",
]
