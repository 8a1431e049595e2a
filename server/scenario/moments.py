"""Points in time and durations as scenarios write them: ISO 8601, and weeks, days and times only."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import tzinfo

_DURATION = re.compile(
    r"P(?=.)(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=.)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)
MOST_DIGITS = 9


def parse_duration(text: str) -> timedelta | None:
    """Return a duration such as `P2DT1M`, or None: months and years are no fixed time."""
    match = _DURATION.fullmatch(text)
    if match is None or any(len(number) > MOST_DIGITS for number in match.groups(default="")):
        return None
    parts = {unit: float(number) for unit, number in match.groupdict(default="0").items()}
    try:
        return timedelta(**parts)
    except OverflowError:
        return None


def parse_moment(text: str, zone: tzinfo) -> datetime | None:
    """Return a date and time, in `zone` where it names none; None for anything else, a date alone included."""
    if "T" not in text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
