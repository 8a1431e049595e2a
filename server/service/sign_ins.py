"""Telling from credentials who asks.

Whoever fails to sign in learns nothing: unknown names, wrong and missing passwords, disabled people and expired tokens
cost the same work and get the same answer.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, NoReturn

from server.access import ANYBODY, SYSTEM, Actor, StandIn
from server.errors import Contended, Unauthenticated, Unavailable
from server.service import credentials
from server.service.guesses import HERE, counting
from server.service.identity import NAME
from server.service.permissions import give_scopes
from server.service.rate_limits import Rule, spend_one

if TYPE_CHECKING:
    from collections.abc import Iterable

    from server.access import Scopes
    from server.model import Client, Token, UserAccount
    from server.service.context import Context
    from server.service.guesses import Visitor

OF_CLIENT_TOKENS = Rule("tokens of a client", 120, timedelta(seconds=1))
CLIENT_TOKEN_LIFE = timedelta(minutes=15)
TOUCH_EVERY = timedelta(minutes=10)
"""How exactly the last use of a token is known: a write at every request would cost more than it tells."""
REFUSED = "Sign in first: these credentials are not valid."
_verified = credentials.VerifiedPairs()


def authenticate_basic(context: Context, name: str, secret: str, visitor: Visitor = HERE) -> Actor:
    """Return the person or client with this name and secret. Raises `Unauthenticated`, `TooManyRequests`."""
    person: tuple[UserAccount, tuple[str, ...]] | None = None
    client: Client | None = None
    if NAME.fullmatch(name):  # what cannot be a name is not brought before the database
        with context.store.glancing() as reading:
            person = reading.user_account_with_groups(name)
            client = None if person else reading.client(name)
    if person is not None:
        check_password(context, person[0], secret, visitor)
        return make_person(context, *person)
    if client is not None and credentials.matches_secret(client.secret_hash, secret) and not client.disabled:
        return make_program(client)
    return _refuse_unknown(context, name, secret, visitor)


def authenticate_bearer(context: Context, token: str) -> Actor:
    """Return whom a personal token or a token of `/oauth/token` stands for. Raises `Unauthenticated`."""
    if token.startswith(credentials.CLIENT_TOKEN_PREFIX):
        return make_program(_client_of_token(context, token))
    with context.store.glancing() as reading:
        holder = reading.token_holder(credentials.hash_secret(token))
    if holder is None or is_out(context, holder.account) or _is_over(context, holder.token):
        raise Unauthenticated(REFUSED)
    last_used_at = holder.token.last_used_at
    if last_used_at is None or context.now() - last_used_at >= TOUCH_EVERY:
        with suppress(Contended, Unavailable), context.store.transaction() as tx:  # no reason to refuse a request
            tx.touch_token(holder.token.token_id, context.now())
    scopes = holder.token.scopes
    return make_person(context, holder.account, holder.groups, None if scopes is None else give_scopes(scopes))


def issue_client_token(context: Context, client_id: str, secret: str, visitor: Visitor = HERE) -> tuple[str, int]:
    """Return a token for a client and how many seconds it is valid. Raises `Unauthenticated`, `TooManyRequests`."""
    client = None
    if NAME.fullmatch(client_id):
        with context.store.glancing() as reading:
            client = reading.client(client_id)
    if client is None or client.disabled or not credentials.matches_secret(client.secret_hash, secret):
        _refuse_unknown(context, client_id, secret, visitor)
    spend_one(context, OF_CLIENT_TOKENS, client.client_id)
    expires_at = context.now() + CLIENT_TOKEN_LIFE
    token = credentials.sign_client_token(context.config.secret_key, client.client_id, client.secret_hash, expires_at)
    return token, int(CLIENT_TOKEN_LIFE.total_seconds())


def check_password(context: Context, account: UserAccount, password: str, visitor: Visitor) -> None:
    """Return when it is the person's password. Raises `Unauthenticated`, `TooManyRequests`."""
    stored, now = account.password_hash, context.now()
    if stored is not None and not is_out(context, account) and _verified.holds(account.name, password, stored, now):
        return
    with counting(context, account.name, visitor):
        fits = credentials.verify_password(stored, password)
        if stored is None or not fits or is_out(context, account):
            raise Unauthenticated(REFUSED)
    _verified.add(account.name, password, stored, now)


def _refuse_unknown(context: Context, name: str, secret: str, visitor: Visitor) -> NoReturn:
    """Refuse at the cost of a wrong password."""
    with counting(context, name, visitor):
        credentials.verify_password(None, secret)
        raise Unauthenticated(REFUSED)


def _client_of_token(context: Context, token: str) -> Client:
    claims = credentials.read_client_token(context.config.secret_key, token, context.now())
    if claims is None:
        raise Unauthenticated(REFUSED)
    client_id, fingerprint = claims
    with context.store.glancing() as reading:
        client = reading.client(client_id)
    if client is None or client.disabled or not client.secret_hash.startswith(fingerprint):
        raise Unauthenticated(REFUSED)
    return client


def _is_over(context: Context, token: Token) -> bool:
    return token.expires_at is not None and token.expires_at <= context.now()


def make_person(context: Context, account: UserAccount, groups: Iterable[str], limits: Scopes | None = None) -> Actor:
    """Return the actor that a person is, with those whom they stand in for."""
    return Actor(
        account.name,
        "user",
        admin=account.admin,
        groups=frozenset(groups),
        limits=limits,
        stands_in_for=_find_stand_ins(context, account.name) if account.stands_in else (),
    )


def is_out(context: Context, account: UserAccount) -> bool:
    """Tell whether a person is disabled, or has left."""
    return account.disabled or (account.leaves_at is not None and account.leaves_at <= context.now())


def _find_stand_ins(context: Context, name: str) -> tuple[StandIn, ...]:
    with context.store.glancing() as reading:
        found = reading.groups_looked_after(name, context.now())
    return tuple(
        StandIn(one.absent, groups if one.groups is None else groups & frozenset(one.groups), one.groups is None)
        for one, groups in found
    )


def find_actor(context: Context, kind: str, name: str) -> Actor | None:
    """Return who began something in the background, with the rights they have by now; None: they may not sign in."""
    if kind == SYSTEM.kind:
        return SYSTEM
    if name == ANYBODY.name and context.config.open_access:
        return ANYBODY
    with context.store.glancing() as reading:
        if kind == "client":
            client = reading.client(name)
            return None if client is None or client.disabled else make_program(client)
        found = reading.user_account_with_groups(name)
    return None if found is None or is_out(context, found[0]) else make_person(context, *found)


def make_program(client: Client) -> Actor:
    """Return the actor that a client is."""
    return Actor(client.client_id, "client", admin=client.admin, scopes=give_scopes(client.scopes))
