"""Messages: events from outside that instances wait for, or that start them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate

from server.api.authentication import current_actor, current_context
from server.api.blueprint import CHANGING, Blueprint
from server.api.fields import Key, Tenant, Variables, WireSchema
from server.api.idempotency import PARAMETER, read_once
from server.api.responses import TENANT, format_key, render_json
from server.api.user_tasks import find_locale
from server.service import messages
from server.service.messages import Publication

if TYPE_CHECKING:
    from flask import Response

blueprint = Blueprint("messages", prefix="/v2", description="Events from outside.")
_LONGEST_LIFE_MS = int(messages.LONGEST_TIME_TO_LIVE.total_seconds() * 1000)


class CorrelationSchema(WireSchema):
    """A message for one instance that waits now, or for a process that it starts."""

    name = fields.String(required=True, validate=validate.Length(1, 256))
    correlation_key = fields.String(load_default="", validate=validate.Length(max=1024))
    variables = Variables(allow_none=True, load_default=dict)
    tenant_id = Tenant()


class PublicationSchema(CorrelationSchema):
    """A message for whoever waits now or within its time to live."""

    time_to_live = fields.Integer(
        strict=True, load_default=0, validate=validate.Range(0, _LONGEST_LIFE_MS), metadata={"description": "ms"}
    )
    message_id = fields.String(
        load_default=None, validate=validate.Length(1, 256), metadata={"description": "a second one with it is refused"}
    )


class PublishedSchema(WireSchema):
    """The key of the published message."""

    message_key = Key(required=True)
    tenant_id = fields.String(required=True)


class CorrelatedSchema(PublishedSchema):
    """The message and the instance that took it."""

    process_instance_key = Key(required=True)


@blueprint.endpoint(
    "POST",
    "/messages/publication",
    body=PublicationSchema(),
    answer=PublishedSchema(),
    refusals=(*CHANGING, 422),
    documentation={"parameters": [PARAMETER]},
)
def publish_message(body: dict[str, Any]) -> Response:
    """Publish a message: whoever waits for its name and correlation key gets it, now or within its time to live."""
    actor = current_actor()
    key = messages.publish_message(current_context(), actor, _publication(body), read_once(actor))
    return render_json({"messageKey": format_key(key), "tenantId": TENANT})


@blueprint.endpoint(
    "POST",
    "/messages/correlation",
    body=CorrelationSchema(),
    answer=CorrelatedSchema(),
    refusals=(*CHANGING, 422),
    documentation={"parameters": [PARAMETER]},
)
def correlate_message(body: dict[str, Any]) -> Response:
    """Hand a message to one instance that waits for it now, or start a process with it; 404 when nobody takes it."""
    actor = current_actor()
    correlation = messages.correlate_message(current_context(), actor, _publication(body), read_once(actor))
    return render_json(
        {
            "messageKey": format_key(correlation.message_key),
            "processInstanceKey": format_key(correlation.process_instance_key),
            "tenantId": TENANT,
        }
    )


def _publication(body: dict[str, Any]) -> Publication:
    return Publication(
        name=body["name"],
        correlation_key=body["correlation_key"],
        time_to_live=timedelta(milliseconds=body.get("time_to_live", 0)),
        message_id=body.get("message_id"),
        variables=body["variables"] or {},
        locale=find_locale(),
    )
