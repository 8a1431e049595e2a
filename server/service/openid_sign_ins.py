"""Signing in by the OpenID Connect provider: browsers by code and PKCE, programs and apps by its access tokens."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from server.errors import InvalidArgument, NotFound, Unauthenticated
from server.openid.provider import Provider, Registration
from server.service import credentials
from server.service.claimed_groups import sync_person
from server.service.rate_limits import hide
from server.service.sessions import OpenedSession, open_session
from server.service.sign_ins import REFUSED, is_out, make_person, make_program
from server.store.external_identities import SignInRequest

if TYPE_CHECKING:
    from server.access import Actor
    from server.config import Config
    from server.openid.provider import Identity
    from server.service.context import Context

RETURN_PATH = "/oidc/callback"
REQUEST_LIFE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class BegunSignIn:
    """Where the browser goes, and what it keeps so that nobody else comes back with its sign-in."""

    url: str
    browser: str


def open_provider(config: Config) -> Provider | None:
    """Return the provider of an installation, or None; nothing is asked of it yet."""
    own = config.openid
    if own is None:
        return None
    audiences = (own.client_id, config.public_url)
    back = config.public_url + RETURN_PATH
    return Provider(Registration(own.issuer, own.client_id, own.client_secret, own.groups_claim, back, audiences))


def begin_sign_in(context: Context, following: str | None) -> BegunSignIn:
    """Begin a sign-in. Raises `NotFound` where there is no provider, `Unavailable` when it does not answer."""
    provider = _provider(context)
    state, browser = credentials.make_secret(), credentials.make_secret()
    url = provider.authorization_url(state, _nonce(context, browser), _verifier(context, browser), context.now())
    request = SignInRequest(
        credentials.hash_secret(state), credentials.hash_secret(browser), following, context.now() + REQUEST_LIFE
    )
    with context.store.transaction() as tx:
        tx.add_sign_in_request(request)
    return BegunSignIn(url, browser)


def finish_sign_in(
    context: Context, state: str, code: str, issuer: str | None, browser: str, old_secret: str = ""
) -> tuple[OpenedSession, str | None]:
    """Open a session for whoever came back from the provider, and tell where they go on to.

    Raises `InvalidArgument` for a return that was not begun here, by this browser, within ten minutes, or that was
    used already; `Unauthenticated`, `Forbidden` and `Unavailable` as the provider and the accounts say.
    """
    provider = _provider(context)
    with context.store.transaction() as tx:
        request = tx.take_sign_in_request(credentials.hash_secret(state))
    if (
        request is None
        or request.expires_at <= context.now()
        or not hmac.compare_digest(request.browser_hash, credentials.hash_secret(browser))
    ):
        raise InvalidArgument("This sign-in was not begun by this browser, is over, or was used already: begin again.")
    if issuer is not None and issuer != provider.registration.issuer:
        raise InvalidArgument("This sign-in comes from another provider (RFC 9207): begin again.")
    identity = provider.redeem(code, _verifier(context, browser), _nonce(context, browser), context.now())
    with context.store.transaction() as tx:
        account = sync_person(context, tx, provider.registration.issuer, identity)
        return open_session(context, tx, account, "oidc", old_secret), request.following


def authenticate_access_token(context: Context, token: str) -> Actor:
    """Return whom an access token of the provider stands for: a person, or a client that is known here by its id.

    Raises `Unauthenticated`, `Forbidden` (an account that is not linked), `Unavailable`.
    """
    provider = _provider(context)
    identity = provider.read_access_token(token, context.now())
    if identity.program is not None:
        return _find_program(context, identity.program)
    issuer = provider.registration.issuer
    with context.store.glancing() as reading:
        known = reading.external_identity(issuer, identity.subject)
        found = None if known is None else reading.user_account_with_groups(known.user_name)
    issued_at = datetime.fromtimestamp(int(identity.issued_at), UTC)
    if found is None or known is None or (identity.groups is not None and issued_at > known.synced_at):
        return _sync(context, issuer, identity)
    if is_out(context, found[0]):
        raise Unauthenticated(REFUSED)
    return make_person(context, *found)


def find_sign_out_url(context: Context) -> str | None:
    """Return where a browser signs out of the provider, too."""
    provider = context.openid
    return None if provider is None else provider.sign_out_url(context.config.public_url, context.now())


def remove_expired_requests(context: Context) -> None:
    """Remove sign-ins that nobody came back from."""
    with context.store.transaction() as tx:
        tx.remove_expired_sign_in_requests(context.now())


def _provider(context: Context) -> Provider:
    if context.openid is None:
        raise NotFound("There is no OpenID Connect provider here (MUSTER_OIDC_ISSUER).")
    return context.openid


def _find_program(context: Context, client_id: str) -> Actor:
    with context.store.glancing() as reading:
        client = reading.client(client_id)
    if client is None or client.disabled:
        raise Unauthenticated(f"{REFUSED[:-1]}; the program is not known here (muster client add).")
    return make_program(client)


def _sync(context: Context, issuer: str, identity: Identity) -> Actor:
    with context.store.transaction() as tx:
        account = sync_person(context, tx, issuer, identity)
        found = tx.user_account_with_groups(account.name) or (account, ())
    return make_person(context, *found)


def _nonce(context: Context, browser: str) -> str:
    return hide(context, "oidc nonce", browser)


def _verifier(context: Context, browser: str) -> str:
    return hide(context, "oidc verifier", browser)
