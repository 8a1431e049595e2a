"""Values of a diagram, evaluated for a token; what cannot be used stops it with the expression and the reason."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from server.engine.stops import TokenStopped
from server.engine.values import canonical
from server.errors import InvalidArgument
from server.feel import FeelError, to_json
from server.model import IncidentType

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

    from server.catalog.model import Value
    from server.feel import Environment

_DURATION = re.compile(
    r"^(?P<sign>-)?P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?$"
)
_MOMENT = re.compile(
    r"^(?P<moment>\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?)"
    r"(?:@(?P<zone>[A-Za-z_/+\-0-9]+)|\[(?P<written>[A-Za-z_/+\-0-9]+)\])?$"
)
_CYCLE = re.compile(r"^R(?P<times>\d{0,9})/(?P<interval>P.+)$")


@dataclass(frozen=True, slots=True)
class Evaluator:
    """Evaluates values in one scope's view at one moment."""

    view: Mapping[str, object]
    environment: Environment

    def value(self, value: Value, kind: IncidentType = IncidentType.EXTRACT_VALUE_ERROR) -> object:
        """Return the canonical JSON value; null results that come with warnings stop the token."""
        if value.expression is None:
            return value.text
        try:
            result, warnings = value.expression.evaluate(self.view, self.environment)
            found = canonical(to_json(result))
        except (FeelError, InvalidArgument) as error:
            raise TokenStopped(kind, str(error), value.text) from error
        if found is None and warnings:
            raise TokenStopped(kind, _explain(warnings), value.text)
        return found

    def condition(self, value: Value) -> bool:
        """Return a condition; anything but true or false stops the token."""
        found = self.value(value)
        if not isinstance(found, bool):
            message = f"expected the condition to be true or false, found {_show(found)}"
            raise TokenStopped(IncidentType.EXTRACT_VALUE_ERROR, message, value.text)
        return found

    def text(self, value: Value | None, what: str) -> str | None:
        """Return a text, or None where nothing is written or the expression gives null."""
        found = None if value is None else self.value(value)
        if value is None or found is None or found == "":
            return None
        if not isinstance(found, str):
            raise self._unexpected(value, what, "a text", found)
        return found

    def key(self, value: Value, what: str) -> str:
        """Return a correlation key: a text or a number, never null."""
        found = self.value(value)
        if isinstance(found, bool) or not isinstance(found, str | int | float) or found == "":
            raise self._unexpected(value, what, "a text or a number", found)
        return str(found)

    def names(self, value: Value | None, what: str) -> tuple[str, ...]:
        """Return names: a static comma list, or an expression that gives a list of texts or one text."""
        if value is None:
            return ()
        found = self.value(value)
        if found is None:
            return ()
        if isinstance(found, str):
            found = found.split(",") if value.expression is None else [found]
        if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
            raise self._unexpected(value, what, "a list of texts", found)
        return tuple(dict.fromkeys(name.strip() for name in found if name.strip()))

    def whole_number(self, value: Value, what: str, lowest: int, highest: int) -> int:
        """Return a whole number within bounds."""
        found = self.value(value)
        if isinstance(found, str) and re.fullmatch(r"-?\d{1,18}", found):
            found = int(found)
        if isinstance(found, bool) or not isinstance(found, int) or not lowest <= found <= highest:
            raise self._unexpected(value, what, f"a whole number from {lowest} to {highest}", found)
        return found

    def moment(self, value: Value | None, what: str) -> datetime | None:
        """Return a moment in time; a text without zone is in the organisation's zone."""
        found = None if value is None else self.value(value)
        if value is None or found is None:
            return None
        moment = _parse_moment(found, self.environment.zone)
        if moment is None:
            raise self._unexpected(value, what, "a date and time such as 2026-01-31T09:00:00+08:00", found)
        return moment

    def duration(self, value: Value, what: str) -> Interval:
        """Return an interval of time."""
        found = self.value(value)
        interval = parse_interval(found)
        if interval is None:
            raise self._unexpected(value, what, "a duration such as PT72H", found)
        return interval

    def cycle(self, value: Value, what: str) -> tuple[int | None, Interval]:
        """Return how often (None: for ever) and at which interval a timer repeats."""
        found = self.value(value)
        match = _CYCLE.match(found) if isinstance(found, str) else None
        interval = parse_interval(match.group("interval")) if match else None
        if match is None or interval is None or interval.is_empty or int(match.group("times") or 1) == 0:
            raise self._unexpected(value, what, "a cycle such as R3/PT24H", found)
        return (int(match.group("times")) if match.group("times") else None), interval

    def _unexpected(self, value: Value, what: str, expected: str, found: object) -> TokenStopped:
        message = f"{what}: expected {expected}, found {_show(found)}"
        return TokenStopped(IncidentType.EXTRACT_VALUE_ERROR, message, value.text)


@dataclass(frozen=True, slots=True)
class Interval:
    """An ISO 8601 duration: months, which depend on the calendar, and the rest."""

    months: int
    rest: timedelta

    @property
    def is_empty(self) -> bool:
        """Whether the interval takes no time, or less."""
        return self.months <= 0 and self.rest <= timedelta()

    def after(self, moment: datetime, zone: tzinfo) -> datetime | None:
        """Return the moment that lies this interval later, in UTC; None beyond the years that a calendar holds.

        Months are counted on the wall calendar of `zone`, from the last day of a month to the last day of a shorter
        one; days are 24 hours, as in FEEL, which writes PT24H as P1D.
        """
        try:
            if self.months:
                local = moment.astimezone(zone)
                month = local.month - 1 + self.months
                year, month = local.year + month // 12, month % 12 + 1
                moment = local.replace(year=year, month=month, day=min(local.day, monthrange(year, month)[1]))
            return _in_milliseconds(moment.astimezone(UTC) + self.rest)
        except (OverflowError, ValueError):
            return None


def _in_milliseconds(moment: datetime) -> datetime:
    """Cut to the precision that every database keeps."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def parse_interval(found: object) -> Interval | None:
    """Return the interval of an ISO 8601 duration text, or None for anything else."""
    match = _DURATION.match(found) if isinstance(found, str) and len(found) > 1 and not found.endswith("T") else None
    if match is None or not any(match.group(name) for name in match.groupdict() if name != "sign"):
        return None
    parts = {name: float(text) for name, text in match.groupdict().items() if text and name != "sign"}
    sign = -1 if match.group("sign") else 1
    try:
        months = int(parts.pop("years", 0) * 12 + parts.pop("months", 0))
        return Interval(sign * months, sign * timedelta(**parts))
    except OverflowError:
        return None


def _parse_moment(found: object, zone: tzinfo) -> datetime | None:
    """Return the moment that FEEL or a person wrote: a date, or date and time, with an offset, a zone or neither."""
    match = _MOMENT.match(found) if isinstance(found, str) else None
    if match is None:
        return None
    name = match.group("zone") or match.group("written")
    try:
        moment = datetime.fromisoformat(match.group("moment"))
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(name) if name else zone)
        return _in_milliseconds(moment.astimezone(UTC))
    except (ValueError, OverflowError, OSError, ZoneInfoNotFoundError):
        return None


def _explain(warnings: tuple[object, ...]) -> str:
    parts = []
    for warning in warnings:
        suggestion = getattr(warning, "suggestion", None)
        text = str(getattr(warning, "message", warning))
        parts.append(f"{text} (did you mean {suggestion}?)" if suggestion and suggestion not in text else text)
    return "; ".join(dict.fromkeys(parts))


def _show(found: object) -> str:
    text = "null" if found is None else repr(found)
    return text if len(text) <= 120 else text[:117] + "..."
