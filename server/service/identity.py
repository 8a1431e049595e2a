"""Who may sign in: people, clients, tokens and the organisation; and telling from credentials who asks.

Every change is one transaction with an audit entry. Whoever fails to sign in learns nothing: unknown names, wrong and
missing passwords, disabled people and expired tokens cost the same work and get the same answer.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from server.access import Actor, Scopes, may_manage_identity
from server.errors import (
    AlreadyExists,
    Conflict,
    Contended,
    Forbidden,
    InvalidArgument,
    NotFound,
    Unauthenticated,
    Unavailable,
)
from server.model import AuditEntry, Client, Token, Unit, UserAccount
from server.model import Scopes as ClientScopes
from server.service import credentials

if TYPE_CHECKING:
    from collections.abc import Iterable

    from server.governance.organisation import Organisation
    from server.service.context import Context
    from server.store import Reading, Transaction

ADMINISTRATOR = "admin"
SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 1024
CLIENT_TOKEN_LIFE = timedelta(minutes=15)
PERSONAL_TOKEN_LIFE = timedelta(days=365)
TOUCH_EVERY = timedelta(minutes=10)
"""How exactly the last use of a token is known: a write at every request would cost more than it tells."""
REFUSED = "Sign in first: these credentials are not valid."
_NAME = re.compile(r"[^\W_][\w.\-]{0,63}")
_GROUP = re.compile(r"[\w.\-]{1,64}(@[\w.\-]{1,64})?")
_verified = credentials.VerifiedPairs()


def authenticate_basic(context: Context, name: str, secret: str) -> Actor:
    """Return the person or client with this name and secret. Raises `Unauthenticated`."""
    person: tuple[UserAccount, tuple[str, ...]] | None = None
    client: Client | None = None
    if _NAME.fullmatch(name):  # what cannot be a name is not brought before the database
        with context.store.glancing() as reading:
            person = reading.user_account_with_groups(name)
            client = None if person else reading.client(name)
    if person is not None:
        _check_password(context, person[0], secret)
        return _person(*person)
    if client is not None and credentials.matches_secret(client.secret_hash, secret) and not client.disabled:
        return _program(client)
    credentials.verify_password(None, secret)
    raise Unauthenticated(REFUSED)


def authenticate_bearer(context: Context, token: str) -> Actor:
    """Return whom a personal token or a token of `/oauth/token` stands for. Raises `Unauthenticated`."""
    if token.startswith(credentials.CLIENT_TOKEN_PREFIX):
        return _program(_client_of_token(context, token))
    with context.store.glancing() as reading:
        holder = reading.token_holder(credentials.hash_secret(token))
    if holder is None or holder.account.disabled or _is_over(context, holder.token):
        raise Unauthenticated(REFUSED)
    last_used_at = holder.token.last_used_at
    if last_used_at is None or context.now() - last_used_at >= TOUCH_EVERY:
        with suppress(Contended, Unavailable), context.store.transaction() as tx:  # no reason to refuse a request
            tx.touch_token(holder.token.token_id, context.now())
    return _person(holder.account, holder.groups)


def issue_client_token(context: Context, client_id: str, secret: str) -> tuple[str, int]:
    """Return a token for a client and how many seconds it is valid. Raises `Unauthenticated`."""
    client = None
    if _NAME.fullmatch(client_id):
        with context.store.glancing() as reading:
            client = reading.client(client_id)
    if client is None or client.disabled or not credentials.matches_secret(client.secret_hash, secret):
        credentials.verify_password(None, secret)
        raise Unauthenticated(REFUSED)
    expires_at = context.now() + CLIENT_TOKEN_LIFE
    token = credentials.sign_client_token(context.config.secret_key, client.client_id, client.secret_hash, expires_at)
    return token, int(CLIENT_TOKEN_LIFE.total_seconds())


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
    _require_management(actor)
    groups = _check_groups(groups)
    account = UserAccount(
        name=_check_name(name),
        display_name=display_name or name,
        password_hash=None if password is None else credentials.hash_password(_check_password_rules(password)),
        created_at=context.now(),
        admin=admin,
    )
    with context.store.transaction() as tx:
        _require_free_name(tx, name)
        tx.add_user(account, groups)
        _note(context, tx, actor, "CREATE", "USER", name)


def change_password(context: Context, actor: Actor, name: str, password: str) -> None:
    """Set a person's password: one's own, or anybody's as an administrator. Raises `Forbidden`, `NotFound`."""
    if not (actor.kind == "user" and actor.name == name):
        _require_management(actor)
    stored = credentials.hash_password(_check_password_rules(password))
    with context.store.transaction() as tx:
        tx.set_password(name, stored)
        _note(context, tx, actor, "CHANGE_PASSWORD", "USER", name)


def disable_user(context: Context, actor: Actor, name: str, *, disabled: bool = True) -> None:
    """Keep a person from signing in, with password and tokens, or let them in again.

    Raises `Forbidden`, `NotFound`, and `Conflict` for the last administrator who can sign in.
    """
    _require_management(actor)
    with context.store.transaction() as tx:
        account = tx.user_account(name)
        if account is None:
            raise NotFound(f"There is no user {name!r}.")
        if disabled and account.admin and not _other_administrator(tx, name):
            raise Conflict(f"{name!r} is the last administrator who can sign in: make somebody else one first.")
        tx.disable_user(name, disabled=disabled)
        _note(context, tx, actor, "DISABLE" if disabled else "ENABLE", "USER", name)


def set_groups(context: Context, actor: Actor, name: str, groups: Iterable[str]) -> None:
    """Put a person into exactly these groups. Raises `Forbidden`, `InvalidArgument`, `NotFound`."""
    _require_management(actor)
    groups = _check_groups(groups)
    with context.store.transaction() as tx:
        tx.set_groups(name, groups)
        _note(context, tx, actor, "SET_GROUPS", "USER", name)


def add_client(
    context: Context,
    actor: Actor,
    name: str,
    *,
    scopes: Scopes = Scopes(),  # noqa: B008 - frozen: nothing is allowed unless given
    admin: bool = False,
) -> tuple[str, str]:
    """Add a client and return its id and secret; the secret is kept as a hash only and never shown again.

    Raises `Forbidden`, `InvalidArgument`, `AlreadyExists`.
    """
    _require_management(actor)
    secret = credentials.make_secret()
    kept = ClientScopes(tuple(sorted(scopes.start)), tuple(sorted(scopes.jobs)), scopes.read, scopes.deploy)
    client = Client(_check_name(name), name, credentials.hash_secret(secret), context.now(), kept, admin)
    with context.store.transaction() as tx:
        _require_free_name(tx, name)
        tx.add_client(client)
        _note(context, tx, actor, "CREATE", "CLIENT", name)
    return client.client_id, secret


def disable_client(context: Context, actor: Actor, client_id: str, *, disabled: bool = True) -> None:
    """Keep a client from signing in, or let it in again; its tokens end at once. Raises `Forbidden`, `NotFound`."""
    _require_management(actor)
    with context.store.transaction() as tx:
        tx.disable_client(client_id, disabled=disabled)
        _note(context, tx, actor, "DISABLE" if disabled else "ENABLE", "CLIENT", client_id)


def add_token(
    context: Context, actor: Actor, user: str, *, name: str = "", life: timedelta = PERSONAL_TOKEN_LIFE
) -> str:
    """Add a personal token and return it; only its hash is kept. One's own, or anybody's as an administrator.

    Raises `Forbidden`, `NotFound`.
    """
    if not (actor.kind == "user" and actor.name == user):
        _require_management(actor)
    token = credentials.make_secret(credentials.PERSONAL_TOKEN_PREFIX)
    digest = credentials.hash_secret(token)
    now = context.now()
    with context.store.transaction() as tx:
        if tx.user_account(user) is None:
            raise NotFound(f"There is no user {user!r}.")
        tx.add_token(Token(digest[:16], digest, user, now, now + life, name))
        _note(context, tx, actor, "CREATE", "TOKEN", digest[:16])
    return token


def seed_organisation(context: Context, organisation: Organisation) -> bool:
    """Bring units and people into a database that has no units yet, and tell whether it did so.

    The people get no password: they cannot sign in until an administrator gives them one.
    """
    with context.store.transaction() as tx:
        if tx.units():
            return False
        tx.put_units(Unit(unit.unit_id, unit.name, unit.kind, unit.parent_id) for unit in organisation.units.values())
        for person in organisation.people.values():
            if tx.user_account(person.person_id) is None:
                tx.add_user(UserAccount(person.person_id, person.name, None, context.now()), person.groups)
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


def _check_password(context: Context, account: UserAccount, password: str) -> None:
    stored, now = account.password_hash, context.now()
    if stored is not None and not account.disabled and _verified.holds(account.name, password, stored, now):
        return
    fits = credentials.verify_password(stored, password)
    if stored is None or not fits or account.disabled:
        raise Unauthenticated(REFUSED)
    _verified.add(account.name, password, stored, now)


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


def _person(account: UserAccount, groups: Iterable[str]) -> Actor:
    return Actor(account.name, "user", admin=account.admin, groups=frozenset(groups))


def _program(client: Client) -> Actor:
    given = client.scopes
    scopes = Scopes(frozenset(given.start), frozenset(given.jobs), given.read, given.deploy)
    return Actor(client.client_id, "client", admin=client.admin, scopes=scopes)


def _require_management(actor: Actor) -> None:
    if not may_manage_identity(actor):
        raise Forbidden("Only administrators may change users, clients and tokens of others.")


def _require_free_name(reading: Reading, name: str) -> None:
    """People and clients share their names: Basic tells nothing else, and tasks are assigned by name."""
    if reading.user_account(name) is not None or reading.client(name) is not None:
        raise AlreadyExists(f"There is a user or client {name!r} already.")


def _other_administrator(reading: Reading, name: str) -> bool:
    return any(one.admin and not one.disabled and one.name != name for one in reading.user_accounts())


def _check_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise InvalidArgument(
            f"expected a name of letters, digits, dots, hyphens and underscores, at most 64, found {name!r:.80}"
        )
    return name


def _check_groups(groups: Iterable[str]) -> tuple[str, ...]:
    checked = tuple(groups)
    for group in checked:
        if not _GROUP.fullmatch(group):
            raise InvalidArgument(f"expected a group such as street_desk@jinxiu, found {group!r:.140}")
    return checked


def _check_password_rules(password: str) -> str:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise InvalidArgument(
            f"expected a password of {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters, found {len(password)}"
        )
    return password


def _note(context: Context, tx: Transaction, actor: Actor, operation: str, entity_type: str, key: str) -> None:
    tx.add_audit([AuditEntry(context.now(), actor.name, operation, entity_type, key)])
