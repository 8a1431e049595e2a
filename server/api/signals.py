"""Signals: events from outside for everybody who waits for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate

from server.api.authentication import current_actor, current_context
from server.api.blueprint import CHANGING, Blueprint
from server.api.fields import Key, Tenant, Variables, WireSchema
from server.api.responses import TENANT, format_key, render_json
from server.service import signals

if TYPE_CHECKING:
    from flask import Response

blueprint = Blueprint("signals", prefix="/v2", description="Events from outside for everybody who waits for them.")


class BroadcastSchema(WireSchema):
    """A signal; what it brings goes into the variables of each receiver."""

    signal_name = fields.String(required=True, validate=validate.Length(1, 256))
    variables = Variables(allow_none=True, load_default=dict)
    tenant_id = Tenant()


class SignalSchema(WireSchema):
    """The key of the broadcast signal."""

    signal_key = Key(required=True)
    tenant_id = fields.String(required=True)


@blueprint.endpoint("POST", "/signals/broadcast", body=BroadcastSchema(), answer=SignalSchema(), refusals=CHANGING)
def broadcast_signal(body: dict[str, Any]) -> Response:
    """Broadcast a signal: every element that waits for it now gets it, every process that begins with it starts."""
    key = signals.broadcast_signal(current_context(), current_actor(), body["signal_name"], body["variables"] or {})
    return render_json({"signalKey": format_key(key), "tenantId": TENANT})
