"""Dates, times and durations of FEEL: years of nine digits, nanoseconds, zones by offset and by name."""

from .date import Date
from .date_time import DateAndTime
from .duration import DaysAndTimeDuration, YearsAndMonthsDuration
from .literal import parse_temporal
from .time import Time
from .zone import Zone

__all__ = [
    "Date",
    "DateAndTime",
    "DaysAndTimeDuration",
    "Time",
    "YearsAndMonthsDuration",
    "Zone",
    "parse_temporal",
]
