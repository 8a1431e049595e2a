"""Dates of the proleptic Gregorian calendar, with years Python's own dates do not have."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from server.feel.errors import Refused

MAX_YEAR: Final = 999_999_999
_DATE: Final = re.compile(r"(-?(?:[1-9][0-9]{4,8}|[0-9]{4}))-([0-9]{2})-([0-9]{2})", re.ASCII)
_MONTH_DAYS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_DAYS_PER_ERA: Final = 146_097
_EPOCH_SHIFT: Final = 719_468


@dataclass(frozen=True, slots=True, order=True)
class Date:
    """A day. ``year`` may be negative or have up to nine digits (XML Schema part 2, §3.3.9)."""

    year: int
    month: int
    day: int

    def __str__(self) -> str:
        return f"{'-' if self.year < 0 else ''}{abs(self.year):04}-{self.month:02}-{self.day:02}"

    @property
    def days(self) -> int:
        """Days since 1970-01-01."""
        year = self.year - (self.month <= 2)
        era, of_era = divmod(year, 400)
        of_year = (153 * ((self.month + 9) % 12) + 2) // 5 + self.day - 1
        return era * _DAYS_PER_ERA + of_era * 365 + of_era // 4 - of_era // 100 + of_year - _EPOCH_SHIFT

    @property
    def weekday(self) -> int:
        """Day of the week, Monday is 1."""
        return (self.days + 3) % 7 + 1

    @property
    def day_of_year(self) -> int:
        """Day of the year, from 1."""
        return self.days - Date(self.year, 1, 1).days + 1

    @property
    def week_of_year(self) -> int:
        """Week of the year (ISO 8601)."""
        thursday = date_of_days(self.days - self.weekday + 4)
        return (thursday.day_of_year - 1) // 7 + 1

    @property
    def month_length(self) -> int:
        """Days of this date's month."""
        return days_in_month(self.year, self.month)

    def plus_months(self, months: int) -> Date:
        """Return the same day some months later, or the month's last when it has no such day."""
        year, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        return make_date(year, month + 1, min(self.day, days_in_month(year, month + 1)))


def days_in_month(year: int, month: int) -> int:
    """Return how many days a month has."""
    if month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0):
        return 29
    return _MONTH_DAYS[month - 1]


def make_date(year: int, month: int, day: int) -> Date:
    """Return the date of these parts.

    :raises Refused: when there is no such day
    """
    if abs(year) > MAX_YEAR or not 1 <= month <= 12 or not 1 <= day <= days_in_month(year, month):
        raise Refused(f"{year}-{month:02}-{day:02} is no date")
    return Date(year, month, day)


def date_of_days(days: int) -> Date:
    """Return the date that many days after 1970-01-01.

    :raises Refused: when its year has more than nine digits
    """
    era, of_era = divmod(days + _EPOCH_SHIFT, _DAYS_PER_ERA)
    year_of_era = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
    of_year = of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted_month = (5 * of_year + 2) // 153
    day = of_year - (153 * shifted_month + 2) // 5 + 1
    month = shifted_month + 3 if shifted_month < 10 else shifted_month - 9
    return make_date(year_of_era + era * 400 + (month <= 2), month, day)


def parse_date(text: str) -> Date:
    """Read ``2026-01-31``.

    :raises Refused: when the text is no date
    """
    match = _DATE.fullmatch(text)
    if match is None:
        raise Refused(f'"{text[:40]}" is no date; a date looks like "2026-01-31"')
    return make_date(*(int(part) for part in match.groups()))
