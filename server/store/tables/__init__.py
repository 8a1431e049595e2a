"""The tables, by what they are about. Importing this package declares all of them on `db.metadata`."""

from server.store.tables import attachments, definitions, drafts, identity, instances, records, signals, vault, work

__all__ = ["attachments", "definitions", "drafts", "identity", "instances", "records", "signals", "vault", "work"]
