"""Webhooks: JSON to an address outside, signed, at least once.

Headers as in Standard Webhooks: `webhook-id` is the same at every try, so that a receiver recognises what it has;
`webhook-timestamp` is when this try was made; `webhook-signature` signs both and the body (HMAC-SHA-256).
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import http.client
import json
import socket
import ssl
import threading
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from server.connectors.delivering import NotSent
from server.connectors.webhook.addresses import is_named, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

    from server.connectors.delivering import Connector, Handover
    from server.model import ConnectorSettings, Outgoing

CHANNEL = "webhook"
TIMEOUT = 10
"""Seconds that a whole call may take, whatever the receiver does."""
MOST_BYTES = 64 * 1024
"""What is read of an answer at most; nobody needs it, but a connection should end orderly."""
GONE = 410
_PORTS = {"https": 443, "http": 80}


def open_connector(settings: ConnectorSettings) -> Connector:
    """Return the connector."""
    return WebhookConnector(settings.networks)


class WebhookConnector:
    """Calls addresses that are public, or in one of these networks. Redirects are not followed."""

    def __init__(
        self, networks: tuple[IPv4Network | IPv6Network, ...], timeout: float = TIMEOUT, ca_file: str | None = None
    ) -> None:
        self._networks = networks
        self._timeout = timeout
        self._tls = ssl.create_default_context(cafile=ca_file)

    def send(self, outgoing: Outgoing, handover: Handover) -> None:
        """Call once."""
        parts = urlsplit(outgoing.target)
        port = parts.port or _PORTS[parts.scheme]
        host = parts.hostname or ""
        address = resolve(host, port, self._networks)
        if parts.scheme == "http" and not is_named(address, self._networks):
            raise NotSent("expected an address that begins with https://: http is for the networks that are named only")
        handover.renew()
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        body = json.dumps({"id": str(outgoing.key), **outgoing.content}, ensure_ascii=False).encode()
        try:
            status = self._post(parts.scheme, host, address, port, path, body, sign(outgoing, body))
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise NotSent(f"no answer within {self._timeout} s, or a broken one: {type(error).__name__}") from error
        if not 200 <= status < 300:
            raise NotSent(f"expected an answer from 200 to 299, found {status}", final=status == GONE)

    def _post(
        self,
        scheme: str,
        host: str,
        address: IPv4Address | IPv6Address,
        port: int,
        path: str,
        body: bytes,
        headers: dict[str, str],
    ) -> int:
        connection = http.client.HTTPConnection(host, port, timeout=self._timeout)
        plain = socket.create_connection((str(address), port), timeout=self._timeout)
        with contextlib.closing(connection), _limited(plain, self._timeout):
            connection.sock = self._tls.wrap_socket(plain, server_hostname=host) if scheme == "https" else plain
            connection.request(
                "POST", path, body, {"Content-Type": "application/json", "Connection": "close"} | headers
            )
            response = connection.getresponse()
            response.read(MOST_BYTES)
            return response.status


def sign(outgoing: Outgoing, body: bytes) -> dict[str, str]:
    """Return the headers that name, date and sign a call."""
    moment = str(int(outgoing.sent_at.timestamp()))
    signed = b".".join((str(outgoing.key).encode(), moment.encode(), body))
    digest = hmac.new(outgoing.secret, signed, hashlib.sha256).digest()
    return {
        "webhook-id": str(outgoing.key),
        "webhook-timestamp": moment,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
        "User-Agent": "Muster",
    }


@contextlib.contextmanager
def _limited(plain: socket.socket, seconds: float) -> Iterator[None]:
    """Cut the line when the body takes longer: a receiver may answer a byte a second, each within its timeout."""
    line = plain.dup()  # TLS takes the socket itself over

    def cut() -> None:
        with contextlib.suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        line.close()
        plain.close()
