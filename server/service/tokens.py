"""Personal tokens: seen and revoked by their owner and by administrators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import access
from server.errors import NotFound
from server.service.administration import note_change, require_owner

if TYPE_CHECKING:
    from server.access import Actor
    from server.model import Token
    from server.service.context import Context


def list_tokens(context: Context, actor: Actor, user: str) -> tuple[Token, ...]:
    """Return a person's tokens, oldest first. Raises `Forbidden`, `NotFound`."""
    require_owner(actor, user)
    with context.store.reading() as reading:
        if reading.user_account(user) is None:
            raise NotFound(f"There is no user {user!r}.")
        return reading.tokens_of(user)


def revoke_token(context: Context, actor: Actor, token_id: str) -> None:
    """End a token at once. Raises `NotFound` also for tokens of others."""
    with context.store.transaction() as tx:
        token = tx.token(token_id)
        if token is None or not access.may_manage_credentials(actor, token.user_name):
            raise NotFound(f"There is no token {token_id!r}.")
        tx.remove_token(token_id)
        note_change(context, tx, actor, "REVOKE", "TOKEN", token_id)
