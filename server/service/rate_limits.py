"""How often something may be tried: counted in the database, so that the limits hold across processes.

A rule allows `burst` tries at once and then one every `interval`. Buckets are keyed hashes: nobody reads names or
addresses in the table.
"""

from __future__ import annotations

import hmac
import ipaddress
import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from server.errors import TooManyRequests
from server.model import Spending

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server.service.context import Context

WIDEST_OWN_NETWORK = 64
"""An IPv6 network of this size is one customer's: limits count it as one address."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`burst` tries at once, then one every `interval`; the name keeps the buckets of rules apart."""

    name: str
    burst: int
    interval: timedelta


def make_spending(context: Context, rule: Rule, *subject: str) -> Spending:
    """Return a try by or at the subject, ready to be spent."""
    return Spending(
        f"{rule.name}:{hide(context, rule.name, *subject)}",
        rule.burst,
        int(rule.interval / timedelta(milliseconds=1)),
    )


def spend(context: Context, spendings: Sequence[Spending]) -> None:
    """Count a try against each of the limits, or against none. Raises `TooManyRequests` when one is used up."""
    now = _milliseconds(context)
    with context.store.transaction() as tx:
        for one in spendings:
            if not tx.spend(one, now):
                free_at = tx.spent_until(one.bucket) - one.interval_ms * (one.burst - 1)
                wait = max(1, math.ceil((free_at - now) / 1000))
                raise TooManyRequests(f"Too many tries: wait {wait} seconds.", retry_after=wait)


def spend_one(context: Context, rule: Rule, *subject: str) -> None:
    """Count one try against one limit. Raises `TooManyRequests`."""
    spend(context, [make_spending(context, rule, *subject)])


def give_back(context: Context, spendings: Sequence[Spending]) -> None:
    """Take back tries that turned out to be no abuse."""
    with context.store.transaction() as tx:
        tx.give_back(spendings)


def remove_unused_limits(context: Context) -> None:
    """Remove what counts no more."""
    with context.store.transaction() as tx:
        tx.remove_unused_limits(_milliseconds(context))


def network_of(address: str) -> str:
    """Return what counts as one address: an IPv4 address, or the network of an IPv6 address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, WIDEST_OWN_NETWORK), strict=False))


def hide(context: Context, *parts: str) -> str:
    """Return a keyed hash of some texts, hexadecimal."""
    text = "\x00".join(parts).encode("utf-8", "surrogatepass")
    return hmac.digest(context.config.secret_key, b"muster hidden\x00" + text, "sha256").hex()


def _milliseconds(context: Context) -> int:
    return int(context.now().timestamp() * 1000)
