"""Times as people read them: in the zone of the installation, in their language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from babel import Locale
from babel.dates import format_date, format_datetime

from server.api.authentication import current_context
from server.pages.languages import find_language, gettext, ngettext

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Remaining:
    """How long until a deadline, in words, and how it stands: `late`, `soon` (today or within a day) or `open`."""

    words: str
    state: str


def in_zone(moment: datetime) -> datetime:
    """Return a moment in the zone of the installation."""
    return moment.astimezone(current_context().config.timezone)


def write_moment(moment: datetime | None) -> str:
    """Return date and time, or an empty text."""
    if moment is None:
        return ""
    local = in_zone(moment)
    if find_language() == "zh-CN":
        return local.strftime("%Y-%m-%d %H:%M")
    return format_datetime(local, "d MMM yyyy, HH:mm", locale=_find_locale(find_language()))


def write_date(moment: date | None) -> str:
    """Return a date, or an empty text."""
    if moment is None:
        return ""
    local = in_zone(moment) if isinstance(moment, datetime) else moment
    if find_language() == "zh-CN":
        return local.strftime("%Y-%m-%d")
    return format_date(local, "d MMM yyyy", locale=_find_locale(find_language()))


def write_time(moment: datetime) -> str:
    """Return the time of day."""
    return in_zone(moment).strftime("%H:%M")


def write_iso(moment: datetime) -> str:
    """Return a moment for the attribute `datetime`."""
    return in_zone(moment).isoformat(timespec="minutes")


def measure_remaining(due: datetime, now: datetime) -> Remaining:
    """Return how long there is until a deadline, rounded towards it: what is late is never shown as being in time."""
    late, length = due <= now, abs(due - now)
    if late:
        return Remaining(gettext("%(length)s overdue", length=write_length(length)), "late")
    same_day = in_zone(due).date() == in_zone(now).date()
    state = "soon" if same_day or length < DAY else "open"
    return Remaining(gettext("%(length)s left", length=write_length(length)), state)


def write_length(length: timedelta) -> str:
    """Return about how long something takes, in the largest unit of which there are enough."""
    if length >= 2 * DAY:
        return ngettext("%(num)s day", "%(num)s days", length // DAY)
    if length >= HOUR:
        return ngettext("%(num)s hour", "%(num)s hours", length // HOUR)
    return ngettext("%(num)s minute", "%(num)s minutes", length // MINUTE)


def write_time_taken(length: timedelta) -> str:
    """Return how long something took."""
    return gettext("under a minute") if length < MINUTE else write_length(length)


@cache
def _find_locale(language: str) -> Locale:
    return Locale.parse(language, sep="-")


FILTERS: Mapping[str, Callable[..., object]] = {
    "moment": write_moment,
    "day": write_date,
    "iso": write_iso,
    "time_taken": write_time_taken,
    "remaining": measure_remaining,
}
"""What templates call them."""
