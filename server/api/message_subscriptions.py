"""Message subscriptions: which instances wait for which message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marshmallow import fields

from server.api import queries
from server.api.authentication import current_actor, current_context
from server.api.blueprint import SEARCHING, Blueprint
from server.api.fields import Key, Moment, WireSchema, list_schema
from server.api.responses import TENANT, format_key, format_time, render_page
from server.service import messages

if TYPE_CHECKING:
    from flask import Response

    from server.model import MessageSubscriptionView, Query

blueprint = Blueprint("message-subscriptions", prefix="/v2", description="Who waits for messages.")
_STATE = "CREATED"
_TYPE = "PROCESS_EVENT"


class MessageSubscriptionSchema(WireSchema):
    """An element instance that waits for a message."""

    message_subscription_key = Key(required=True)
    message_subscription_state = fields.String(required=True)
    message_subscription_type = fields.String(required=True)
    message_name = fields.String(required=True)
    correlation_key = fields.String(required=True, allow_none=True)
    last_updated_date = Moment(required=True)
    element_id = fields.String(required=True)
    element_instance_key = Key(required=True, allow_none=True)
    process_instance_key = Key(required=True, allow_none=True)
    root_process_instance_key = Key(required=True, allow_none=True)
    process_definition_id = fields.String(required=True)
    process_definition_key = Key(required=True, allow_none=True)
    process_definition_name = fields.String(required=True, allow_none=True)
    process_definition_version = fields.Integer(required=True, allow_none=True)
    business_id = fields.String(required=True, allow_none=True)
    tool_name = fields.String(required=True, allow_none=True)
    tool_properties = fields.Dict(keys=fields.String(), required=True)
    inbound_connector_type = fields.String(required=True, allow_none=True)
    tenant_id = fields.String(required=True)


_FILTERS = {
    "messageSubscriptionKey": queries.key("key"),
    "messageSubscriptionState": queries.fixed(_STATE, (_STATE, "CORRELATED", "DELETED", "MIGRATED")),
    "messageSubscriptionType": queries.fixed(_TYPE, (_TYPE, "START_EVENT")),
    "messageName": queries.text(),
    "correlationKey": queries.text(),
    "lastUpdatedDate": queries.moment("creation_date"),
    "elementId": queries.text(),
    "elementInstanceKey": queries.key(),
    "processInstanceKey": queries.key(),
    "processDefinitionId": queries.text("process_id"),
    "processDefinitionKey": queries.key(),
    "processDefinitionName": queries.text("process_name"),
    "processDefinitionVersion": queries.number("version"),
    "businessId": queries.fixed(None),
    "toolName": queries.fixed(None),
    "inboundConnectorType": queries.fixed(None),
}
_SORTS = {
    "messageSubscriptionKey": "key",
    "messageName": "message_name",
    "correlationKey": "correlation_key",
    "lastUpdatedDate": "creation_date",
    "elementId": "element_id",
    "elementInstanceKey": "element_instance_key",
    "processInstanceKey": "process_instance_key",
    "processDefinitionId": "process_id",
    "processDefinitionKey": "process_definition_key",
    "processDefinitionName": "process_name",
    "processDefinitionVersion": "version",
    "messageSubscriptionState": None,
    "messageSubscriptionType": None,
    "businessId": None,
    "toolName": None,
    "inboundConnectorType": None,
    "tenantId": None,
}


@blueprint.endpoint(
    "POST",
    "/message-subscriptions/search",
    body=queries.search_schema("MessageSubscription", _FILTERS, _SORTS),
    answer=list_schema("MessageSubscriptionPage", MessageSubscriptionSchema),
    refusals=SEARCHING,
)
def search_message_subscriptions(query: Query) -> Response:
    """Search the element instances that wait for a message; what has its message already is not listed."""
    page = messages.search_message_subscriptions(current_context(), current_actor(), query)
    return render_page(page, [_render(view) for view in page.items])


def _render(view: MessageSubscriptionView) -> dict[str, object]:
    waiting = view.subscription
    return {
        "messageSubscriptionKey": format_key(waiting.key),
        "messageSubscriptionState": _STATE,
        "messageSubscriptionType": _TYPE,
        "messageName": waiting.message_name,
        "correlationKey": waiting.correlation_key,
        "lastUpdatedDate": format_time(waiting.creation_date),
        "elementId": waiting.place.element_id,
        "elementInstanceKey": format_key(waiting.place.element_instance_key),
        "processInstanceKey": format_key(waiting.place.process_instance_key),
        "rootProcessInstanceKey": format_key(waiting.place.root_key),
        "processDefinitionId": waiting.place.process_id,
        "processDefinitionKey": format_key(waiting.place.process_definition_key),
        "processDefinitionName": view.process_name,
        "processDefinitionVersion": view.version,
        "businessId": None,
        "toolName": None,
        "toolProperties": {},
        "inboundConnectorType": None,
        "tenantId": TENANT,
    }
