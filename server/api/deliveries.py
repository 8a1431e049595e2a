"""Deliveries of signals that have failed: seen by operators, and tried again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields

from server.api.authentication import current_actor, current_context
from server.api.blueprint import CHANGING, READING, Blueprint
from server.api.fields import Key, Moment, WireSchema
from server.api.responses import format_key, format_time, render_json
from server.service import signals

if TYPE_CHECKING:
    from datetime import datetime

    from flask import Response

    from server.model import SignalDelivery

blueprint = Blueprint("deliveries", prefix="/api", description="Signals that could not be delivered.")


class FailedDeliverySchema(WireSchema):
    """A signal on its way to a receiver that it could not reach."""

    signal_key = Key(required=True)
    element_id = fields.String(required=True)
    root_process_instance_key = Key(
        required=True, allow_none=True, metadata={"description": "null: a process that the signal starts"}
    )
    attempts = fields.Integer(required=True)
    problem = fields.String(required=True, allow_none=True)
    retry_at = Moment(required=True, allow_none=True, metadata={"description": "null: given up"})


class FailedDeliveriesSchema(WireSchema):
    """The deliveries that have failed, oldest signal first, at most 1000."""

    deliveries = fields.List(fields.Nested(FailedDeliverySchema), required=True)


class RetrySchema(WireSchema):
    """A body without members."""


class RetriedSchema(WireSchema):
    """How many deliveries are tried again."""

    deliveries = fields.Integer(required=True)


@blueprint.endpoint("GET", "/signals/undelivered", answer=FailedDeliveriesSchema(), refusals=READING)
def list_failed_deliveries() -> Response:
    """List the deliveries of signals that have failed: those that are tried again, and those that were given up."""
    found = signals.list_failed_deliveries(current_context(), current_actor())
    return render_json({"deliveries": [_render(delivery, retry_at) for delivery, retry_at in found]})


@blueprint.endpoint("POST", "/signals/undelivered/retry", body=RetrySchema(), answer=RetriedSchema(), refusals=CHANGING)
def retry_failed_deliveries(body: dict[str, Any]) -> Response:
    """Have every failed delivery tried again by the worker, those that were given up too."""
    del body
    return render_json({"deliveries": signals.retry_failed_deliveries(current_context(), current_actor())})


def _render(delivery: SignalDelivery, retry_at: datetime | None) -> dict[str, object]:
    return {
        "signalKey": format_key(delivery.signal_key),
        "elementId": delivery.element_id,
        "rootProcessInstanceKey": format_key(delivery.root_key),
        "attempts": delivery.attempts,
        "problem": delivery.problem,
        "retryAt": format_time(retry_at),
    }
