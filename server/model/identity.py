"""People, programs and units."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class UserAccount:
    """A person who can sign in; `credential_version` grows with every new password.

    `leaves_at` is when the person leaves, or left; `stands_in` tells whether anybody's absence names them.
    """

    name: str
    display_name: str
    password_hash: str | None
    created_at: datetime
    admin: bool = False
    disabled: bool = False
    credential_version: int = 1
    leaves_at: datetime | None = None
    stands_in: bool = False


@dataclass(frozen=True, slots=True)
class Scopes:
    """What a client may do, or a token is limited to: start these processes, work jobs of these types (`*` is any), ….

    `tasks` means something for tokens of people only: see and complete their tasks.
    """

    start: tuple[str, ...] = ()
    jobs: tuple[str, ...] = ()
    read: bool = False
    deploy: bool = False
    tasks: tuple[str, ...] = ()
    operate: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Client:
    """A program that signs in with id and secret; without scopes it may do nothing."""

    client_id: str
    name: str
    secret_hash: str
    created_at: datetime
    scopes: Scopes = field(default_factory=Scopes)
    admin: bool = False
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Token:
    """A personal token of a user; only the SHA-256 of the token is kept (hexadecimal).

    Without `scopes` it stands for everything that the person may do.
    """

    token_id: str
    hash: str
    user_name: str
    created_at: datetime
    expires_at: datetime | None
    name: str = ""
    last_used_at: datetime | None = None
    scopes: Scopes | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that a person has signed in with; only the SHA-256 of its secret is kept.

    It ends with the person's credential version: a new password ends every session. `via` is `password` or `oidc`.
    """

    hash: str
    user_name: str
    credential_version: int
    via: str
    created_at: datetime
    seen_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class PasswordReset:
    """Lets a person set a password once; only the SHA-256 of what the person was given is kept."""

    hash: str
    user_name: str
    ends_tokens: bool
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Spending:
    """A try that counts against a limit: `burst` tries at once, and then one every `interval_ms`."""

    bucket: str
    burst: int
    interval_ms: int


@dataclass(frozen=True, slots=True)
class Substitution:
    """Who stands in for whom, from when until when; `groups` None: in everything."""

    key: int
    absent: str
    substitute: str
    begins_at: datetime
    ends_at: datetime
    groups: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """An organisation unit (city, district, street, community, grid, department …) in the tree of units.

    `valid_from` and `valid_to` are its first and last day, None for always. A unit that ended may name the
    one that took its work over.
    """

    unit_id: str
    name: str
    kind: str
    parent_id: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    succeeded_by: str | None = None


class AffiliationKind(StrEnum):
    """How units take part in something that they do not belong to."""

    PAIRING = "pairing"
    LEADING_GROUP = "leading_group"


@dataclass(frozen=True, slots=True)
class Affiliation:
    """A unit's part in a body: in the work of a community (包联, `lead` or `member`), in the district's leading group.

    `body` is the community's or the district's unit id; in the leading group `role` is the type of the member unit.
    """

    kind: AffiliationKind
    body: str
    unit_id: str
    role: str
    valid_from: date | None = None
    valid_to: date | None = None
