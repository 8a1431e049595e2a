"""Personal tokens; only their hashes are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update

from server.model import Token
from server.store.connected import Connected, Writing
from server.store.tables.identity import token

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Row

_c = token.c


def _to_record(row: Row[Any]) -> Token:
    return Token(
        token_id=row.token_id,
        hash=row.hash,
        user_name=row.user_name,
        created_at=row.created_at,
        expires_at=row.expires_at,
        name=row.name,
        last_used_at=row.last_used_at,
    )


class TokenReads(Connected):
    """Reads tokens."""

    def token_by_hash(self, digest: str) -> Token | None:
        """Find by the SHA-256 of the token, in hexadecimal. Whether it has expired is for the caller to see."""
        row = self._row(select(token).where(_c.hash == digest))
        return None if row is None else _to_record(row)

    def tokens_of(self, user: str) -> tuple[Token, ...]:
        """Return a person's tokens, oldest first."""
        rows = self._rows(select(token).where(_c.user_name == user).order_by(_c.created_at, _c.token_id))
        return tuple(_to_record(row) for row in rows)


class TokenWrites(Writing):
    """Writes tokens."""

    def add_token(self, record: Token) -> None:
        """Add a token; raises AlreadyExists."""
        self._write(
            insert(token),
            {
                "token_id": record.token_id,
                "hash": record.hash,
                "user_name": record.user_name,
                "created_at": record.created_at,
                "expires_at": record.expires_at,
                "last_used_at": record.last_used_at,
                "name": record.name,
            },
        )

    def touch_token(self, token_id: str, used_at: datetime) -> None:
        """Note when a token was last used."""
        self._write(update(token).where(_c.token_id == token_id).values(last_used_at=used_at))

    def remove_token(self, token_id: str) -> bool:
        """Revoke a token; tells whether it was there."""
        return self._write(delete(token).where(_c.token_id == token_id)) > 0
