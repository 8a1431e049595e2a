"""Publishing a message out of a diagram: for message throw events, message end events and send tasks."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from server.actions.inputs import read_context, read_optional_text, read_text, read_whole
from server.actions.registry import action
from server.model import Message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.actions.registry import ActionCall

DAYS = 90
LONGEST_DAYS = 365


@action("message.publish")
def publish_message(call: ActionCall) -> Mapping[str, object]:
    """Publish a message to other process instances, with the commit of this step.

    Inputs `name`; `correlation_key`, `message_variables` (a context) and `keep_days` (90 unless said, at most 365: so
    long the message waits for who does not wait for it yet) may be left out. Every process receives it once: an
    instance that waits, else the process begins if it has a start event of this name. Output `message_key`.

    :raises ActionFailed: when something is missing or of the wrong kind
    """
    name = read_text(call.variables, "name")
    correlation_key = read_optional_text(call.variables, "correlation_key") or ""
    given = call.variables.get("message_variables")
    variables = {} if given is None else dict(read_context(call.variables, "message_variables"))
    days = min(read_whole(call.variables, "keep_days", least=1, default=DAYS), LONGEST_DAYS)
    message = Message(
        key=next(call.tx.keys),
        name=name,
        correlation_key=correlation_key,
        message_id=None,
        variables=variables,
        published_at=call.now,
        expires_at=call.now + timedelta(days=days),
        actor=call.actor,
    )
    # Without the lock of messages: who begins to wait meanwhile is found by the worker, after both commits.
    waiting = {one.place.process_id for one in call.tx.message_subscriptions(name, correlation_key)}
    starting = (one.process_id for one in call.tx.start_subscriptions(name))
    call.tx.add_message(message, [process_id for process_id in starting if process_id not in waiting])
    return {"message_key": str(message.key)}
