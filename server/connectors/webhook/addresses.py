"""Which addresses may be called: public ones, and what the installation has named.

Names are resolved once, every address of theirs is judged, and the very address that was judged is called: a name that
points elsewhere a moment later (DNS rebinding) changes nothing.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING

from server.connectors.delivering import NotSent

if TYPE_CHECKING:
    from collections.abc import Iterable
    from ipaddress import IPv4Network

    Address = IPv4Address | IPv6Address
    Network = IPv4Network | IPv6Network

TRANSLATED = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
"""Addresses in which a gateway finds one of IPv4 (NAT64): what they lead to is not to be seen."""


def is_allowed(address: Address, networks: Iterable[Network]) -> bool:
    """Tell whether an address may be called."""
    if is_named(address, networks):
        return True
    real = _unwrap(address)
    if isinstance(real, IPv6Address) and (real.sixtofour or real.teredo or any(real in net for net in TRANSLATED)):
        return False
    return real.is_global and not (real.is_multicast or real.is_reserved or real.is_unspecified)


def is_named(address: Address, networks: Iterable[Network]) -> bool:
    """Tell whether an address is in a network that the installation has named."""
    real = _unwrap(address)
    return any(real.version == network.version and real in network for network in networks)


def resolve(host: str, port: int, networks: tuple[Network, ...]) -> Address:
    """Return the address to call.

    :raises NotSent: when the name is unknown, or one of its addresses may not be called
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotSent(f"the name {host!r:.200} cannot be resolved: {error}") from error
    addresses = [ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    for address in addresses:
        if not is_allowed(address, networks):
            raise NotSent(
                f"{host!r:.200} leads to {address}, which is not public; "
                "an administrator may allow its network in MUSTER_WEBHOOK_NETWORKS"
            )
    return addresses[0]


def _unwrap(address: Address) -> Address:
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
