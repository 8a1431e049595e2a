"""Passwords: one's own changed, and one-time resets that administrators make."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from server.errors import InvalidArgument, NotFound, Unauthenticated
from server.model import AuditEntry, PasswordReset
from server.service import credentials
from server.service.administration import note_change, require_management, require_owner
from server.service.identity import check_password_rules
from server.service.rate_limits import Rule, network_of, spend_one
from server.service.sign_ins import check_password

if TYPE_CHECKING:
    from datetime import datetime

    from server.access import Actor
    from server.service.context import Context
    from server.service.guesses import Visitor

RESET_LIFE = timedelta(hours=24)
RESET_PREFIX = "msr_"
OF_RESETS = Rule("resets of passwords from an address", 20, timedelta(seconds=30))


@dataclass(frozen=True, slots=True)
class MadeReset:
    """What the administrator hands to the person; nobody can read it again."""

    token: str
    link: str
    expires_at: datetime


def change_own_password(context: Context, actor: Actor, old: str, new: str, visitor: Visitor) -> None:
    """Set one's own password, knowing the present one; every session of the person ends.

    Raises `Forbidden` (a program, or a limited token), `InvalidArgument`, `TooManyRequests`.
    """
    require_owner(actor, actor.name)
    check_password_rules(new)
    with context.store.reading() as reading:
        account = reading.user_account(actor.name)
    if account is None:
        raise NotFound(f"There is no user {actor.name!r}.")
    try:
        check_password(context, account, old, visitor)
    except Unauthenticated as error:
        raise InvalidArgument("expected your present password, found another") from error
    stored = credentials.hash_password(new)
    with context.store.transaction() as tx:
        tx.set_password(actor.name, stored)
        tx.remove_sessions_of(actor.name)
        note_change(context, tx, actor, "CHANGE_PASSWORD", "USER", actor.name)


def make_reset(context: Context, actor: Actor, name: str, *, ends_tokens: bool = False) -> MadeReset:
    """Make what lets a person set a password once within a day; earlier ones of the person end.

    The present password stays until then. Raises `Forbidden`, `NotFound`.
    """
    require_management(actor)
    token = credentials.make_secret(RESET_PREFIX)
    expires_at = context.now() + RESET_LIFE
    with context.store.transaction() as tx:
        if tx.user_account(name) is None:
            raise NotFound(f"There is no user {name!r}.")
        tx.put_password_reset(PasswordReset(credentials.hash_secret(token), name, ends_tokens, expires_at))
        note_change(context, tx, actor, "CREATE_PASSWORD_RESET", "USER", name)
    # behind the #, so that neither logs nor other sites get to see it
    return MadeReset(token, f"{context.config.public_url}/password-reset#{token}", expires_at)


def use_reset(context: Context, token: str, password: str, visitor: Visitor) -> str:
    """Set a password by a reset and return whose; every session ends, and every token where the reset says so.

    Raises `InvalidArgument` for a reset that was used, has expired or never was, and `TooManyRequests`.
    """
    check_password_rules(password)
    spend_one(context, OF_RESETS, network_of(visitor.address))
    digest = credentials.hash_secret(token)
    with context.store.glancing() as reading:
        _find_reset(context, reading.password_reset(digest))
    stored = credentials.hash_password(password)
    with context.store.transaction() as tx:
        reset = _find_reset(context, tx.password_reset(digest))
        tx.set_password(reset.user_name, stored)
        tx.remove_password_resets_of(reset.user_name)
        tx.remove_sessions_of(reset.user_name)
        if reset.ends_tokens:
            tx.remove_tokens_of(reset.user_name)
        tx.add_audit([AuditEntry(context.now(), reset.user_name, "RESET_PASSWORD", "USER", reset.user_name)])
    return reset.user_name


def _find_reset(context: Context, reset: PasswordReset | None) -> PasswordReset:
    if reset is None or reset.expires_at <= context.now():
        raise InvalidArgument("This reset was used, has expired or never was: ask an administrator for another one.")
    return reset
