"""The clock of a scenario: it stands still until a step moves it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
BEGINNING = datetime(2026, 11, 23, 9, tzinfo=ZONE)
"""A Monday; every scenario begins here."""


@dataclass(slots=True)
class MovableClock:
    """A `Clock` of this process; nothing that is served can move it."""

    moment: datetime = BEGINNING

    def __call__(self) -> datetime:
        """Return the present in UTC."""
        return self.moment.astimezone(UTC)
