"""Browsers that people have signed in with, resets of passwords, and whence people have signed in before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from server.model import PasswordReset, Session
from server.store.connected import Connected, Writing
from server.store.tables.identity import known_place, membership, password_reset, session, user_account
from server.store.user_accounts import STANDS_IN, account_with_groups

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Row

    from server.model import UserAccount

_c = session.c
_reset = password_reset.c
_place = known_place.c
_HOLDER = (
    select(
        user_account,
        STANDS_IN,
        membership.c.group_name,
        *(column.label(f"session_{column.name}") for column in _c),
    )
    .join_from(session, user_account, user_account.c.name == _c.user_name)
    .join(membership, membership.c.user_name == user_account.c.name, isouter=True)
    .where(_c.hash == bindparam("digest"))
    .order_by(membership.c.group_name)
)


@dataclass(frozen=True, slots=True)
class SessionHolder:
    """A session, the person who signed in, and that person's groups, sorted."""

    session: Session
    account: UserAccount
    groups: tuple[str, ...]


def _to_session(row: Row[Any]) -> Session:
    return Session(
        hash=row.session_hash,
        user_name=row.session_user_name,
        credential_version=row.session_credential_version,
        via=row.session_via,
        created_at=row.session_created_at,
        seen_at=row.session_seen_at,
        ends_at=row.session_ends_at,
    )


class SessionReads(Connected):
    """Reads sessions and what belongs to signing in."""

    def session_holder(self, digest: str) -> SessionHolder | None:
        """Find a session and its person by the hash, in the one statement that every request costs."""
        rows = self._rows(_HOLDER, {"digest": digest})
        return SessionHolder(_to_session(rows[0]), *account_with_groups(rows)) if rows else None

    def password_reset(self, digest: str) -> PasswordReset | None:
        """Find a reset by the hash of what the person was given. Whether it has expired is for the caller to see."""
        row = self._row(select(password_reset).where(_reset.hash == digest))
        if row is None:
            return None
        return PasswordReset(row.hash, row.user_name, bool(row.ends_tokens), row.expires_at)

    def is_known_place(self, user: str, place: str) -> bool:
        """Tell whether the person has signed in from there before."""
        return self._row(select(_place.place).where(_place.user_name == user, _place.place == place)) is not None


class SessionWrites(Writing):
    """Writes sessions and what belongs to signing in."""

    def add_session(self, record: Session) -> None:
        """Add a session."""
        self._write(
            insert(session),
            {
                "hash": record.hash,
                "user_name": record.user_name,
                "credential_version": record.credential_version,
                "via": record.via,
                "created_at": record.created_at,
                "seen_at": record.seen_at,
                "ends_at": record.ends_at,
            },
        )

    def touch_session(self, digest: str, seen_at: datetime) -> None:
        """Note when a session was last used."""
        self._write(update(session).where(_c.hash == digest).values(seen_at=seen_at))

    def remove_session(self, digest: str) -> bool:
        """End a session; tells whether it was there."""
        return self._write(delete(session).where(_c.hash == digest)) > 0

    def remove_sessions_of(self, user: str) -> int:
        """End every session of a person and tell how many there were."""
        return self._write(delete(session).where(_c.user_name == user))

    def put_password_reset(self, record: PasswordReset) -> None:
        """Add a reset; earlier ones of the person end."""
        self.remove_password_resets_of(record.user_name)
        self._write(
            insert(password_reset),
            {
                "hash": record.hash,
                "user_name": record.user_name,
                "ends_tokens": record.ends_tokens,
                "expires_at": record.expires_at,
            },
        )

    def remove_password_resets_of(self, user: str) -> None:
        """End the resets of a person."""
        self._write(delete(password_reset).where(_reset.user_name == user))

    def put_known_place(self, user: str, place: str, seen_at: datetime) -> None:
        """Note that a person has signed in from there."""
        upsert = (sqlite_insert if self.dialect == "sqlite" else postgresql_insert)(known_place)
        self._write(
            upsert.on_conflict_do_update(
                index_elements=[_place.user_name, _place.place], set_={"seen_at": upsert.excluded.seen_at}
            ),
            {"user_name": user, "place": place, "seen_at": seen_at},
        )

    def remove_ended_sign_ins(self, now: datetime, *, idle_since: datetime, forgotten: datetime) -> None:
        """Remove what has ended: sessions (also those idle since then), resets, and places not seen since then."""
        self._write(delete(session).where((_c.ends_at <= now) | (_c.seen_at <= idle_since)))
        self._write(delete(password_reset).where(_reset.expires_at <= now))
        self._write(delete(known_place).where(_place.seen_at <= forgotten))
