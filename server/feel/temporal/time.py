"""Times of the day."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from server.feel.errors import Refused

from .date import Date
from .duration import DAY, HOUR, MINUTE, SECOND
from .zone import Zone, parse_zone

_TIME: Final = re.compile(r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?(Z|[+-].*|@.*)?", re.ASCII)
_ANY_DAY: Final = Date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Time:
    """A time of the day, to the nanosecond, in a zone or in none ("local")."""

    hour: int
    minute: int
    second: int
    nanosecond: int = 0
    zone: Zone | None = None

    def __str__(self) -> str:
        fraction = f".{self.nanosecond:09}".rstrip("0") if self.nanosecond else ""
        zone = "" if self.zone is None else str(self.zone)
        return f"{self.hour:02}:{self.minute:02}:{self.second:02}{fraction}{zone}"

    @property
    def nanoseconds(self) -> int:
        """Nanoseconds since midnight."""
        return self.second_of_day * SECOND + self.nanosecond

    @property
    def second_of_day(self) -> int:
        """Whole seconds since midnight."""
        return self.hour * 3600 + self.minute * 60 + self.second

    @property
    def offset(self) -> int | None:
        """Seconds ahead of UTC; ``None`` in no zone."""
        return None if self.zone is None else self.zone.offset_on(_ANY_DAY, self.second_of_day)

    @property
    def utc_nanoseconds(self) -> int:
        """Nanoseconds since midnight of UTC; a time in no zone counts as UTC."""
        return self.nanoseconds - (self.offset or 0) * SECOND

    def plus(self, nanoseconds: int) -> Time:
        """Return the time some nanoseconds later, around midnight if need be."""
        return time_of_nanoseconds((self.nanoseconds + nanoseconds) % DAY, self.zone)

    def within(self, zone: Zone | None) -> Time:
        """Return what the clocks show, said to be of another zone."""
        return replace(self, zone=zone)


def time_of_nanoseconds(nanoseconds: int, zone: Zone | None) -> Time:
    """Return the time so many nanoseconds after midnight."""
    hour, rest = divmod(nanoseconds, HOUR)
    minute, rest = divmod(rest, MINUTE)
    second, nanosecond = divmod(rest, SECOND)
    return Time(hour, minute, second, nanosecond, zone)


def make_time(hour: int, minute: int, second: int, nanosecond: int, zone: Zone | None) -> Time:
    """Return the time of these parts.

    :raises Refused: when no clock shows it
    """
    if not (0 <= hour <= 23 and 0 <= minute <= 59 and 0 <= second <= 59 and 0 <= nanosecond < SECOND):
        raise Refused(f"{hour:02}:{minute:02}:{second:02} is no time of the day")
    return Time(hour, minute, second, nanosecond, zone)


def parse_time(text: str) -> Time:
    """Read ``10:30:00``, ``10:30:00.5Z``, ``10:30:00+08:00`` or ``10:30:00@Asia/Shanghai``.

    :raises Refused: when the text is no time
    """
    match = _TIME.fullmatch(text)
    if match is None:
        raise Refused(f'"{text[:40]}" is no time; a time looks like "10:30:00" or "10:30:00+08:00"')
    hour, minute, second, fraction, zone = match.groups()
    nanosecond = int((fraction or "").ljust(9, "0")[:9])
    return make_time(int(hour), int(minute), int(second), nanosecond, parse_zone(zone) if zone else None)
