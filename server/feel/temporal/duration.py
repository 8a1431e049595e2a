"""The two kinds of durations, which cannot be compared with each other (DMN 1.5 §10.3.2.3)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, TypeAlias

from server.feel.errors import Refused

SECOND: Final = 1_000_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
_MAX_NANOSECONDS: Final = 2**63 * SECOND
_MAX_MONTHS: Final = 12 * 2**31

_DAYS_AND_TIME: Final = re.compile(
    r"(-?)P(?:([0-9]+)D)?(?:T(?=[0-9.])(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]*)(?:\.([0-9]*))?S)?)?", re.ASCII
)
_YEARS_AND_MONTHS: Final = re.compile(r"(-?)P(?:([0-9]+)Y)?(?:([0-9]+)M)?", re.ASCII)
_MAX_TEXT: Final = 100


@dataclass(frozen=True, slots=True, order=True)
class DaysAndTimeDuration:
    """A length of time, exact to the nanosecond."""

    nanoseconds: int

    def __str__(self) -> str:
        days, rest = divmod(abs(self.nanoseconds), DAY)
        hours, rest = divmod(rest, HOUR)
        minutes, rest = divmod(rest, MINUTE)
        seconds, fraction = divmod(rest, SECOND)
        text = f"{days}D" if days else ""
        time = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
        if fraction:
            time += f"{seconds}.{fraction:09}".rstrip("0") + "S"
        elif seconds:
            time += f"{seconds}S"
        if not (text or time):
            return "PT0S"
        return ("-" if self.nanoseconds < 0 else "") + "P" + text + (f"T{time}" if time else "")


@dataclass(frozen=True, slots=True, order=True)
class YearsAndMonthsDuration:
    """A number of calendar months."""

    months: int

    def __str__(self) -> str:
        years, months = divmod(abs(self.months), 12)
        text = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
        return ("-" if self.months < 0 else "") + "P" + (text or "0M")


Duration: TypeAlias = DaysAndTimeDuration | YearsAndMonthsDuration


def make_days_and_time(nanoseconds: int) -> DaysAndTimeDuration:
    """Return the duration of so many nanoseconds.

    :raises Refused: when it is longer than any clock goes
    """
    if abs(nanoseconds) > _MAX_NANOSECONDS:
        raise Refused("The duration is too long")
    return DaysAndTimeDuration(nanoseconds)


def make_years_and_months(months: int) -> YearsAndMonthsDuration:
    """Return the duration of so many months.

    :raises Refused: when it is longer than any calendar goes
    """
    if abs(months) > _MAX_MONTHS:
        raise Refused("The duration is too long")
    return YearsAndMonthsDuration(months)


def parse_duration(text: str) -> Duration:
    """Read ``P1DT2H`` or ``P1Y2M``.

    :raises Refused: when the text is no duration, or mixes years or months with days or hours
    """
    if len(text) > _MAX_TEXT:
        raise Refused("The text is too long for a duration")
    match = _YEARS_AND_MONTHS.fullmatch(text)
    if match is not None and any(match.groups()[1:]):
        sign, years, months = match.groups()
        return make_years_and_months((-1 if sign else 1) * (int(years or 0) * 12 + int(months or 0)))
    match = _DAYS_AND_TIME.fullmatch(text)
    if match is not None and any(match.groups()[1:]):
        return _read_days_and_time(match)
    raise Refused(f'"{text[:40]}" is no duration; durations look like "P1DT2H" or "P1Y6M"')


def _read_days_and_time(match: re.Match[str]) -> DaysAndTimeDuration:
    sign, days, hours, minutes, seconds, fraction = match.groups()
    nanoseconds = (
        int(days or 0) * DAY
        + int(hours or 0) * HOUR
        + int(minutes or 0) * MINUTE
        + int(seconds or 0) * SECOND
        + int((fraction or "").ljust(9, "0")[:9])
    )
    return make_days_and_time(-nanoseconds if sign else nanoseconds)
