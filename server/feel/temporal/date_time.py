"""A date together with a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from server.feel.errors import Refused

from .date import Date, date_of_days, parse_date
from .duration import DAY, SECOND
from .time import Time, parse_time, time_of_nanoseconds
from .zone import UTC, Zone

if TYPE_CHECKING:
    from datetime import datetime

MIDNIGHT: Final = Time(0, 0, 0)


@dataclass(frozen=True, slots=True)
class DateAndTime:
    """A moment, or what the clocks show when the time has no zone."""

    date: Date
    time: Time

    def __str__(self) -> str:
        return f"{self.date}T{self.time}"

    @property
    def offset(self) -> int | None:
        """Seconds ahead of UTC; ``None`` in no zone."""
        zone = self.time.zone
        return None if zone is None else zone.offset_on(self.date, self.time.second_of_day)

    @property
    def instant(self) -> int:
        """Nanoseconds since 1970-01-01T00:00Z; without a zone the clocks count as UTC."""
        return self.date.days * DAY + self.time.nanoseconds - (self.offset or 0) * SECOND

    def plus(self, nanoseconds: int) -> DateAndTime:
        """Return the moment some nanoseconds later, in the same zone."""
        return at_instant(self.instant + nanoseconds, self.time.zone)

    def plus_months(self, months: int) -> DateAndTime:
        """Return the same time of the day some months later."""
        return DateAndTime(self.date.plus_months(months), self.time)


def at_instant(instant: int, zone: Zone | None) -> DateAndTime:
    """Return what the clocks of a zone show at a moment (nanoseconds since 1970-01-01T00:00Z).

    :raises Refused: when the year has more than nine digits
    """
    days, rest = divmod(instant, DAY)
    if zone is None:
        return DateAndTime(date_of_days(days), time_of_nanoseconds(rest, None))
    offset = zone.offset_at(date_of_days(days), rest // SECOND)
    days, rest = divmod(instant + offset * SECOND, DAY)
    return DateAndTime(date_of_days(days), time_of_nanoseconds(rest, zone))


def midnight(date: Date, zone: Zone | None = UTC) -> DateAndTime:
    """Return the beginning of a day."""
    return DateAndTime(date, MIDNIGHT.within(zone))


def parse_date_time(text: str) -> DateAndTime:
    """Read ``2026-01-31T10:30:00`` with or without a zone; a date alone is its midnight.

    :raises Refused: when the text is neither
    """
    day, separator, time = text.partition("T")
    try:
        return DateAndTime(parse_date(day), parse_time(time) if separator else MIDNIGHT)
    except Refused as error:
        raise Refused(f'"{text[:60]}" is no date and time: {error}') from None


def of_datetime(moment: datetime) -> DateAndTime:
    """Return Python's date and time as FEEL's."""
    zone: Zone | None = None
    offset = moment.utcoffset()
    if offset is not None:
        name = getattr(moment.tzinfo, "key", None)
        zone = Zone(name=name) if isinstance(name, str) and name != "UTC" else Zone(offset=int(offset.total_seconds()))
    time = Time(moment.hour, moment.minute, moment.second, moment.microsecond * 1000, zone)
    return DateAndTime(Date(moment.year, moment.month, moment.day), time)
