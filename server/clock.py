"""The only caller of the operating system's clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Tells the present as an aware datetime in UTC; injected everywhere, so that scenarios can move time."""


def system_clock() -> datetime:
    """Return the present in UTC, cut to milliseconds, the precision that every database and client keeps."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
