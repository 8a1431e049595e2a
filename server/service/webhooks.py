"""Webhooks: addresses outside that administrators have named; their secrets are sealed under the vault's key."""

from __future__ import annotations

import base64
import re
import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from server import access
from server.errors import Forbidden, InvalidArgument, NotFound
from server.model import EventKind, Webhook
from server.service.administration import note_change
from server.service.envelopes import Keyring

if TYPE_CHECKING:
    from collections.abc import Iterable

    from server.access import Actor
    from server.service.context import Context
    from server.store import Transaction

NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")
LONGEST_URL = 2000
SECRET_BYTES = 32
SECRET_PREFIX = "whsec_"  # noqa: S105 - what secrets begin with


def list_webhooks(context: Context, actor: Actor) -> tuple[Webhook, ...]:
    """Return all; raises `Forbidden`."""
    _require_keeper(actor)
    with context.store.reading() as reading:
        return reading.webhooks()


def add_webhook(context: Context, actor: Actor, name: str, url: str, events: Iterable[str]) -> tuple[Webhook, str]:
    """Add a webhook and return it with its secret, which is never shown again.

    Raises `Forbidden`, `InvalidArgument` and `AlreadyExists`.
    """
    _require_keeper(actor)
    if not NAME.fullmatch(name):
        raise InvalidArgument(f"expected small letters, digits, - and _ as name, found {name!r:.80}")
    chosen = tuple(dict.fromkeys(events))
    unknown = [one for one in chosen if one not in list(EventKind)]
    if unknown:
        raise InvalidArgument(f"expected events out of {', '.join(EventKind)}, found {unknown[0]!r:.80}")
    secret = secrets.token_bytes(SECRET_BYTES)
    sealed = Keyring(context.config.vault_keys).seal(secret, _about(name))
    hook = Webhook(name, _check_url(url), chosen, context.now(), sealed)
    with context.store.transaction() as tx:
        tx.add_webhook(hook)
        note_change(context, tx, actor, "CREATE", "WEBHOOK", name)
    return hook, SECRET_PREFIX + base64.b64encode(secret).decode()


def remove_webhook(context: Context, actor: Actor, name: str) -> None:
    """Delete a webhook; what is on its way to it is given up. Raises `Forbidden`, `NotFound`."""
    _require_keeper(actor)
    with context.store.transaction() as tx:
        if not tx.remove_webhook(name):
            raise NotFound(f"there is no webhook {name!r:.80}")
        note_change(context, tx, actor, "DELETE", "WEBHOOK", name)


def open_secret(context: Context, hook: Webhook) -> bytes:
    """Return what calls of a webhook are signed with; raises `Unavailable` when the vault's key is not at hand."""
    return Keyring(context.config.vault_keys).open(hook.sealed, _about(hook.name))


def rewrap_secrets(tx: Transaction, ring: Keyring) -> None:
    """Put every secret under the current master key."""
    for hook in tx.webhooks():
        if hook.sealed.key_id != ring.current:
            tx.rewrap_webhook(hook.name, ring.rewrap(hook.sealed, _about(hook.name)))


def _about(name: str) -> bytes:
    return b"webhook " + name.encode()


def _check_url(url: str) -> str:
    """Return the address; where it may lead is judged at every call, as a name may come to lead elsewhere."""
    try:
        parts = urlsplit(url)
        usable = parts.port is None or parts.port > 0
    except ValueError:
        usable = False
    plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= LONGEST_URL
    if not usable or not plain or parts.scheme not in {"https", "http"} or not parts.hostname:
        raise InvalidArgument(f"expected an address such as https://hooks.example/muster, found {url!r:.200}")
    if parts.username is not None or parts.fragment:
        raise InvalidArgument("expected an address without user name, password and fragment: calls are signed instead")
    return url


def _require_keeper(actor: Actor) -> None:
    if not access.may_administer(actor):
        raise Forbidden("only administrators see and change webhooks")
