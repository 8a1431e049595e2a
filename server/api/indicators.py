"""Indicators of units: the three rates and others, with the cases behind each number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError, fields, post_load

from server.api import queries
from server.api.authentication import current_actor, current_context
from server.api.blueprint import READING, READING_ONE, Blueprint
from server.api.fields import WireSchema
from server.api.responses import render_file, render_json
from server.api.spreadsheets import write_csv
from server.service import indicators
from server.service.indicators import Period

if TYPE_CHECKING:
    from flask import Response

    from server.service.indicators import Measured, Share

blueprint = Blueprint("indicators", prefix="/api", description="Rates of units, with the cases behind each number.")
CSV = "text/csv"
LONGEST_PERIOD = timedelta(days=400)
LARGEST_DAY = date(9999, 12, 1)
COLUMNS = ("unit", "name", "kind", "indicator", "numerator", "denominator", "value", "lower", "rawNumerator",
           "rawDenominator", "rawValue", "notCounted", "medianWorkingHours", "composite", "rank")  # fmt: skip


class ShareSchema(WireSchema):
    """A share: `lower` is the lower end of its Wilson interval at 95 %; null where nothing is counted."""

    numerator = fields.Float(required=True)
    denominator = fields.Integer(required=True)
    value = fields.Float(required=True, allow_none=True)
    lower = fields.Float(required=True, allow_none=True)
    not_counted = fields.Integer(required=True, metadata={"description": "listed with a reason, but not counted"})


class IndicatorSchema(WireSchema):
    """One indicator of a unit: without the exempted cases, and with them."""

    indicator = fields.String(required=True)
    adjusted = fields.Nested(ShareSchema, required=True)
    raw = fields.Nested(ShareSchema, required=True)


class UnitIndicatorsSchema(WireSchema):
    """The indicators of a unit; `rank` is null with too few answers."""

    unit = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    indicators = fields.List(fields.Nested(IndicatorSchema), required=True)
    median_working_hours = fields.Float(required=True, allow_none=True)
    composite = fields.Float(required=True, allow_none=True)
    rank = fields.Integer(required=True, allow_none=True)
    least_answers = fields.Integer(required=True)


class IndicatorsSchema(WireSchema):
    """The indicators of all units that one may see; `until` is the last day."""

    since = fields.Date(required=True)
    until = fields.Date(required=True)
    items = fields.List(fields.Nested(UnitIndicatorsSchema), required=True)


class CaseEntrySchema(WireSchema):
    """A case behind a number: what it adds to the numerator, or why it is not counted."""

    case_no = fields.String(required=True)
    credit = fields.Float(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)


class CaseEntriesSchema(WireSchema):
    """The cases behind a number, the counted ones first."""

    items = fields.List(fields.Nested(CaseEntrySchema), required=True)


@dataclass(frozen=True, slots=True)
class Asked:
    """A period, and in which form the answer is wanted."""

    since: date
    until: date
    form: str | None

    @property
    def period(self) -> Period:
        """The days in the organisation's zone, whole."""
        zone = current_context().config.timezone
        first, after = (datetime.combine(day, time(), zone) for day in (self.since, self.until + timedelta(days=1)))
        return Period(first.astimezone(UTC), after.astimezone(UTC))


class PeriodQuerySchema(WireSchema):
    """First and last day; loads to `Asked`."""

    since = fields.Date(required=True, metadata={"description": "the first day"})
    until = fields.Date(required=True, metadata={"description": "the last day"})
    format = queries.Choice(("json", "csv"))

    @post_load
    def make_asked(self, data: dict[str, Any], **_: object) -> Asked:
        """Put the parts together; raises `ValidationError` for a period that ends before it begins, or is too long."""
        since, until = data["since"], data["until"]
        if not since <= until <= min(since, LARGEST_DAY - LONGEST_PERIOD) + LONGEST_PERIOD:
            expected = f"expected a day from since on, at most {LONGEST_PERIOD.days} days later"
            raise ValidationError(f"{expected}, found {until}", "until")
        return Asked(since, until, data.get("format"))


@blueprint.endpoint(
    "GET",
    "/indicators",
    query=PeriodQuerySchema(),
    answer=IndicatorsSchema(),
    refusals=READING,
    documentation={"responses": {200: {"content": {CSV: {"schema": {"type": "string"}}}}}},
)
def get_indicators(asked: Asked) -> Response:
    """Get the indicators of every unit that one may see, as JSON or, with `format=csv`, one line an indicator."""
    measured = indicators.measure_units(current_context(), current_actor(), asked.period)
    if asked.form == "csv":
        lines = [line for one in measured for line in _write_unit(one)]
        return render_file(write_csv(COLUMNS, lines).encode(), CSV, "indicators.csv")
    items = [_render_unit(one) for one in measured]
    return render_json({"since": asked.since.isoformat(), "until": asked.until.isoformat(), "items": items})


@blueprint.endpoint(
    "GET",
    "/indicators/<string:unit>/<string:indicator>/cases",
    query=PeriodQuerySchema(),
    answer=CaseEntriesSchema(),
    refusals=READING_ONE,
    documentation={"responses": {200: {"content": {CSV: {"schema": {"type": "string"}}}}}},
)
def get_indicator_cases(asked: Asked, unit: str, indicator: str) -> Response:
    """Get the cases behind a number; what residents answered about a unit is for the district only."""
    share = indicators.find_cases(current_context(), current_actor(), unit, indicator, asked.period)
    items = [{"caseNo": one.ref, "credit": one.credit, "reason": None} for one in share.entries]
    items += [{"caseNo": ref, "credit": None, "reason": reason} for ref, reason in share.listed]
    if asked.form == "csv":
        rows = [(one["caseNo"], one["credit"], one["reason"]) for one in items]
        return render_file(write_csv(("caseNo", "credit", "reason"), rows).encode(), CSV, f"{indicator}.csv")
    return render_json({"items": items})


def _render_unit(one: Measured) -> dict[str, object]:
    found = one.indicators
    return {
        "unit": found.unit,
        "name": one.unit.name,
        "kind": one.unit.kind,
        "indicators": [
            {"indicator": name, "adjusted": _render_share(found.adjusted[name]), "raw": _render_share(share)}
            for name, share in found.raw.items()
        ],
        "medianWorkingHours": found.median_hours,
        "composite": found.composite,
        "rank": found.rank,
        "leastAnswers": one.weights.least_answers,
    }


def _render_share(share: Share) -> dict[str, object]:
    return {
        "numerator": share.numerator,
        "denominator": share.denominator,
        "value": share.value,
        "lower": share.lower,
        "notCounted": len(share.listed),
    }


def _write_unit(one: Measured) -> list[tuple[object, ...]]:
    found = one.indicators
    head = (found.unit, one.unit.name, one.unit.kind)
    tail = (found.median_hours, found.composite, found.rank)
    return [
        (*head, name.value, mine.numerator, mine.denominator, mine.value, mine.lower,
         raw.numerator, raw.denominator, raw.value, len(mine.listed), *tail)
        for name, raw in found.raw.items()
        for mine in (found.adjusted[name],)
    ]  # fmt: skip
