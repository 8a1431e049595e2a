"""Timers, messages and errors: how tokens wait for them and what happens when they come."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

from server.catalog.model import EventKind, TimerKind
from server.engine.stops import TokenStopped
from server.engine.tokens import Token
from server.model import IncidentType, MessageSubscription, Timer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from server.catalog.model import Event, FlowNode
    from server.engine.stops import ErrorThrown


def await_event(token: Token, scope: Token) -> None:
    """Open the timer or subscription that a token waits for; expressions see the scope of `scope`."""
    event = _event(token)
    if event.kind is EventKind.TIMER:
        _open_timer(token, event, scope)
    elif event.kind is EventKind.MESSAGE:
        _open_subscription(token, event, scope)


def _event(token: Token) -> Event:
    event = token.node.event
    if event is None:
        raise TypeError(f"expected an event at {token.node.id}")
    return event


def _open_timer(token: Token, event: Event, scope: Token) -> None:
    execution, value = token.execution, event.timer
    evaluate = execution.evaluator(scope)
    if value is None:
        raise TypeError(f"expected a time at {token.node.id}")
    if event.timer_kind is TimerKind.DATE:
        due = evaluate.moment(value, "timeDate")
    elif event.timer_kind is TimerKind.DURATION:
        due = evaluate.duration(value, "timeDuration").after(execution.now, execution.environment.zone)
    else:
        due = _next_repetition(token, scope)
    if due is None:
        raise TokenStopped(IncidentType.EXTRACT_VALUE_ERROR, "timeDate: expected a date, found null", value.text)
    _add_timer(token, due)


def _add_timer(token: Token, due: datetime) -> None:
    execution = token.execution
    timer = Timer(execution.next_key(), execution.place(token), due)
    token.internal_data["timer"] = timer.key
    execution.changes.timers[timer.key] = timer


def _next_repetition(token: Token, scope: Token) -> datetime | None:
    """Return when a cycle is due next, or None after its last time.

    Times that passed while nobody was there are skipped, so a cycle that fell behind does not storm.
    """
    execution, value = token.execution, _event(token).timer
    if value is None:
        raise TypeError(f"expected a cycle at {token.node.id}")
    times, interval = execution.evaluator(scope).cycle(value, "timeCycle")
    done = token.internal_data.get("repetitions", 0)
    if times is not None and done >= times:
        return None
    zone = execution.environment.zone
    last = token.internal_data.get("due")
    due = interval.after(datetime.fromisoformat(last) if last else execution.now, zone)
    if due <= execution.now and last:
        due = interval.after(execution.now, zone)
    token.internal_data["due"] = due.isoformat()
    token.internal_data["repetitions"] = done + 1
    return due


def _open_subscription(token: Token, event: Event, scope: Token) -> None:
    execution, evaluate = token.execution, token.execution.evaluator(scope)
    if event.message_name is None or event.correlation_key is None:
        raise TypeError(f"expected a message name and a correlation key at {token.node.id}")
    subscription = MessageSubscription(
        key=execution.next_key(),
        place=execution.place(token),
        message_name=evaluate.key(event.message_name, "message name"),
        correlation_key=evaluate.key(event.correlation_key, "correlation key"),
    )
    token.internal_data["subscription"] = subscription.key
    execution.changes.subscriptions[subscription.key] = subscription


def arm_boundary_events(host: Token) -> None:
    """Put a waiting token beside an activity for each of its timer and message boundary events."""
    container = host.workflow
    for node in _boundary_nodes(host):
        if node.event is not None and node.event.kind in {EventKind.TIMER, EventKind.MESSAGE}:
            key = host.execution.next_key()
            waiting = Token(container, container.spec.task_specs[node.id], key, TaskState.WAITING)
            waiting.internal_data["host"] = host.key
            await_event(waiting, host)


def _boundary_nodes(host: Token) -> Iterator[FlowNode]:
    nodes = host.workflow.executable.nodes
    return (nodes[node_id] for node_id in host.node.boundary)


def discard_boundary_events(host: Token) -> None:
    """Take away the boundary events that still wait beside an activity."""
    if not host.node.boundary:
        return
    for token in host.workflow.live_tokens():
        if token.internal_data.get("host") == host.key:
            host.execution.release(token)
            token.workflow.remove(token)


def trigger(token: Token, result: Mapping[str, object]) -> None:
    """Let the event of a waiting token happen; `result` are the variables it brings."""
    if "host" in token.internal_data:
        _trigger_boundary(token, result)
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
    event = _event(token)
    if event.kind is EventKind.TIMER:
        _close_wait(token)
        due = _next_repetition(token, host) if event.timer_kind is TimerKind.CYCLE else None
        if due is None:
            token.workflow.remove(token)
        else:
            _add_timer(token, due)
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
    catching = [n for n in _boundary_nodes(host) if n.event is not None and n.event.kind is EventKind.ERROR]
    exact = (n for n in catching if n.event is not None and n.event.error_code == code)
    every = (n for n in catching if n.event is not None and n.event.error_code is None)
    return next(exact, None) or next(every, None)
