"""Sessions of browsers: opened at sign-in under a new secret, ended at sign-out, when idle, and after a working day."""

from __future__ import annotations

import hmac
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from server.errors import Contended, Forbidden, NotFound, Unauthenticated, Unavailable
from server.model import AuditEntry, Session
from server.service import credentials, guesses
from server.service.administration import note_change, require_owner
from server.service.identity import NAME
from server.service.rate_limits import hide
from server.service.sign_ins import REFUSED, authenticate_basic, is_out, make_person

if TYPE_CHECKING:
    from datetime import datetime

    from server.access import Actor
    from server.model import UserAccount
    from server.service.context import Context
    from server.service.guesses import Visitor
    from server.store import Transaction

LONGEST_IDLE = timedelta(hours=2)
LONGEST_SESSION = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=5)
"""How exactly the last use of a session is known."""


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """What a browser gets: the secret of its session, and what makes the device known at the next sign-in."""

    secret: str
    device: str


@dataclass(frozen=True, slots=True)
class CurrentSession:
    """Who a session belongs to."""

    actor: Actor
    display_name: str
    via: str
    ends_at: datetime


def sign_in(context: Context, name: str, password: str, visitor: Visitor, old_secret: str = "") -> OpenedSession:
    """Open a session for a person with name and password; the browser's earlier session ends.

    Raises `Unauthenticated`, also for a client's secret, and `TooManyRequests`.
    """
    actor = authenticate_basic(context, name, password, visitor)
    if actor.kind != "user":
        raise Unauthenticated(REFUSED)
    with context.store.transaction() as tx:
        account = tx.user_account(name)
        if account is None or is_out(context, account):
            raise Unauthenticated(REFUSED)
        return open_session(context, tx, account, "password", old_secret)


def open_session(
    context: Context, tx: Transaction, account: UserAccount, via: str, old_secret: str = ""
) -> OpenedSession:
    """Open a session for somebody who has shown who they are; the browser's earlier session ends."""
    if old_secret:
        tx.remove_session(credentials.hash_secret(old_secret))
    secret, now = credentials.make_secret(), context.now()
    digest = credentials.hash_secret(secret)
    tx.add_session(Session(digest, account.name, account.credential_version, via, now, now, now + LONGEST_SESSION))
    tx.add_audit([AuditEntry(now, account.name, "SIGN_IN", "SESSION", digest[:16])])
    return OpenedSession(secret, guesses.make_device(context, account.name))


def find_session(context: Context, secret: str) -> CurrentSession:
    """Return whose session this is. Raises `Unauthenticated` when there is none, or no more."""
    digest, now = credentials.hash_secret(secret), context.now()
    with context.store.glancing() as reading:
        holder = reading.session_holder(digest)
    if holder is None or is_out(context, holder.account):
        raise Unauthenticated(REFUSED)
    session, account = holder.session, holder.account
    over = session.ends_at <= now or session.seen_at + LONGEST_IDLE <= now
    if over or session.credential_version != account.credential_version:
        raise Unauthenticated("Your session has ended: sign in again.")
    if now - session.seen_at >= SEEN_EVERY:
        with suppress(Contended, Unavailable), context.store.transaction() as tx:  # no reason to refuse a request
            tx.touch_session(digest, now)
    actor = make_person(context, account, holder.groups)
    return CurrentSession(actor, account.display_name, session.via, session.ends_at)


def sign_out(context: Context, secret: str) -> None:
    """End a session; one that is not there is no mistake."""
    with context.store.transaction() as tx:
        tx.remove_session(credentials.hash_secret(secret))


def end_sessions(context: Context, actor: Actor, name: str) -> None:
    """End every session of a person: one's own, or anybody's as an administrator. Raises `Forbidden`, `NotFound`."""
    require_owner(actor, name)
    with context.store.transaction() as tx:
        if not NAME.fullmatch(name) or tx.user_account(name) is None:
            raise NotFound(f"There is no user {name!r:.80}.")
        tx.remove_sessions_of(name)
        note_change(context, tx, actor, "END_SESSIONS", "USER", name)


def make_csrf_token(context: Context, secret: str) -> str:
    """Return what a page of ours knows and a page of another site cannot: it goes with every change."""
    return hide(context, "csrf", secret)


def check_csrf_token(context: Context, secret: str, token: str) -> None:
    """Raise `Forbidden` unless the token is the one of this secret."""
    if not hmac.compare_digest(make_csrf_token(context, secret).encode(), token.encode("utf-8", "replace")):
        raise Forbidden("expected the session's token in X-CSRF-Token (GET /api/session tells it)")


def remove_ended_sign_ins(context: Context) -> None:
    """Remove sessions and resets that have ended, and places that nobody has signed in from for long."""
    now = context.now()
    with context.store.transaction() as tx:
        forgotten = now - guesses.REMEMBERED_FOR
        tx.remove_ended_sign_ins(now, idle_since=now - LONGEST_IDLE, forgotten=forgotten)
