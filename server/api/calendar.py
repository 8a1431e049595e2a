"""The working-day calendar: which days are worked, and bringing in a year that was announced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate

from server.api import queries
from server.api.authentication import current_actor, current_context
from server.api.blueprint import CHANGING, READING, Blueprint
from server.api.fields import WireSchema
from server.api.preconditions import IF_MATCH, TAGGED, add_tag, read_precondition
from server.api.responses import render_json
from server.service import calendar

if TYPE_CHECKING:
    from flask import Response

blueprint = Blueprint("calendar", prefix="/api", description="Working days, holidays and make-up days.")
LAYERS = tuple(calendar.Layer)
LARGEST_FILE = 1_000_000


class CalendarDaySchema(WireSchema):
    """A day that differs from Monday to Friday."""

    date = fields.Date(required=True)
    kind = fields.String(required=True, metadata={"description": "work or rest"})
    name = fields.String(required=True)
    status = fields.String(required=True, metadata={"description": "official, or provisional: estimated"})
    layer = fields.String(required=True, metadata={"description": "state: announced; own: this administration's"})


class YearQuerySchema(WireSchema):
    """Which year; this one unless said."""

    year = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(1900, 2199))


class CalendarYearSchema(WireSchema):
    """A year's days; `published` tells whether its holidays have been announced."""

    year = fields.Integer(required=True)
    published = fields.Boolean(required=True)
    days = fields.List(fields.Nested(CalendarDaySchema), required=True)


class ImportSchema(WireSchema):
    """A calendar file, as organisation/calendar.csv."""

    content = fields.String(required=True, validate=validate.Length(1, LARGEST_FILE))
    layer = queries.Choice(LAYERS, load_default=calendar.Layer.STATE)
    dry_run = fields.Boolean(load_default=False, metadata={"description": "only tell what would change"})


class ChangedDaySchema(WireSchema):
    """A day that the file changes; null where nothing was, or is now, said of it."""

    date = fields.Date(required=True)
    was_working = fields.Boolean(required=True, allow_none=True)
    is_working = fields.Boolean(required=True, allow_none=True)


class ImportedSchema(WireSchema):
    """What an import changed, or would change."""

    applied = fields.Boolean(required=True)
    newly_published = fields.List(fields.Integer(), required=True)
    days = fields.List(fields.Nested(ChangedDaySchema), required=True)


@blueprint.endpoint(
    "GET",
    "/calendar/days",
    query=YearQuerySchema(),
    answer=CalendarYearSchema(),
    refusals=READING,
    documentation={"responses": {200: TAGGED}},
)
def get_calendar_days(asked: dict[str, Any]) -> Response:
    """Return the days of a year that differ from Monday to Friday."""
    context = current_context()
    year, tag = asked["year"] or calendar.this_year(context), calendar.find_tag(context)
    days = [
        {
            "date": day.day.isoformat(),
            "kind": "work" if day.working else "rest",
            "name": day.name,
            "status": "official" if day.official else "provisional",
            "layer": layer,
        }
        for day, layer in calendar.read_days(context, current_actor(), year)
    ]
    answer = render_json({"year": year, "published": calendar.is_published(context, year), "days": days})
    return add_tag(answer, tag)


@blueprint.endpoint(
    "POST",
    "/calendar/import",
    body=ImportSchema(),
    answer=ImportedSchema(),
    refusals=(*CHANGING, 412),
    documentation={"parameters": [IF_MATCH]},
)
def import_calendar(body: dict[str, Any]) -> Response:
    """Put the years of a file in the place of what is known about them; `dryRun` only tells what would change."""
    change = calendar.import_calendar(
        current_context(),
        current_actor(),
        body["content"],
        layer=calendar.Layer(body["layer"]),
        apply=not body["dry_run"],
        precondition=read_precondition(),
    )
    days = [{"date": day.isoformat(), "wasWorking": was, "isWorking": now} for day, (was, now) in change.days.items()]
    return render_json({"applied": change.applied, "newlyPublished": list(change.newly_published), "days": days})
