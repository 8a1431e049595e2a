"""The tables, by what they are about. Importing this package declares all of them on `db.metadata`."""

from server.store.tables import definitions, drafts, identity, instances, records, work

__all__ = ["definitions", "drafts", "identity", "instances", "records", "work"]
