"""Who may sign in: people, clients, tokens and the organisation.

Every change is one transaction with an audit entry.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from server.access import Scopes
from server.errors import AlreadyExists, Conflict, InvalidArgument, NotFound
from server.model import AuditEntry, Client, Token, UserAccount
from server.service import credentials
from server.service.administration import note_change, require_management, require_owner
from server.service.meeting_plans import seed_plans
from server.service.permissions import keep_scopes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from server.access import Actor
    from server.governance.organisation import Organisation
    from server.service.context import Context
    from server.store import Reading

ADMINISTRATOR = "admin"
SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 1024
PERSONAL_TOKEN_LIFE = timedelta(days=365)
LONGEST_TOKEN_LIFE = timedelta(days=2 * 366)
LONGEST_TOKEN_NAME = 100
NAME = re.compile(r"[^\W_][\w.\-]{0,63}")
_GROUP = re.compile(r"[\w.\-]{1,64}(@[\w.\-]{1,64})?")


def add_user(
    context: Context,
    actor: Actor,
    name: str,
    password: str | None,
    *,
    admin: bool = False,
    groups: Iterable[str] = (),
    display_name: str | None = None,
) -> None:
    """Add a person; without a password they cannot sign in by one.

    Raises `Forbidden`, `InvalidArgument` for an unusable name, group or password, `AlreadyExists`.
    """
    require_management(actor)
    groups = check_groups(groups)
    account = UserAccount(
        name=_check_name(name),
        display_name=display_name or name,
        password_hash=None if password is None else credentials.hash_password(check_password_rules(password)),
        created_at=context.now(),
        admin=admin,
    )
    with context.store.transaction() as tx:
        _require_free_name(tx, name)
        tx.add_user(account, groups)
        note_change(context, tx, actor, "CREATE", "USER", name)


def change_password(context: Context, actor: Actor, name: str, password: str) -> None:
    """Set a person's password: one's own, or anybody's as an administrator. Raises `Forbidden`, `NotFound`."""
    require_owner(actor, name)
    stored = credentials.hash_password(check_password_rules(password))
    with context.store.transaction() as tx:
        tx.set_password(name, stored)
        note_change(context, tx, actor, "CHANGE_PASSWORD", "USER", name)


def disable_user(context: Context, actor: Actor, name: str, *, disabled: bool = True) -> None:
    """Keep a person from signing in, with password and tokens, or let them in again.

    Raises `Forbidden`, `NotFound`, and `Conflict` for the last administrator who can sign in.
    """
    require_management(actor)
    with context.store.transaction() as tx:
        account = tx.user_account(name)
        if account is None:
            raise NotFound(f"There is no user {name!r}.")
        if disabled and account.admin and not is_other_administrator(tx, name):
            raise Conflict(f"{name!r} is the last administrator who can sign in: make somebody else one first.")
        tx.disable_user(name, disabled=disabled)
        note_change(context, tx, actor, "DISABLE" if disabled else "ENABLE", "USER", name)


def set_groups(context: Context, actor: Actor, name: str, groups: Iterable[str]) -> None:
    """Put a person into exactly these groups. Raises `Forbidden`, `InvalidArgument`, `NotFound`."""
    require_management(actor)
    groups = check_groups(groups)
    with context.store.transaction() as tx:
        tx.set_groups(name, groups)
        note_change(context, tx, actor, "SET_GROUPS", "USER", name)


def add_client(
    context: Context,
    actor: Actor,
    name: str,
    *,
    scopes: Scopes = Scopes(),  # noqa: B008 - frozen: nothing is allowed unless given
    admin: bool = False,
    title: str = "",
) -> tuple[str, str]:
    """Add a client and return its id and secret; the secret is kept as a hash only and never shown again.

    Raises `Forbidden`, `InvalidArgument`, `AlreadyExists`.
    """
    require_management(actor)
    secret = credentials.make_secret()
    kept = keep_scopes(scopes)
    client = Client(_check_name(name), title or name, credentials.hash_secret(secret), context.now(), kept, admin)
    with context.store.transaction() as tx:
        _require_free_name(tx, name)
        tx.add_client(client)
        note_change(context, tx, actor, "CREATE", "CLIENT", name)
    return client.client_id, secret


def disable_client(context: Context, actor: Actor, client_id: str, *, disabled: bool = True) -> None:
    """Keep a client from signing in, or let it in again; its tokens end at once. Raises `Forbidden`, `NotFound`."""
    require_management(actor)
    with context.store.transaction() as tx:
        tx.disable_client(client_id, disabled=disabled)
        note_change(context, tx, actor, "DISABLE" if disabled else "ENABLE", "CLIENT", client_id)


def add_token(
    context: Context,
    actor: Actor,
    user: str,
    *,
    name: str = "",
    life: timedelta = PERSONAL_TOKEN_LIFE,
    scopes: Scopes | None = None,
) -> str:
    """Add a personal token and return it; only its hash is kept. One's own, or anybody's as an administrator.

    Without scopes it stands for everything that the person may do. Raises `Forbidden`, `InvalidArgument`, `NotFound`.
    """
    require_owner(actor, user)
    if not timedelta() < life <= LONGEST_TOKEN_LIFE:
        raise InvalidArgument(f"expected a token to be valid for at most {LONGEST_TOKEN_LIFE.days} days")
    if len(name) > LONGEST_TOKEN_NAME:
        raise InvalidArgument(f"expected a name of at most {LONGEST_TOKEN_NAME} characters, found {len(name)}")
    token = credentials.make_secret(credentials.PERSONAL_TOKEN_PREFIX)
    digest = credentials.hash_secret(token)
    now = context.now()
    kept = None if scopes is None else keep_scopes(scopes)
    with context.store.transaction() as tx:
        if tx.user_account(user) is None:
            raise NotFound(f"There is no user {user!r}.")
        tx.add_token(Token(digest[:16], digest, user, now, now + life, name, scopes=kept))
        note_change(context, tx, actor, "CREATE", "TOKEN", digest[:16])
    return token


def seed_organisation(context: Context, organisation: Organisation) -> bool:
    """Bring units and people into a database that has no units yet, and tell whether it did so.

    The people get no password: they cannot sign in until an administrator gives them one.
    """
    with context.store.transaction() as tx:
        if tx.units():
            return False
        tx.put_units(organisation.units.values())
        for kind, affiliations in organisation.affiliations.items():
            tx.replace_affiliations(kind, affiliations)
        for person in organisation.people.values():
            if tx.user_account(person.person_id) is None:
                tx.add_user(UserAccount(person.person_id, person.name, None, context.now()), person.groups)
        seed_plans(context, tx, organisation.plans)
        tx.add_audit([AuditEntry(context.now(), "system", "CREATE", "ORGANISATION", "organisation")])
    return True


def ensure_administrator(context: Context) -> str | None:
    """Make the account `admin` where nobody is an administrator, and return its generated password, to be shown once.

    Returns None where there is one, disabled or not, and where another process was quicker.
    """
    with context.store.reading() as reading:
        if any(account.admin for account in reading.user_accounts()):
            return None
    password = credentials.make_secret()[:20]
    account = UserAccount(ADMINISTRATOR, ADMINISTRATOR, credentials.hash_password(password), context.now(), admin=True)
    try:
        with context.store.transaction() as tx:
            tx.add_user(account)
            tx.add_audit([AuditEntry(context.now(), "system", "CREATE", "USER", ADMINISTRATOR)])
    except AlreadyExists:
        return None
    return password


def _require_free_name(reading: Reading, name: str) -> None:
    """People and clients share their names: Basic tells nothing else, and tasks are assigned by name."""
    if reading.user_account(name) is not None or reading.client(name) is not None:
        raise AlreadyExists(f"There is a user or client {name!r} already.")


def is_other_administrator(reading: Reading, name: str) -> bool:
    """Tell whether somebody else is an administrator who can sign in."""
    return any(one.admin and not one.disabled and one.name != name for one in reading.user_accounts())


def _check_name(name: str) -> str:
    if not NAME.fullmatch(name):
        raise InvalidArgument(
            f"expected a name of letters, digits, dots, hyphens and underscores, at most 64, found {name!r:.80}"
        )
    return name


def check_groups(groups: Iterable[str]) -> tuple[str, ...]:
    """Return the groups; raises `InvalidArgument` for what cannot be one."""
    checked = tuple(groups)
    for group in checked:
        if not _GROUP.fullmatch(group):
            raise InvalidArgument(f"expected a group such as street_desk@jinxiu, found {group!r:.140}")
    return checked


def check_password_rules(password: str) -> str:
    """Return the password; raises `InvalidArgument` for a short or a very long one."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise InvalidArgument(
            f"expected a password of {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters, found {len(password)}"
        )
    return password
