"""Mail by SMTP (RFC 5321): each mail once.

A server takes a mail over when it has received the line with the single dot, not before (RFC 5321, 4.1.1.4). So
everything is sent but that line; then it is noted for good that the mail may be there; then the line is sent. Who dies
before the note has sent nothing, and the mail is tried again. Who dies after it has perhaps sent it, and nobody does
so again. Every try of a mail has the same Message-ID.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from server.connectors.delivering import NotSent, Uncertain

if TYPE_CHECKING:
    from server.connectors.delivering import Connector, Handover
    from server.model import ConnectorSettings, MailServer, Outgoing

CHANNEL = "mail"
TIMEOUT = 30
"""Seconds that a single answer of the server may take."""
_LEADING_DOT = re.compile(rb"(?m)^\.")
_START_DATA, _ACCEPTED, _PERMANENT = 354, 250, 500


def open_connector(settings: ConnectorSettings) -> Connector | None:
    """Return the connector, or None where no mail server is set."""
    if settings.mail_server is None:
        return None
    return MailConnector(settings.mail_server, urlsplit(settings.public_url).hostname or "localhost")


class MailConnector:
    """Sends mails through one server, each on a connection of its own."""

    def __init__(self, server: MailServer, domain: str) -> None:
        self._server = server
        self._domain = domain

    def send(self, outgoing: Outgoing, handover: Handover) -> None:
        """Send one mail."""
        committed = False
        try:
            with self._connect() as connection:
                handover.renew()
                self._open_mail(connection, outgoing)
                connection.send(_quote(self.compose(outgoing)))
                handover.hand_over()
                committed = True
                connection.send(b".\r\n")
                code, answer = connection.getreply()
                committed = code < 0
            _check(code, answer, _ACCEPTED)
        except (OSError, smtplib.SMTPException) as error:
            if committed:
                raise Uncertain(f"the line broke while the mail server was taking the mail: {error}") from error
            raise NotSent(f"the mail server did not take the mail: {_explain(error)}") from error

    def compose(self, outgoing: Outgoing) -> bytes:
        """Return the mail as it travels; the same bytes at every try."""
        content = outgoing.content
        message = EmailMessage(policy=SMTP_POLICY)
        message["Subject"] = str(content["subject"])
        message["From"] = self._server.sender
        message["To"] = outgoing.target
        message["Date"] = format_datetime(outgoing.created_at)
        message["Message-ID"] = f"<muster.{outgoing.key}@{self._domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(str(content["text"]), cte="base64")
        message.add_alternative(str(content["html"]), subtype="html", cte="base64")
        message.set_boundary(f"muster-{outgoing.key}")
        return message.as_bytes()

    def _connect(self) -> smtplib.SMTP:
        server, context = self._server, ssl.create_default_context()
        if server.encryption == "tls":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT, context=context)
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
        try:
            if server.encryption == "starttls":
                connection.starttls(context=context)
            connection.ehlo_or_helo_if_needed()
            if server.user is not None:
                connection.login(server.user, server.password)
        except BaseException:
            connection.close()
            raise
        return connection

    def _open_mail(self, connection: smtplib.SMTP, outgoing: Outgoing) -> None:
        _check(*connection.mail(self._server.sender), _ACCEPTED)
        code, answer = connection.rcpt(outgoing.target)
        _check(_ACCEPTED if code == _ACCEPTED + 1 else code, answer, _ACCEPTED)
        _check(*connection.docmd("DATA"), _START_DATA)


def _check(code: int, answer: bytes, expected: int) -> None:
    if code != expected:
        told = answer.decode("utf-8", "replace")
        raise NotSent(f"the mail server answered {code} {told:.300}", final=code >= _PERMANENT)


def _quote(content: bytes) -> bytes:
    """Return the content with its lines that begin with a dot made transparent (RFC 5321, 4.5.2)."""
    return _LEADING_DOT.sub(b"..", content)


def _explain(error: Exception) -> str:
    """Return what went wrong, without what the server was sent: that may be a password."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "it did not let us in; see MUSTER_SMTP_URL"
    return f"{type(error).__name__}: {error}"[:300]
