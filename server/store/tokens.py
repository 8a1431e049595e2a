"""Personal tokens; only their hashes are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select, update

from server.model import Token
from server.store.connected import Connected, Writing
from server.store.scopes import scope_values, to_scopes
from server.store.tables.identity import membership, token, user_account
from server.store.user_accounts import STANDS_IN, account_with_groups

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Row

    from server.model import UserAccount

_c = token.c
_HOLDER = (
    select(
        user_account,
        STANDS_IN,
        membership.c.group_name,
        _c.token_id,
        _c.hash,
        _c.user_name,
        _c.created_at.label("token_created_at"),
        _c.expires_at,
        _c.name.label("token_name"),
        _c.last_used_at,
        _c.scopes,
    )
    .join_from(token, user_account, user_account.c.name == _c.user_name)
    .join(membership, membership.c.user_name == user_account.c.name, isouter=True)
    .where(_c.hash == bindparam("digest"))
    .order_by(membership.c.group_name)
)


@dataclass(frozen=True, slots=True)
class TokenHolder:
    """A token, the person whom it stands for, and that person's groups, sorted."""

    token: Token
    account: UserAccount
    groups: tuple[str, ...]


def _to_record(row: Row[Any]) -> Token:
    return Token(
        token_id=row.token_id,
        hash=row.hash,
        user_name=row.user_name,
        created_at=row.created_at,
        expires_at=row.expires_at,
        name=row.name,
        last_used_at=row.last_used_at,
        scopes=None if row.scopes is None else to_scopes(row.scopes),
    )


class TokenReads(Connected):
    """Reads tokens."""

    def token_by_hash(self, digest: str) -> Token | None:
        """Find by the SHA-256 of the token, in hexadecimal. Whether it has expired is for the caller to see."""
        row = self._row(select(token).where(_c.hash == digest))
        return None if row is None else _to_record(row)

    def token_holder(self, digest: str) -> TokenHolder | None:
        """Find a token and its person by the hash, in the one statement that every request costs."""
        rows = self._rows(_HOLDER, {"digest": digest})
        if not rows:
            return None
        row = rows[0]
        account, groups = account_with_groups(rows)
        found = Token(
            token_id=row.token_id,
            hash=row.hash,
            user_name=row.user_name,
            created_at=row.token_created_at,
            expires_at=row.expires_at,
            name=row.token_name,
            last_used_at=row.last_used_at,
            scopes=None if row.scopes is None else to_scopes(row.scopes),
        )
        return TokenHolder(found, account, groups)

    def token(self, token_id: str) -> Token | None:
        """Find by id."""
        row = self._row(select(token).where(_c.token_id == token_id))
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
                "scopes": None if record.scopes is None else scope_values(record.scopes),
            },
        )

    def touch_token(self, token_id: str, used_at: datetime) -> None:
        """Note when a token was last used."""
        self._write(update(token).where(_c.token_id == token_id).values(last_used_at=used_at))

    def remove_token(self, token_id: str) -> bool:
        """Revoke a token; tells whether it was there."""
        return self._write(delete(token).where(_c.token_id == token_id)) > 0

    def remove_tokens_of(self, user: str) -> int:
        """Revoke every token of a person and tell how many there were."""
        return self._write(delete(token).where(_c.user_name == user))
