"""People and groups as the OpenID Connect provider says, kept in step here at every sign-in.

A group of the provider counts when it is named like one of ours (`role@unit`), or when an administrator said what it
is called here. A person's memberships from the provider are replaced; those that an administrator gave stay.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from server.errors import Forbidden, InvalidArgument, NotFound, Unauthenticated
from server.model import AuditEntry, UserAccount
from server.service.administration import note_change, require_management
from server.service.identity import NAME, check_groups
from server.service.sign_ins import REFUSED, is_out

if TYPE_CHECKING:
    from collections.abc import Iterable

    from server.access import Actor
    from server.openid.provider import Identity
    from server.service.context import Context
    from server.store import Transaction

ADMINISTRATORS = "administrators"
"""What a group of the provider is mapped to when its members administer this server."""
LONGEST_CLAIM = 200
_OUR_GROUP = re.compile(r"[\w.\-]{1,64}@[\w.\-]{1,64}")
_UNUSABLE = re.compile(r"[^\w.\-]")


def list_claimed_groups(context: Context, actor: Actor) -> tuple[tuple[str, str], ...]:
    """Return what the provider's groups are called here, as pairs. Raises `Forbidden`."""
    require_management(actor)
    with context.store.reading() as reading:
        return reading.claimed_groups()


def add_claimed_group(context: Context, actor: Actor, claim: str, group: str) -> None:
    """Say what a group of the provider is called here; it counts from each person's next sign-in.

    Raises `Forbidden`, `InvalidArgument`, `AlreadyExists`.
    """
    require_management(actor)
    check_groups([group])
    if not 0 < len(claim) <= LONGEST_CLAIM or not claim.isprintable():
        raise InvalidArgument(f"expected a group of the provider, at most {LONGEST_CLAIM} characters")
    with context.store.transaction() as tx:
        tx.add_claimed_group(claim, group)
        note_change(context, tx, actor, "CREATE", "CLAIMED_GROUP", group)


def remove_claimed_group(context: Context, actor: Actor, claim: str, group: str) -> None:
    """Take that back. Raises `Forbidden`, `NotFound`."""
    require_management(actor)
    with context.store.transaction() as tx:
        if not tx.remove_claimed_group(claim, group):
            raise NotFound(f"The provider's group {claim!r:.200} is not called {group!r:.200} here.")
        note_change(context, tx, actor, "DELETE", "CLAIMED_GROUP", group)


def link_person(context: Context, actor: Actor, name: str, subject: str) -> None:
    """Let the provider's subject sign in as this person. Raises `Forbidden`, `NotFound`, `AlreadyExists`."""
    require_management(actor)
    if context.config.openid is None:
        raise NotFound("There is no OpenID Connect provider here (MUSTER_OIDC_ISSUER).")
    with context.store.transaction() as tx:
        if tx.user_account(name) is None:
            raise NotFound(f"There is no user {name!r:.80}.")
        tx.add_external_identity(context.config.openid.issuer, subject, name, datetime.fromtimestamp(0, UTC))
        note_change(context, tx, actor, "LINK", "USER", name)


def sync_person(context: Context, tx: Transaction, issuer: str, identity: Identity) -> UserAccount:
    """Return the account of whoever the provider vouches for, with their groups as it says; made if need be.

    Raises `Unauthenticated` for somebody disabled, `Forbidden` where the name belongs to an account that signs in
    otherwise: whoever may choose a name at the provider must not become that person.
    """
    known = tx.external_identity(issuer, identity.subject)
    account = None if known is None else tx.user_account(known.user_name)
    issued_at = datetime.fromtimestamp(int(identity.issued_at), UTC)
    if account is None:
        account = _admit(context, tx, identity)
        tx.add_external_identity(issuer, identity.subject, account.name, issued_at)
        tx.add_audit([AuditEntry(context.now(), account.name, "LINK", "USER", account.name)])
    if is_out(context, account):
        raise Unauthenticated(REFUSED)
    if identity.groups is None or (known is not None and issued_at < known.synced_at):
        return account
    tx.note_sync(issuer, identity.subject, issued_at)
    return _sync_groups(context, tx, account, identity.groups)


def _admit(context: Context, tx: Transaction, identity: Identity) -> UserAccount:
    """Return the account that was prepared for this person, or a new one."""
    name = _UNUSABLE.sub("_", identity.user_name)[:64].lstrip("._-")
    if not NAME.fullmatch(name):
        raise Forbidden(f"expected a usable name from the identity provider, found {identity.user_name!r:.80}")
    account = tx.user_account(name)
    if account is None and tx.client(name) is None:
        account = UserAccount(name, identity.display_name[:200], None, context.now())
        tx.add_user(account)
        return account
    if account is None or account.password_hash is not None or account.admin or tx.has_external_identity(name):
        raise Forbidden(
            f"The name {name!r} belongs to an account that signs in otherwise: an administrator has to link the two "
            f"(muster user link {name} {identity.subject})."
        )
    return account


def _sync_groups(context: Context, tx: Transaction, account: UserAccount, claims: Iterable[str]) -> UserAccount:
    before = tx.claimed_memberships(account.name)
    wanted = _name_groups(tx, claims)
    if wanted - before or before - wanted:
        tx.set_claimed_memberships(account.name, wanted)
        tx.add_audit([AuditEntry(context.now(), account.name, "SYNC_GROUPS", "USER", account.name)])
    if (ADMINISTRATORS in wanted) != (ADMINISTRATORS in before):
        tx.set_admin(account.name, admin=ADMINISTRATORS in wanted)
    return tx.user_account(account.name) or account


def _name_groups(tx: Transaction, claims: Iterable[str]) -> frozenset[str]:
    mapped: dict[str, set[str]] = {}
    for claim, group in tx.claimed_groups():
        mapped.setdefault(claim, set()).add(group)
    found: set[str] = set()
    for claim in claims:
        found |= mapped.get(claim, {claim} if _OUR_GROUP.fullmatch(claim) else set())
    return frozenset(found)
