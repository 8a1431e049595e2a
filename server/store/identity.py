"""Everything about who may sign in, put together."""

from __future__ import annotations

from server.store.clients import ClientReads, ClientWrites
from server.store.external_identities import ExternalIdentityReads, ExternalIdentityWrites
from server.store.rate_limits import RateLimitReads, RateLimitWrites
from server.store.sessions import SessionReads, SessionWrites
from server.store.substitutions import SubstitutionReads, SubstitutionWrites
from server.store.tokens import TokenReads, TokenWrites
from server.store.units import UnitReads, UnitWrites
from server.store.user_accounts import UserAccountReads, UserAccountWrites


class IdentityReads(
    UserAccountReads,
    ClientReads,
    TokenReads,
    UnitReads,
    SessionReads,
    RateLimitReads,
    ExternalIdentityReads,
    SubstitutionReads,
):
    """Reads people, programs, tokens, sessions, limits, substitutions and units."""


class IdentityWrites(
    UserAccountWrites,
    ClientWrites,
    TokenWrites,
    UnitWrites,
    SessionWrites,
    RateLimitWrites,
    ExternalIdentityWrites,
    SubstitutionWrites,
):
    """Writes people, programs, tokens, sessions, limits, substitutions and units."""
