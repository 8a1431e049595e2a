"""The literals ``@"…"``: the form of the text says what it is (DMN 1.5 §10.3.1.2 rule 66)."""

from __future__ import annotations

from typing import TypeAlias

from server.feel.errors import Refused

from .date import Date, parse_date
from .date_time import DateAndTime, parse_date_time
from .duration import Duration, parse_duration
from .time import Time, parse_time

Temporal: TypeAlias = Date | Time | DateAndTime | Duration


def parse_temporal(text: str) -> Temporal:
    """Read a date, time, date and time, or duration.

    :raises Refused: when the text is none of them
    """
    try:
        if text.lstrip("-").startswith("P"):
            return parse_duration(text)
        if "T" in text.partition("@")[0]:
            return parse_date_time(text)
        if text[2:3] == ":":
            return parse_time(text)
        return parse_date(text)
    except Refused as error:
        raise Refused(f'@"{text[:60]}": {error}') from None
