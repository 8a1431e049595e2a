"""Everything about who may sign in, put together."""

from __future__ import annotations

from server.store.clients import ClientReads, ClientWrites
from server.store.tokens import TokenReads, TokenWrites
from server.store.units import UnitReads, UnitWrites
from server.store.user_accounts import UserAccountReads, UserAccountWrites


class IdentityReads(UserAccountReads, ClientReads, TokenReads, UnitReads):
    """Reads people, programs, tokens and units."""


class IdentityWrites(UserAccountWrites, ClientWrites, TokenWrites, UnitWrites):
    """Writes people, programs, tokens and units."""
