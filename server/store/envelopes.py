"""Sealed bytes as columns: what the vault's tables, messages and signals have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from server.model import Sealed

if TYPE_CHECKING:
    from sqlalchemy import Row

    from server.store.connected import Values


def sealed_values(sealed: Sealed | None) -> Values:
    """Return the columns."""
    if sealed is None:
        return {"key_id": None, "wrapped_key": None, "content": None}
    return {"key_id": sealed.key_id, "wrapped_key": sealed.wrapped_key, "content": sealed.content}


def to_sealed(row: Row[Any]) -> Sealed | None:
    """Return what a row has sealed, if anything."""
    if row.key_id is None:
        return None
    return Sealed(row.key_id, bytes(row.wrapped_key), bytes(row.content))
