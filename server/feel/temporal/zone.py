"""Time zones: a fixed offset from UTC, or a place of the IANA data base."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, available_timezones

from server.feel.errors import Refused

if TYPE_CHECKING:
    from .date import Date

MAX_OFFSET: Final = 18 * 3600
_OFFSET: Final = re.compile(r"([+-])([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone: by name (``offset`` is ``None``, it depends on the day) or by its offset in seconds."""

    name: str | None = None
    offset: int | None = None

    def __str__(self) -> str:
        if self.name is not None:
            return f"@{self.name}"
        offset = self.offset or 0
        if offset == 0:
            return "Z"
        hours, rest = divmod(abs(offset), 3600)
        minutes, seconds = divmod(rest, 60)
        return f"{'-' if offset < 0 else '+'}{hours:02}:{minutes:02}" + (f":{seconds:02}" if seconds else "")

    def offset_on(self, day: Date, second_of_day: int) -> int:
        """Return the seconds that this zone's clocks are ahead of UTC when they show this day and time."""
        if self.name is None:
            return self.offset or 0
        return _named_offset(self.name, _moment(day, second_of_day))

    def offset_at(self, utc_day: Date, second_of_day: int) -> int:
        """Return the seconds that this zone's clocks are ahead of UTC at this moment of UTC."""
        if self.name is None:
            return self.offset or 0
        zone = ZoneInfo(self.name)
        moment = _moment(utc_day, second_of_day).replace(tzinfo=ZoneInfo("UTC")).astimezone(zone)
        return _seconds(moment.utcoffset())


UTC: Final = Zone(offset=0)


def _moment(day: Date, second_of_day: int) -> datetime:
    # Python has no other years than 1 to 9999; the calendar repeats every 400.
    year = day.year if 1 < day.year < 9999 else 2000 + day.year % 400
    minutes, second = divmod(second_of_day, 60)
    hour, minute = divmod(minutes, 60)
    return datetime(year, day.month, day.day, hour, minute, second)  # noqa: DTZ001 - what the clocks show


def _named_offset(name: str, moment: datetime) -> int:
    return _seconds(ZoneInfo(name).utcoffset(moment))


def _seconds(offset: timedelta | None) -> int:
    return int(offset.total_seconds()) if offset is not None else 0


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """Return all names of zones that the system's data base has."""
    return frozenset(available_timezones())


def parse_zone(text: str) -> Zone:
    """Read ``Z``, ``+08:00`` or ``@Asia/Shanghai``.

    :raises Refused: when there is no such zone
    """
    if text == "Z":
        return UTC
    if text.startswith("@"):
        if text[1:] in zone_names():
            return Zone(name=text[1:])
        raise Refused(f'There is no time zone "{text[1:60]}"')
    match = _OFFSET.fullmatch(text)
    if match is None:
        raise Refused(f'"{text[:40]}" is no time zone')
    sign, hours, minutes, seconds = match.groups()
    return make_offset((-1 if sign == "-" else 1) * (int(hours) * 3600 + int(minutes) * 60 + int(seconds or 0)))


def make_offset(seconds: int) -> Zone:
    """Return the zone that is so many seconds ahead of UTC.

    :raises Refused: when that is more than 18 hours
    """
    if abs(seconds) > MAX_OFFSET:
        raise Refused("A time zone is at most 18 hours away from UTC")
    return Zone(offset=seconds)
