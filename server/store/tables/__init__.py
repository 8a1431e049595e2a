"""The tables, by what they are about. Importing this package declares all of them on `db.metadata`."""

from server.store.tables import (
    attachments,
    calendar,
    clocks,
    definitions,
    drafts,
    identity,
    instances,
    records,
    signals,
    vault,
    work,
)

__all__ = [
    "attachments",
    "calendar",
    "clocks",
    "definitions",
    "drafts",
    "identity",
    "instances",
    "records",
    "signals",
    "vault",
    "work",
]
