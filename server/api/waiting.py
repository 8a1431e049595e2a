"""What instances wait for besides people, programs and messages: moments and signals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marshmallow import fields

from server.api import queries
from server.api.authentication import current_actor, current_context
from server.api.blueprint import SEARCHING, Blueprint
from server.api.fields import Key, Moment, WireSchema, list_schema
from server.api.responses import format_key, format_time, render_page
from server.service import signals, timers

if TYPE_CHECKING:
    from flask import Response

    from server.model import Place, Query

blueprint = Blueprint("waiting", prefix="/api", description="What process instances wait for.")


class WaitingSchema(WireSchema):
    """Where something waits, since when, and whether its instance is suspended."""

    element_id = fields.String(required=True)
    element_instance_key = Key(required=True)
    process_instance_key = Key(required=True)
    root_process_instance_key = Key(required=True)
    process_definition_id = fields.String(required=True)
    process_definition_key = Key(required=True)
    creation_date = Moment(required=True, allow_none=True)
    is_suspended = fields.Boolean(required=True)


class TimerSchema(WaitingSchema):
    """A timer that waits for its moment."""

    timer_key = Key(required=True)
    due_date = Moment(required=True)


class SignalSubscriptionSchema(WaitingSchema):
    """An element instance that waits for a signal."""

    signal_subscription_key = Key(required=True)
    signal_name = fields.String(required=True)


_FILTERS = {
    "elementId": queries.text(),
    "elementInstanceKey": queries.key(),
    "processInstanceKey": queries.key(),
    "rootProcessInstanceKey": queries.key("root_key"),
    "processDefinitionId": queries.text("process_id"),
    "processDefinitionKey": queries.key(),
    "creationDate": queries.moment(),
    "isSuspended": queries.flag("suspended"),
}
_SORTS = {
    "elementId": "element_id",
    "processInstanceKey": "process_instance_key",
    "processDefinitionId": "process_id",
    "processDefinitionKey": "process_definition_key",
    "creationDate": "creation_date",
}


@blueprint.endpoint(
    "POST",
    "/timers/search",
    body=queries.search_schema(
        "Timer",
        {**_FILTERS, "timerKey": queries.key("key"), "dueDate": queries.moment("due_at")},
        {**_SORTS, "timerKey": "key", "dueDate": "due_at"},
    ),
    answer=list_schema("TimerPage", TimerSchema),
    refusals=SEARCHING,
)
def search_timers(query: Query) -> Response:
    """Search the timers that instances wait for; what has fired is in the history."""
    page = timers.search_timers(current_context(), current_actor(), query)
    items = [
        {
            "timerKey": format_key(one.key),
            "dueDate": format_time(one.due_at),
            "creationDate": format_time(one.creation_date),
            "isSuspended": one.suspended,
            **_render_place(one.place),
        }
        for one in page.items
    ]
    return render_page(page, items)


@blueprint.endpoint(
    "POST",
    "/signal-subscriptions/search",
    body=queries.search_schema(
        "SignalSubscription",
        {**_FILTERS, "signalSubscriptionKey": queries.key("key"), "signalName": queries.text()},
        {**_SORTS, "signalSubscriptionKey": "key", "signalName": "signal_name"},
    ),
    answer=list_schema("SignalSubscriptionPage", SignalSubscriptionSchema),
    refusals=SEARCHING,
)
def search_signal_subscriptions(query: Query) -> Response:
    """Search the element instances that wait for a signal."""
    page = signals.search_signal_subscriptions(current_context(), current_actor(), query)
    items = [
        {
            "signalSubscriptionKey": format_key(one.key),
            "signalName": one.signal_name,
            "creationDate": format_time(one.creation_date),
            "isSuspended": one.suspended,
            **_render_place(one.place),
        }
        for one in page.items
    ]
    return render_page(page, items)


def _render_place(place: Place) -> dict[str, object]:
    return {
        "elementId": place.element_id,
        "elementInstanceKey": format_key(place.element_instance_key),
        "processInstanceKey": format_key(place.process_instance_key),
        "rootProcessInstanceKey": format_key(place.root_key),
        "processDefinitionId": place.process_id,
        "processDefinitionKey": format_key(place.process_definition_key),
    }
