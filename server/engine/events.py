"""Timers, messages and errors: how tokens wait for them and what happens when they come."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

from server.catalog.model import EventKind, TimerKind, event_of
from server.engine.stops import TokenStopped
from server.engine.tokens import Token
from server.model import IncidentType, MessageSubscription, Timer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from server.catalog.model import Event, FlowNode, Value
    from server.engine.stops import ErrorThrown


def await_event(token: Token, scope: Token) -> None:
    """Open the timer or subscription that a token waits for; expressions see the scope of `scope`."""
    event = event_of(token.node)
    if event.kind is EventKind.TIMER:
        _add_timer(token, _due(token, event, scope))
    else:
        _open_subscription(token, event, scope)


def _written(value: Value | None, token: Token) -> Value:
    """Return what the catalog has made sure is there."""
    if value is None:
        raise TypeError(f"expected a value at {token.node.id}")
    return value


def _due(token: Token, event: Event, scope: Token) -> datetime:
    execution, value = token.execution, _written(event.timer, token)
    evaluate = execution.evaluator(scope)
    due: datetime | None
    if event.timer_kind is TimerKind.DATE:
        due = evaluate.moment(value, "timeDate")
    elif event.timer_kind is TimerKind.DURATION:
        due = evaluate.duration(value, "timeDuration").after(execution.now, execution.environment.zone)
    else:
        due = _next_repetition(token, value, scope)
    if due is None:
        message = f"{event.timer_kind}: expected a time within the calendar's years 1 to 9999, found none"
        raise TokenStopped(IncidentType.EXTRACT_VALUE_ERROR, message, value.text)
    return due


def _add_timer(token: Token, due: datetime) -> None:
    execution = token.execution
    timer = Timer(execution.next_key(), execution.place(token), due)
    token.internal_data["timer"] = timer.key
    execution.changes.timers[timer.key] = timer


def _next_repetition(token: Token, value: Value, scope: Token) -> datetime | None:
    """Return when a cycle is due next.

    Times that passed while nobody was there are skipped, so a cycle that fell behind does not storm.
    """
    execution = token.execution
    _, interval = execution.evaluator(scope).cycle(value, "timeCycle")
    zone = execution.environment.zone
    last = token.internal_data.get("due")
    due = interval.after(datetime.fromisoformat(last), zone) if last else None
    if due is None or due <= execution.now:
        due = interval.after(execution.now, zone)
    if due is not None:
        token.internal_data["due"] = due.isoformat()
        token.internal_data["repetitions"] = token.internal_data.get("repetitions", 0) + 1
    return due


def wait_again(token: Token) -> None:
    """Let the cycle of a boundary event wait for its next time; after its last time it is taken away."""
    execution = token.execution
    host, event = execution.tokens[token.internal_data["host"]], event_of(token.node)
    times, _ = execution.evaluator(host).cycle(_written(event.timer, token), "timeCycle")
    if times is not None and token.internal_data["repetitions"] >= times:
        token.workflow.remove(token)
        return
    _add_timer(token, _due(token, event, host))
    token._set_state(TaskState.WAITING)  # noqa: SLF001 - SpiffWorkflow's own way


def _open_subscription(token: Token, event: Event, scope: Token) -> None:
    execution, evaluate = token.execution, token.execution.evaluator(scope)
    subscription = MessageSubscription(
        key=execution.next_key(),
        place=execution.place(token),
        message_name=evaluate.key(_written(event.message_name, token), "message name"),
        correlation_key=evaluate.key(_written(event.correlation_key, token), "correlation key"),
    )
    token.internal_data["subscription"] = subscription.key
    execution.changes.subscriptions[subscription.key] = subscription


def arm_boundary_events(host: Token) -> None:
    """Put a waiting token beside an activity for each of its timer and message boundary events."""
    container = host.workflow
    for node in _boundary_nodes(host):
        if event_of(node).kind in {EventKind.TIMER, EventKind.MESSAGE}:
            key = host.execution.next_key()
            waiting = Token(container, container.spec.task_specs[node.id], key, TaskState.WAITING)
            waiting.internal_data["host"] = host.key
            await_event(waiting, host)


def _boundary_nodes(host: Token) -> Iterator[FlowNode]:
    nodes = host.workflow.executable.nodes
    return (nodes[node_id] for node_id in host.node.boundary)


def arm_events_behind(gateway: Token) -> None:
    """Put a waiting token before each event behind an event-based gateway."""
    container, execution = gateway.workflow, gateway.execution
    for flow in gateway.node.outgoing:
        spec = container.spec.task_specs[flow.target]
        waiting = Token(container, spec, execution.next_key(), TaskState.WAITING)
        waiting.internal_data.update(gateway=gateway.key, flow=flow.id)
        await_event(waiting, gateway)


def discard_waiting_events(host: Token) -> None:
    """Take away the events that still wait beside an activity or behind an event-based gateway."""
    if not host.node.boundary and host.node.type != "eventBasedGateway":
        return
    for token in host.workflow.live_tokens():
        if host.key in (token.internal_data.get("host"), token.internal_data.get("gateway")):
            host.execution.release(token)
            token.workflow.remove(token)


def trigger(token: Token, result: Mapping[str, object]) -> None:
    """Let the event of a waiting token happen; `result` are the variables it brings."""
    if "host" in token.internal_data:
        _trigger_boundary(token, result)
    elif "gateway" in token.internal_data:
        gateway = token.execution.tokens[token.internal_data.pop("gateway")]
        _close_wait(token)
        token.execution.leave_for(gateway, token)
        _go_on(token, result)
    else:
        _close_wait(token)
        _go_on(token, result)


def _close_wait(token: Token) -> None:
    execution = token.execution
    if (key := token.internal_data.pop("timer", None)) is not None:
        execution.changes.remove_timer(key)
    if (key := token.internal_data.pop("subscription", None)) is not None:
        execution.changes.remove_subscription(key)


def _trigger_boundary(token: Token, result: Mapping[str, object]) -> None:
    execution = token.execution
    host = execution.tokens[token.internal_data["host"]]
    if token.node.interrupting:
        del token.internal_data["host"]
        _close_wait(token)
        execution.cancel(host)
        _go_on(token, result)
        return
    event = event_of(token.node)
    if event.kind is EventKind.TIMER:
        _close_wait(token)
        if event.timer_kind is TimerKind.CYCLE:
            token._set_state(TaskState.FUTURE)  # noqa: SLF001 - SpiffWorkflow's own way
            execution.queue.append(token)  # the next time is told in turn, where a failure can become an incident
        else:
            token.workflow.remove(token)
    _go_on(_beside(token), result)


def _beside(token: Token) -> Token:
    return Token(token.workflow, token.task_spec, token.execution.next_key(), TaskState.WAITING)


def _go_on(token: Token, result: Mapping[str, object]) -> None:
    token.execution.enter(token)
    token.internal_data["result"] = dict(result)
    token._ready()  # noqa: SLF001 - SpiffWorkflow's own way


def throw_error(token: Token, error: ErrorThrown) -> None:
    """Hand a BPMN error to the nearest boundary event that catches its code; without one the token stops."""
    host: Token | None = token
    while host is not None:
        caught = _catching_node(host, error.code)
        if caught is not None:
            container, execution = host.workflow, host.execution
            execution.cancel(host)
            event = Token(container, container.spec.task_specs[caught.id], execution.next_key(), TaskState.WAITING)
            _go_on(event, error.variables)
            return
        host = host.workflow.owner
    message = f"expected a boundary event that catches the error {error.code!r}, found none"
    if error.message:
        message = f"{message}: {error.message}"
    token.execution.stop(token, TokenStopped(IncidentType.UNHANDLED_ERROR_EVENT, message), TaskState.READY)


def _catching_node(host: Token, code: str) -> FlowNode | None:
    catching = {event_of(n).error_code: n for n in _boundary_nodes(host) if event_of(n).kind is EventKind.ERROR}
    return catching.get(code) or catching.get(None)
