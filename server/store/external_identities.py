"""People and groups as an OpenID Connect provider knows them, and sign-ins that have begun there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from server.store.connected import Connected, Writing
from server.store.tables.identity import claimed_group, external_identity, membership, sign_in_request

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

_c = external_identity.c
_group = claimed_group.c
_request = sign_in_request.c


@dataclass(frozen=True, slots=True)
class ExternalIdentity:
    """Who a subject of the provider is here, and when the newest of its tokens was made."""

    user_name: str
    synced_at: datetime


@dataclass(frozen=True, slots=True)
class SignInRequest:
    """A sign-in that has begun, in one browser; `following` is where it goes on to."""

    state_hash: str
    browser_hash: str
    following: str | None
    expires_at: datetime


class ExternalIdentityReads(Connected):
    """Reads what the provider knows."""

    def external_identity(self, issuer: str, subject: str) -> ExternalIdentity | None:
        """Find by what the provider calls the person."""
        row = self._row(select(external_identity).where(_c.issuer == issuer, _c.subject == subject))
        return None if row is None else ExternalIdentity(row.user_name, row.synced_at)

    def has_external_identity(self, user: str) -> bool:
        """Tell whether a person is known to a provider."""
        return self._row(select(_c.subject).where(_c.user_name == user)) is not None

    def claimed_groups(self) -> tuple[tuple[str, str], ...]:
        """Return what the provider's groups are called here, as pairs, sorted."""
        rows = self._rows(select(claimed_group).order_by(_group.claim, _group.group_name))
        return tuple((row.claim, row.group_name) for row in rows)

    def claimed_memberships(self, user: str) -> frozenset[str]:
        """Return the groups that a person has from the provider, and not from an administrator."""
        statement = select(membership.c.group_name).where(membership.c.user_name == user, membership.c.claimed)
        return frozenset(row.group_name for row in self._rows(statement))


class ExternalIdentityWrites(Writing):
    """Writes what the provider knows."""

    def add_external_identity(self, issuer: str, subject: str, user: str, synced_at: datetime) -> None:
        """Link a person; raises AlreadyExists when either has a link."""
        values = {"issuer": issuer, "subject": subject, "user_name": user, "synced_at": synced_at}
        self._write(insert(external_identity), values)

    def note_sync(self, issuer: str, subject: str, synced_at: datetime) -> None:
        """Note when the newest token of a person was made."""
        statement = update(external_identity).where(_c.issuer == issuer, _c.subject == subject)
        self._write(statement.values(synced_at=synced_at))

    def remove_external_identities_of(self, user: str) -> None:
        """Take a person's links away."""
        self._write(delete(external_identity).where(_c.user_name == user))

    def set_claimed_memberships(self, user: str, groups: Iterable[str]) -> None:
        """Put a person into exactly these of the provider's groups; what administrators gave stays."""
        _m = membership.c
        self._write(delete(membership).where(_m.user_name == user, _m.claimed))
        own = {row.group_name for row in self._rows(select(_m.group_name).where(_m.user_name == user))}
        rows = [{"user_name": user, "group_name": one, "claimed": True} for one in sorted(set(groups) - own)]
        self._write_each(insert(membership), rows)

    def add_claimed_group(self, claim: str, group: str) -> None:
        """Say what a group of the provider is called here; raises AlreadyExists."""
        self._write(insert(claimed_group), {"claim": claim, "group_name": group})

    def remove_claimed_group(self, claim: str, group: str) -> bool:
        """Take that back; tells whether it was there."""
        return self._write(delete(claimed_group).where(_group.claim == claim, _group.group_name == group)) > 0

    def add_sign_in_request(self, one: SignInRequest) -> None:
        """Note that a sign-in has begun."""
        self._write(
            insert(sign_in_request),
            {
                "state_hash": one.state_hash,
                "browser_hash": one.browser_hash,
                "following": one.following,
                "expires_at": one.expires_at,
            },
        )

    def take_sign_in_request(self, state_hash: str) -> SignInRequest | None:
        """Return a sign-in that has begun and end it, so that nobody comes back with it twice."""
        statement = delete(sign_in_request).where(_request.state_hash == state_hash).returning(*_request)
        row = self._row(statement)
        return None if row is None else SignInRequest(row.state_hash, row.browser_hash, row.following, row.expires_at)

    def remove_expired_sign_in_requests(self, now: datetime) -> None:
        """Remove sign-ins that nobody came back from."""
        self._write(delete(sign_in_request).where(_request.expires_at <= now))
