"""What messages and signals bring, while they wait: sealed, because nobody knows yet which form will call it private.

Who receives a message is not known when it is published, so what of it is private is found out at its delivery, where
private values go to the vault (private_values.py). Until then all of it is under the vault's keys.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from server.model import Message
from server.service.envelopes import Keyring

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.model import Sealed, Signal, Variables
    from server.service.context import Context
    from server.store import Transaction

AT_ONCE = 500


def seal_message(context: Context, key: int, variables: Mapping[str, object]) -> Sealed:
    """Seal what a message brings; `key` is the message's."""
    return Keyring(context.config.vault_keys).seal(json.dumps(variables).encode(), _about("message", key))


def seal_signal(context: Context, key: int, variables: Mapping[str, object]) -> Sealed:
    """Seal what a signal brings; `key` is the signal's."""
    return Keyring(context.config.vault_keys).seal(json.dumps(variables).encode(), _about("signal", key))


def open_content(context: Context, record: Message | Signal) -> Variables:
    """Return what a message or signal brings; raises `Unavailable` when the vault's key is not at hand."""
    if record.sealed is None:
        return record.variables
    content: Any = json.loads(Keyring(context.config.vault_keys).open(record.sealed, _about(_kind(record), record.key)))
    found: Variables = content
    return found


def rewrap_contents(tx: Transaction, ring: Keyring) -> int:
    """Put up to some hundred messages and signals under the current master key; returns how many there were.

    Messages that an older server buffered in the clear are sealed. Call it until nothing is left.
    """
    messages = tx.messages_under_other_keys(ring.current, 0, AT_ONCE)
    for message in messages:
        about = _about("message", message.key)
        plain = json.dumps(message.variables).encode()
        sealed = ring.seal(plain, about) if message.sealed is None else ring.rewrap(message.sealed, about)
        tx.replace_message_content(message.key, sealed)
    signals = tx.signals_under_other_keys(ring.current, 0, AT_ONCE)
    for signal in signals:
        if signal.sealed is not None:
            tx.replace_signal_content(signal.key, ring.rewrap(signal.sealed, _about("signal", signal.key)))
    return len(messages) + len(signals)


def _kind(record: Message | Signal) -> str:
    return "message" if isinstance(record, Message) else "signal"


def _about(kind: str, key: int) -> bytes:
    return f"{kind} {key}".encode()
