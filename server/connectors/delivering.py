"""What a connector is, and how it tells what came of a delivery."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from server.model import Outgoing


class NotSent(Exception):
    """The receiver does not have it: it is tried again later, or never when `final`."""

    def __init__(self, message: str, *, final: bool = False) -> None:
        self.message = message
        self.final = final
        super().__init__(message)


class Uncertain(Exception):
    """Whether the receiver has it cannot be found out; it must not be sent again by itself."""


class LeaseLost(Exception):
    """Somebody else is sending it by now: stop at once."""


class Handover(Protocol):
    """The lease on a delivery, in the hands of its connector."""

    def renew(self) -> None:
        """Prolong the lease, before something that may take long.

        :raises LeaseLost: when somebody else has it
        """

    def hand_over(self) -> None:
        """Note for good that from now on the receiver may have it: nobody sends it again by themselves.

        Only for receivers that cannot recognise what they got before.

        :raises LeaseLost: when somebody else has it
        """


class Connector(Protocol):
    """Sends deliveries of one channel."""

    def send(self, outgoing: Outgoing, handover: Handover) -> None:
        """Send, and return when the receiver has it.

        :raises NotSent: when it does not
        :raises Uncertain: when that cannot be known
        :raises LeaseLost: out of the handover
        """
