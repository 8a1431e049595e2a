"""What people are told, and what leaves the house: events, notices, deliveries, preferences, webhooks."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from ipaddress import IPv4Network, IPv6Network

    from server.model.private import Sealed
    from server.model.values import Variables


class EventKind(StrEnum):
    """What somebody is told about."""

    TASK_CREATED = "TASK_CREATED"
    TASK_ASSIGNED = "TASK_ASSIGNED"
    TASK_DUE_SOON = "TASK_DUE_SOON"
    TASK_OVERDUE = "TASK_OVERDUE"
    TASK_UNSTAFFED = "TASK_UNSTAFFED"
    MENTIONED = "MENTIONED"
    COPIED = "COPIED"
    REMINDED = "REMINDED"
    CASE_CLOSED = "CASE_CLOSED"
    REVEAL_ASKED = "REVEAL_ASKED"
    REVEAL_DECIDED = "REVEAL_DECIDED"
    MESSAGE = "MESSAGE"


class NoticeWay(StrEnum):
    """How a person hears of something."""

    APP = "APP"
    MAIL = "MAIL"


class Digest(StrEnum):
    """How often a person gets mail."""

    IMMEDIATELY = "IMMEDIATELY"
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"


class DeliveryState(StrEnum):
    """How far a delivery has come.

    COMMITTING: the last byte of a mail is on its way, and from here on the server may have it. UNCERTAIN: whether it
    has cannot be found out any more; it is not sent again by itself. DEAD: given up.
    """

    WAITING = "WAITING"
    SENDING = "SENDING"
    COMMITTING = "COMMITTING"
    SENT = "SENT"
    UNCERTAIN = "UNCERTAIN"
    DEAD = "DEAD"
    CANCELED = "CANCELED"


@dataclass(frozen=True, slots=True)
class NotificationEvent:
    """Something that people are to be told: written in the transaction in which it happens, told by the courier.

    `people` are told, and whoever is in one of the `groups`; the `actor`, who did it, is not. `subject` is a fixed text
    of the diagram, never a variable.
    """

    key: int
    kind: EventKind
    at: datetime
    process_instance_key: int
    root_key: int
    process_definition_key: int
    user_task_key: int | None = None
    people: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    actor: str | None = None
    subject: str | None = None
    task_name: str | None = None


@dataclass(frozen=True, slots=True)
class Notification:
    """What one person is told. `event` names what happened: nobody is told the same event twice.

    `digest`: it waits for the person's next mail that gathers several.
    """

    key: int
    event: str
    user_name: str
    kind: EventKind
    created_at: datetime
    process_instance_key: int
    root_key: int
    process_id: str
    process_name: str | None
    user_task_key: int | None = None
    task_name: str | None = None
    case_no: str | None = None
    subject: str | None = None
    shown: bool = True
    digest: bool = False
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """Something on its way out of the house: a mail to a person, a call of a webhook.

    `recipient` is the person, or the webhook's name; `content` what is sent. `due_at` is the next try, or the end of
    the lease of the one who is sending; None when it has ended. A job that waits for it goes on, or stops, when it has.
    """

    key: int
    channel: str
    recipient: str
    content: Variables
    dedupe_key: str
    created_at: datetime
    due_at: datetime | None
    state: DeliveryState = DeliveryState.WAITING
    attempts: int = 0
    problem: str | None = None
    ended_at: datetime | None = None
    job_key: int | None = None
    process_instance_key: int | None = None


@dataclass(frozen=True, slots=True)
class Preferences:
    """How a person wants to be told. Minutes of quiet hours count from midnight in the server's zone.

    `ways` holds what differs from the defaults.
    """

    user_name: str
    email: str | None = None
    language: str = "zh-CN"
    digest: Digest = Digest.IMMEDIATELY
    quiet_from: int | None = None
    quiet_until: int | None = None
    ways: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address outside that is called: by diagrams, and at every event of these kinds."""

    name: str
    url: str
    events: tuple[str, ...]
    created_at: datetime
    sealed: Sealed


@dataclass(frozen=True, slots=True)
class MailServer:
    """The server that takes mail. `encryption` is `tls` (from the first byte), `starttls`, or `none` (this machine)."""

    host: str
    port: int
    encryption: str
    sender: str
    user: str | None = None
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class ConnectorSettings:
    """What connectors may know of the installation; `networks` may be called though they are not public."""

    mail_server: MailServer | None = None
    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    public_url: str = ""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One delivery as its connector gets it. `target` is an address; `secret` signs, where there is one."""

    key: int
    target: str
    content: Variables
    created_at: datetime
    sent_at: datetime
    secret: bytes = field(default=b"", repr=False)
