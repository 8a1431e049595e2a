"""Quarters of the year."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo


def list_quarters(since: datetime, until: datetime, zone: tzinfo) -> Iterator[tuple[datetime, datetime]]:
    """Yield the quarters that lie wholly between two moments: each its first moment, and the first one after it."""
    local = since.astimezone(zone)
    number = local.year * 4 + (local.month - 1) // 3
    while True:
        first, after = _begin(number, zone), _begin(number + 1, zone)
        if after > until:
            return
        if first >= since:
            yield first, after
        number += 1


def _begin(number: int, zone: tzinfo) -> datetime:
    return datetime(number // 4, number % 4 * 3 + 1, 1, tzinfo=zone)
