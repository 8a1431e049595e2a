"""The tables, by what they are about. Importing this package declares all of them on `db.metadata`."""

from server.store.tables import (
    attachments,
    audit,
    calendar,
    cases,
    clocks,
    comments,
    definitions,
    drafts,
    hand_offs,
    idempotency,
    identity,
    instances,
    records,
    signals,
    vault,
    work,
)

__all__ = [
    "attachments",
    "audit",
    "calendar",
    "cases",
    "clocks",
    "comments",
    "definitions",
    "drafts",
    "hand_offs",
    "idempotency",
    "identity",
    "instances",
    "records",
    "signals",
    "vault",
    "work",
]
