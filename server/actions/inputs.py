"""Reads what an element hands to an action; what does not fit becomes an `ActionFailed` that names it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from server.actions.registry import ActionFailed
from server.governance.places import unshift_point

if TYPE_CHECKING:
    from collections.abc import Collection

MOST = 1_000_000
"""The largest number that an action takes: more is a mistake, not an amount of time or of things."""
CHINESE_MAPS = "gcj02"
"""The system of coordinates of maps published in China."""
NAMED_ZONE = re.compile(r"(?P<time>.+?)(?:[+-]\d{2}:\d{2}|Z)?(?:@(?P<feel>[^@\[\]]+)|\[(?P<bracket>[^@\[\]]+)\])")
"""A date and time with the name of its zone, as FEEL (`…@Asia/Shanghai`) and Java (`…[Asia/Shanghai]`) write it."""


def read_text(values: Mapping[str, object], name: str) -> str:
    """Return a text that must be there.

    :raises ActionFailed: when it is missing, empty or no text
    """
    value = values.get(name)
    if isinstance(value, str) and value.strip():
        return value.strip()
    raise ActionFailed(f"expected a text in {name!r}, found {value!r}; set it in the input mapping of the element")


def read_optional_text(values: Mapping[str, object], name: str) -> str | None:
    """Return a text, or None where there is none.

    :raises ActionFailed: when there is something else
    """
    return None if values.get(name) in (None, "") else read_text(values, name)


def read_choice(values: Mapping[str, object], name: str, choices: Collection[str], default: str | None = None) -> str:
    """Return one of the known texts; `default` where there is nothing.

    :raises ActionFailed: when it is none of them
    """
    value = values.get(name)
    if value is None and default is not None:
        return default
    if isinstance(value, str) and value in choices:
        return value
    raise ActionFailed(f"expected one of {', '.join(sorted(choices))} in {name!r}, found {value!r}")


def read_flag(values: Mapping[str, object], name: str, *, default: bool) -> bool:
    """Return true or false; `default` where there is nothing.

    :raises ActionFailed: when it is something else
    """
    value = values.get(name)
    if value is None:
        return default
    if isinstance(value, bool):
        return value
    raise ActionFailed(f"expected true or false in {name!r}, found {value!r}")


def read_whole(values: Mapping[str, object], name: str, *, least: int, default: int | None = None) -> int:
    """Return a whole number of at least `least`; `default` where there is nothing.

    :raises ActionFailed: when it is something else
    """
    value = values.get(name)
    if value is None and default is not None:
        return default
    if isinstance(value, int) and not isinstance(value, bool) and least <= value <= MOST:
        return value
    raise ActionFailed(f"expected a whole number from {least} to {MOST} in {name!r}, found {value!r}")


def read_number(values: Mapping[str, object], name: str, least: float, most: float) -> float | None:
    """Return a number between two bounds, or None where there is none.

    :raises ActionFailed: when it is something else
    """
    value = values.get(name)
    if value is None:
        return None
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool) and least <= value <= most:
        return float(value)
    raise ActionFailed(f"expected a number from {least} to {most} in {name!r}, found {value!r}")


def read_texts(values: Mapping[str, object], name: str, most: int) -> tuple[str, ...]:
    """Return a list of up to `most` texts.

    :raises ActionFailed: when it is something else
    """
    value = values.get(name)
    if isinstance(value, list) and len(value) <= most and all(isinstance(one, str) and one for one in value):
        return tuple(value)
    raise ActionFailed(f"expected a list of up to {most} texts in {name!r}, found {value!r:.200}")


def read_percentages(values: Mapping[str, object], name: str, default: tuple[int, ...]) -> tuple[int, ...]:
    """Return a list of percentages from 1 to 99; `default` where there is nothing.

    :raises ActionFailed: when it is something else
    """
    value = values.get(name)
    if value is None:
        return default
    if isinstance(value, list) and all(type(one) is int and 0 < one < 100 for one in value):
        return tuple(value)
    raise ActionFailed(f"expected a list of percentages from 1 to 99 in {name!r}, found {value!r}")


def read_context(values: Mapping[str, object], name: str) -> Mapping[str, object]:
    """Return a FEEL context.

    :raises ActionFailed: when it is missing or something else
    """
    value = values.get(name)
    if isinstance(value, Mapping):
        return value
    raise ActionFailed(f"expected a context such as {{title: …}} in {name!r}, found {value!r}")


def read_time(values: Mapping[str, object], name: str, zone: tzinfo) -> datetime | None:
    """Return a date and time in UTC, or None where there is none; a date alone means the end of that day.

    :raises ActionFailed: when it is no ISO 8601 date and time
    """
    text = read_optional_text(values, name)
    if text is None:
        return None
    try:
        return _parse_time(text, zone).astimezone(UTC)
    except (ValueError, KeyError, OverflowError) as error:
        example = "2026-11-30T18:00:00+08:00"
        raise ActionFailed(f"expected a date and time such as {example} in {name!r}, found {text!r}") from error


def _parse_time(text: str, zone: tzinfo) -> datetime:
    named = NAMED_ZONE.fullmatch(text)
    if named:
        name = named["feel"] or named["bracket"]
        return datetime.fromisoformat(named["time"]).replace(tzinfo=ZoneInfo(name))
    if len(text) == len("2026-11-30"):
        return datetime.combine(date.fromisoformat(text), time(23, 59, 59), zone)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def read_point(content: Mapping[str, object]) -> tuple[float, float] | None:
    """Return latitude and longitude in WGS-84 of `lat`, `long` and `crs` (`wgs84` unless said, or `gcj02`), or None.

    :raises ActionFailed: when something is of the wrong kind, or one of the coordinates is missing
    """
    latitude, longitude = read_number(content, "lat", -90, 90), read_number(content, "long", -180, 180)
    if (latitude is None) != (longitude is None):
        raise ActionFailed("expected 'lat' and 'long' together, found only one of them")
    if latitude is None or longitude is None:
        return None
    shifted = read_choice(content, "crs", ("wgs84", CHINESE_MAPS), "wgs84") == CHINESE_MAPS
    return unshift_point(latitude, longitude) if shifted else (latitude, longitude)
