"""Whether the server lives, and whether it can work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marshmallow import fields

from server.api.authentication import current_context
from server.api.blueprint import Blueprint
from server.api.fields import WireSchema
from server.api.responses import render_json
from server.errors import Unavailable
from server.service import calendar

if TYPE_CHECKING:
    from flask import Response

blueprint = Blueprint("health", prefix="", description="For whoever watches over the server.", public=True)


class HealthSchema(WireSchema):
    """That the process answers."""

    status = fields.String(required=True)


class ReadinessSchema(HealthSchema):
    """That the server can work."""

    database = fields.String(required=True, metadata={"description": "the revision of the tables"})
    calendar = fields.String(
        required=True, metadata={"description": "ok; amber or red: this or the next year's holidays are not brought in"}
    )


@blueprint.endpoint("GET", "/healthz", answer=HealthSchema(), refusals=(500,))
def check_health() -> Response:
    """Tell that the process answers, whatever the state of the database."""
    return render_json({"status": "ok"})


@blueprint.endpoint("GET", "/readyz", answer=ReadinessSchema(), refusals=(500, 503))
def check_readiness() -> Response:
    """Tell whether the database answers and its tables are the newest; 503 says what is missing."""
    context = current_context()
    present, newest = context.store.migration_state()
    if present != newest:
        raise Unavailable(f"The database is at revision {present or 'none'}, expected {newest}: run muster migrate.")
    return render_json({"status": "ok", "database": present, "calendar": calendar.check_coverage(context)})
