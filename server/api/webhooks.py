"""What leaves the house: webhooks, and deliveries of every channel. For administrators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate

from server.api import queries
from server.api.authentication import current_actor, current_context
from server.api.blueprint import CHANGING, READING, SEARCHING, Blueprint
from server.api.fields import Key, Moment, WireSchema, list_schema
from server.api.queries import Choice
from server.api.responses import format_key, format_time, render_json, render_nothing, render_page
from server.model import DeliveryState, EventKind
from server.service import deliveries, webhooks

if TYPE_CHECKING:
    from flask import Response

    from server.model import Delivery, Query, Webhook

blueprint = Blueprint("webhooks", prefix="/api", description="Webhooks, and what is on its way out of the house.")


class NewWebhookSchema(WireSchema):
    """An address outside, and the events at which it is called; diagrams call it by its name besides."""

    name = fields.String(required=True, validate=validate.Length(1, 64))
    url = fields.String(required=True, validate=validate.Length(1, webhooks.LONGEST_URL))
    events = fields.List(Choice(tuple(EventKind)), load_default=list, validate=validate.Length(max=len(EventKind)))


class WebhookSchema(NewWebhookSchema):
    """A webhook."""

    creation_date = Moment(required=True)


class CreatedWebhookSchema(WebhookSchema):
    """A new webhook with what its calls are signed with."""

    secret = fields.String(required=True, metadata={"description": "shown once"})


class WebhooksSchema(WireSchema):
    """Webhooks, by name."""

    items = fields.List(fields.Nested(WebhookSchema), required=True)


class DeliverySchema(WireSchema):
    """A mail, or a call of a webhook."""

    delivery_key = Key(required=True)
    channel = fields.String(required=True)
    recipient = fields.String(required=True, metadata={"description": "the person, or the webhook"})
    state = Choice(tuple(DeliveryState), required=True)
    attempts = fields.Integer(required=True)
    problem = fields.String(required=True, allow_none=True)
    creation_date = Moment(required=True)
    due_date = Moment(required=True, allow_none=True)
    end_date = Moment(required=True, allow_none=True)
    process_instance_key = Key(required=True, allow_none=True)


class RetryDeliverySchema(WireSchema):
    """A body without members."""


_FILTERS = {
    "deliveryKey": queries.key("key"),
    "channel": queries.text(),
    "recipient": queries.text(),
    "state": queries.choice(tuple(DeliveryState)),
    "attempts": queries.number(),
    "creationDate": queries.moment("created_at"),
    "dueDate": queries.moment("due_at"),
    "endDate": queries.moment("ended_at"),
    "processInstanceKey": queries.key(),
}
_SORTS = {
    "deliveryKey": "key",
    "channel": "channel",
    "recipient": "recipient",
    "state": "state",
    "creationDate": "created_at",
    "dueDate": "due_at",
    "endDate": "ended_at",
}


@blueprint.endpoint("GET", "/webhooks", answer=WebhooksSchema(), refusals=READING)
def list_webhooks() -> Response:
    """List webhooks."""
    found = webhooks.list_webhooks(current_context(), current_actor())
    return render_json({"items": [_render_webhook(one) for one in found]})


@blueprint.endpoint(
    "POST", "/webhooks", body=NewWebhookSchema(), answer=CreatedWebhookSchema(), status=201, refusals=CHANGING
)
def create_webhook(body: dict[str, Any]) -> Response:
    """Add a webhook; its secret is shown once."""
    made, secret = webhooks.add_webhook(
        current_context(), current_actor(), body["name"], body["url"], body["events"]
    )  # fmt: skip
    return render_json(_render_webhook(made) | {"secret": secret}, 201)


@blueprint.endpoint("DELETE", "/webhooks/<string:name>", status=204, refusals=CHANGING)
def delete_webhook(name: str) -> Response:
    """Delete a webhook; what is on its way to it is given up."""
    webhooks.remove_webhook(current_context(), current_actor(), name)
    return render_nothing()


@blueprint.endpoint(
    "POST",
    "/deliveries/search",
    body=queries.search_schema("Delivery", _FILTERS, _SORTS),
    answer=list_schema("DeliveryPage", DeliverySchema),
    refusals=SEARCHING,
)
def search_deliveries(query: Query) -> Response:
    """Search mails and calls: on their way, sent, uncertain and given up."""
    page = deliveries.search_deliveries(current_context(), current_actor(), query)
    return render_page(page, [_render_delivery(one) for one in page.items])


@blueprint.endpoint(
    "POST", "/deliveries/<key:key>/retry", body=RetryDeliverySchema(), status=204, refusals=CHANGING
)  # fmt: skip
def retry_delivery(body: dict[str, Any], key: int) -> Response:
    """Have a delivery sent again that was given up; one that is uncertain may arrive twice."""
    del body
    deliveries.retry_delivery(current_context(), current_actor(), key)
    return render_nothing()


def _render_webhook(one: Webhook) -> dict[str, object]:
    return {
        "name": one.name,
        "url": one.url,
        "events": list(one.events),
        "creationDate": format_time(one.created_at),
    }


def _render_delivery(one: Delivery) -> dict[str, object]:
    return {
        "deliveryKey": format_key(one.key),
        "channel": one.channel,
        "recipient": one.recipient,
        "state": one.state.value,
        "attempts": one.attempts,
        "problem": one.problem,
        "creationDate": format_time(one.created_at),
        "dueDate": format_time(one.due_at),
        "endDate": format_time(one.ended_at),
        "processInstanceKey": format_key(one.process_instance_key),
    }
