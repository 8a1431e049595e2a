"""The tables, by what they are about. Importing this package declares all of them on `db.metadata`."""

from server.store.tables import definitions, identity, instances, records, work

__all__ = ["definitions", "identity", "instances", "records", "work"]
