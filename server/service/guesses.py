"""Slowing down who guesses passwords, without locking anybody out (docs/adr: limits on signing in).

A wrong password counts against the pair of account and address, against the address, and – from where that person has
never signed in – against the account. A device that the person has signed in with counts by itself. Right passwords
count nowhere: what was spent before looking is given back.
"""

from __future__ import annotations

import hmac
import secrets
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from server.errors import Unauthenticated
from server.service.identity import NAME
from server.service.rate_limits import Rule, give_back, hide, make_spending, network_of, spend

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server.model import Spending
    from server.service.context import Context
    from server.store import Transaction

OF_DEVICE = Rule("sign-in of a device", 10, timedelta(minutes=1))
OF_PAIR = Rule("sign-in of an account from an address", 10, timedelta(minutes=1))
OF_ADDRESS = Rule("sign-in from an address", 100, timedelta(seconds=6))
OF_ACCOUNT = Rule("sign-in of an account from unknown addresses", 50, timedelta(minutes=5))
REMEMBERED_FOR = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whence somebody signs in: the network address, and what a browser shows of an earlier sign-in."""

    address: str = ""
    device: str = ""


HERE = Visitor("127.0.0.1")
"""This machine: the command line and scenarios."""


@contextmanager
def counting(context: Context, name: str, visitor: Visitor) -> Iterator[None]:
    """Let the body judge a password; only when it raises `Unauthenticated` does the try count.

    Raises `TooManyRequests` before the body runs.
    """
    spendings = _spendings(context, name, visitor)
    spend(context, spendings)
    try:
        yield
    except Unauthenticated:
        raise
    except BaseException:
        give_back(context, spendings)
        raise
    with context.store.transaction() as tx:
        tx.give_back(spendings)
        remember_place(context, tx, name, visitor)


def remember_place(context: Context, tx: Transaction, name: str, visitor: Visitor) -> None:
    """Note whence a person has signed in."""
    if tx.user_account(name) is not None:
        tx.put_known_place(name, _place(context, name, visitor), context.now())


def make_device(context: Context, name: str) -> str:
    """Return what a browser keeps to be known again as one that this person has signed in with."""
    nonce = secrets.token_urlsafe(16)
    return f"{nonce}.{_signature(context, name, nonce)}"


def _spendings(context: Context, name: str, visitor: Visitor) -> list[Spending]:
    nonce, _, signature = visitor.device.partition(".")
    if nonce and hmac.compare_digest(_signature(context, name, nonce).encode(), signature.encode("utf-8", "replace")):
        return [make_spending(context, OF_DEVICE, name, nonce)]
    network = network_of(visitor.address)
    found = [make_spending(context, OF_PAIR, name, network), make_spending(context, OF_ADDRESS, network)]
    known = False
    if NAME.fullmatch(name):  # what cannot be a name is not brought before the database
        with context.store.glancing() as reading:
            known = reading.is_known_place(name, _place(context, name, visitor))
    return found if known else [*found, make_spending(context, OF_ACCOUNT, name)]


def _place(context: Context, name: str, visitor: Visitor) -> str:
    return hide(context, "place", name, network_of(visitor.address))


def _signature(context: Context, name: str, nonce: str) -> str:
    return hide(context, "device", name, nonce)
