"""Dates and times of datetime fields, read and written the way form-js does, in the organisation's time zone.

form-js shows a value in the local zone and writes it back in minutes, in one of three formats: `utc_offset`
(`09:30+08:00`), `utc_normalized` (`01:30Z`) and `no_timezone` (`09:30`, also the default).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING, Final

from server.forms.json_values import read_mapping

if TYPE_CHECKING:
    from collections.abc import Mapping

NO_FUTURE: Final = "disallowFutureDates"
"""Property of a datetime field; `true` is its only value."""
_TIME: Final = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::\d{2}(?:[.,]\d{1,9})?)?(?P<zone>Z|[+-]\d{2}(?::?\d{2})?)?"
_TIME_PATTERN: Final = re.compile(_TIME, re.ASCII)
_DATETIME_PATTERN: Final = re.compile(r"(?P<date>\d{4}-\d{2}-\d{2})T" + _TIME, re.ASCII)
_DATE_PATTERN: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class MomentFormat:
    """How a datetime field takes its value: `subtype` is `date`, `time` or `datetime`."""

    subtype: str = "date"
    serialising: str = "no_timezone"


def parse_format(spec: Mapping[str, object]) -> MomentFormat:
    """Read the format of a datetime component."""
    return MomentFormat(str(spec.get("subtype", "date")), str(spec.get("timeSerializingFormat")))


def normalise_moment(text: str, form: MomentFormat, now: datetime, zone: tzinfo) -> str | None:
    """Return the value as form-js would write it, or None when the text is no such moment.

    A bare time has the offset that `zone` has at `now`.
    """
    if len(text) > 40:
        return None
    try:
        if form.subtype == "date":
            return date.fromisoformat(text).isoformat() if _DATE_PATTERN.fullmatch(text) else None
        if form.subtype == "time":
            return _normalise_time(text, form, now, zone)
        if form.subtype == "datetime":
            return _normalise_datetime(text, form, zone)
    except (ValueError, OverflowError):
        return None
    return None


def judge_day(spec: Mapping[str, object], text: str, today: date) -> str | None:
    """Return which message a normalised value deserves whose day is past, or still to come; None when it may be taken.

    `spec` is that of the datetime component. That past days are refused is a setting of form-js; that days to come are,
    a property of the field, `disallowFutureDates`: form-js has no setting for what must have happened already.
    """
    if spec.get("subtype") == "time":
        return None
    day = date.fromisoformat(text[:10])
    if day < today and spec.get("disallowPassedDates") is True:
        return "date_past"
    return "date_future" if day > today and read_mapping(spec.get("properties")).get(NO_FUTURE) == "true" else None


def _normalise_time(text: str, form: MomentFormat, now: datetime, zone: tzinfo) -> str | None:
    match = _TIME_PATTERN.fullmatch(text)
    if match is None:
        return None
    local = _get_offset(now, zone)
    written = time(int(match["hour"]), int(match["minute"]))
    minutes = written.hour * 60 + written.minute
    offset = _parse_offset(match["zone"])
    if offset is not None:
        minutes += local - offset
    if form.serialising == "utc_normalized":
        return _write_minutes(minutes - local) + "Z"
    return _write_minutes(minutes) + (_write_offset(local) if form.serialising == "utc_offset" else "")


def _normalise_datetime(text: str, form: MomentFormat, zone: tzinfo) -> str | None:
    match = _DATETIME_PATTERN.fullmatch(text)
    if match is None:
        return None
    day = date.fromisoformat(match["date"])
    offset = _parse_offset(match["zone"])
    source = zone if offset is None else timezone(timedelta(minutes=offset))
    moment = datetime.combine(day, time(int(match["hour"]), int(match["minute"])), source)
    local = moment.astimezone(zone)
    if form.serialising == "utc_normalized":
        return local.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="minutes") + "Z"
    suffix = _write_offset(_get_offset(local, zone)) if form.serialising == "utc_offset" else ""
    return local.replace(tzinfo=None).isoformat(timespec="minutes") + suffix


def _get_offset(moment: datetime, zone: tzinfo) -> int:
    offset = moment.astimezone(zone).utcoffset()
    return 0 if offset is None else int(offset.total_seconds() // 60)


def _parse_offset(text: str | None) -> int | None:
    if text is None or text == "Z":
        return 0 if text else None
    digits = text[1:].replace(":", "").ljust(4, "0")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 23 or minutes > 59:
        raise ValueError(text)
    return (hours * 60 + minutes) * (-1 if text[0] == "-" else 1)


def _write_minutes(minutes: int) -> str:
    hour, minute = divmod(minutes % 1440, 60)
    return f"{hour:02}:{minute:02}"


def _write_offset(minutes: int) -> str:
    hour, minute = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hour:02}:{minute:02}"
