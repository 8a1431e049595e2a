"""Programs that use the API: seen, changed, given another secret, revoked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.errors import Conflict, NotFound
from server.service import credentials
from server.service.administration import note_change, require_management
from server.service.permissions import keep_scopes
from server.service.preconditions import UNCONDITIONAL, check_precondition, make_tag

if TYPE_CHECKING:
    from server.access import Actor, Scopes
    from server.model import Client
    from server.service.context import Context
    from server.service.preconditions import Precondition
    from server.store import Reading


def list_clients(context: Context, actor: Actor) -> tuple[Client, ...]:
    """Return every client, by id. Raises `Forbidden`."""
    require_management(actor)
    with context.store.reading() as reading:
        return reading.clients()


def get_client(context: Context, actor: Actor, client_id: str) -> Client:
    """Return one client. Raises `Forbidden`, `NotFound`."""
    require_management(actor)
    with context.store.reading() as reading:
        return _find_client(reading, client_id)


def change_scopes(
    context: Context, actor: Actor, client_id: str, scopes: Scopes, precondition: Precondition = UNCONDITIONAL
) -> None:
    """Let a client do exactly this, at once, with the tokens it has too.

    Raises `Forbidden`, `NotFound`, `PreconditionFailed`.
    """
    require_management(actor)
    with context.store.transaction() as tx:
        tx.lock_record("client", client_id)
        check_precondition(precondition, make_tag(_find_client(tx, client_id)))
        tx.set_client_scopes(client_id, keep_scopes(scopes))
        note_change(context, tx, actor, "SET_SCOPES", "CLIENT", client_id)


def rotate_secret(context: Context, actor: Actor, client_id: str) -> str:
    """Give a client another secret and return it, once; the old secret and its tokens end at once.

    A revoked client is let in again. Raises `Forbidden`, `NotFound`.
    """
    require_management(actor)
    secret = credentials.make_secret()
    with context.store.transaction() as tx:
        tx.set_client_secret(client_id, credentials.hash_secret(secret))
        note_change(context, tx, actor, "ROTATE", "CLIENT", client_id)
    return secret


def revoke_client(context: Context, actor: Actor, client_id: str) -> None:
    """Let a client in no more, with its secret or its tokens; its id stays taken, for the records.

    Raises `Forbidden`, `NotFound`, and `Conflict` when it is revoked already.
    """
    require_management(actor)
    with context.store.transaction() as tx:
        if _find_client(tx, client_id).disabled:
            raise Conflict(f"expected a client that is let in, but {client_id!r} is revoked already")
        tx.disable_client(client_id)
        note_change(context, tx, actor, "REVOKE", "CLIENT", client_id)


def _find_client(reading: Reading, client_id: str) -> Client:
    client = reading.client(client_id)
    if client is None:
        raise NotFound(f"There is no client {client_id!r}.")
    return client
