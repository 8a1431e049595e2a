"""Messages, signals, timers and errors: how tokens wait for them and what happens when they come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

from server.catalog.model import EventKind, TimerKind, event_of
from server.engine.mappings import local_variables
from server.engine.stops import TokenStopped
from server.engine.timers import open_timer
from server.engine.tokens import Token
from server.model import MOST_SIGNALS, IncidentType, MessageSubscription, Signal, SignalSubscription

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from server.catalog.model import Event, FlowNode, SequenceFlow, Value
    from server.engine.stops import ErrorThrown
    from server.engine.tokens import Container


def await_event(token: Token, scope: Token) -> None:
    """Open the timer or subscription that a token waits for; expressions see the scope of `scope`."""
    event = event_of(token.node)
    if event.kind is EventKind.TIMER:
        open_timer(token, scope)
    elif event.kind is EventKind.SIGNAL:
        _open_signal_subscription(token, event, scope)
    else:
        _open_subscription(token, event, scope)


def _written(value: Value | None, token: Token) -> Value:
    """Return what the catalog has made sure is there."""
    if value is None:
        raise TypeError(f"expected a value at {token.node.id}")
    return value


def _open_subscription(token: Token, event: Event, scope: Token) -> None:
    """Wait for a message. The key of a boundary event is told around its activity, as in Camunda 8, the name inside."""
    execution = token.execution
    name, key = _written(event.message_name, token), _written(event.correlation_key, token)
    subscription = MessageSubscription(
        key=execution.next_key(),
        place=execution.place(token),
        message_name=execution.evaluator(scope).key(name, "message name"),
        correlation_key=execution.evaluator(token).key(key, "correlation key"),
        creation_date=execution.now,
    )
    token.internal_data["subscription"] = subscription.key
    execution.changes.subscriptions[subscription.key] = subscription


def _open_signal_subscription(token: Token, event: Event, scope: Token) -> None:
    execution = token.execution
    name = execution.evaluator(scope).key(_written(event.signal_name, token), "signal name")
    subscription = SignalSubscription(execution.next_key(), execution.place(token), name, execution.now)
    token.internal_data["signal"] = subscription.key
    execution.changes.signal_subscriptions[subscription.key] = subscription


def throw_signal(token: Token) -> None:
    """Throw the signal of an event with the variables of its own scope, those of its inputs (as Camunda 8 does)."""
    execution, value = token.execution, _written(event_of(token.node).signal_name, token)
    name = execution.evaluator(token).key(value, "signal name")
    if len(execution.changes.signals) >= execution.changes.signal_budget:
        message = (
            f"expected at most {MOST_SIGNALS} signals to come of one without a wait in between, divided among its "
            "receivers; found more: does a signal set off itself?"
        )
        raise TokenStopped(IncidentType.MESSAGE_SIZE_EXCEEDED, message, value.text)
    execution.changes.throw_signal(Signal(execution.next_key(), name, local_variables(token)))


def arm_boundary_events(host: Token) -> None:
    """Put a waiting token beside an activity for each of its timer, message and signal boundary events."""
    for node in _boundary_nodes(host):
        if waits(node):
            arm_boundary_event(host, node)


def arm_boundary_event(host: Token, node: FlowNode) -> None:
    """Put a waiting token beside an activity for one of its boundary events."""
    container = host.workflow
    waiting = Token(container, container.spec.task_specs[node.id], host.execution.next_key(), TaskState.WAITING)
    waiting.internal_data["host"] = host.key
    await_event(waiting, host)


def waits(node: FlowNode) -> bool:
    """Whether an event is waited for by a token; errors and escalations look for who catches them."""
    return event_of(node).kind in {EventKind.TIMER, EventKind.MESSAGE, EventKind.SIGNAL}


def _boundary_nodes(host: Token) -> Iterator[FlowNode]:
    nodes = host.workflow.executable.nodes
    return (nodes[node_id] for node_id in host.node.boundary)


def arm_events_behind(gateway: Token) -> None:
    """Put a waiting token before each event behind an event-based gateway."""
    for flow in gateway.node.outgoing:
        arm_event_behind(gateway, flow)


def arm_event_behind(gateway: Token, flow: SequenceFlow) -> None:
    """Put a waiting token before one of the events behind an event-based gateway."""
    container = gateway.workflow
    waiting = Token(container, container.spec.task_specs[flow.target], gateway.execution.next_key(), TaskState.WAITING)
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
    elif "listener" in token.internal_data:
        _trigger_event_sub_process(token, result)
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
    if (key := token.internal_data.pop("signal", None)) is not None:
        execution.changes.remove_signal_subscription(key)


def _trigger_boundary(token: Token, result: Mapping[str, object]) -> None:
    execution = token.execution
    host = execution.tokens[token.internal_data["host"]]
    if token.node.interrupting:
        del token.internal_data["host"]
        _close_wait(token)
        execution.cancel(host)
        _go_on(token, result)
        return
    _keep_waiting(token)
    _go_on(_beside(token), result)


def _keep_waiting(token: Token) -> None:
    """Let an event that does not interrupt wait on, if it can come again (of timers only a cycle can)."""
    event = event_of(token.node)
    if event.kind is EventKind.TIMER:
        _close_wait(token)
        if event.timer_kind is TimerKind.CYCLE:
            token._set_state(TaskState.FUTURE)  # noqa: SLF001 - SpiffWorkflow's own way
            token.execution.queue.append(token)  # the next time is told in turn, where a failure can be an incident
        else:
            token.workflow.remove(token)


def listen(container: Container) -> None:
    """Put a listening token into a container for each event sub-process that a timer, message or signal triggers."""
    for node in container.event_sub_processes():
        if waits(node):
            listening = container.execution.spawn(container, node)
            listening.internal_data["listener"] = True


def arm_event_sub_process(container: Container, node: FlowNode) -> None:
    """Put a listening token into a container that runs already."""
    spec = container.spec.task_specs[node.id]
    listening = Token(container, spec, container.execution.next_key(), TaskState.WAITING)
    listening.internal_data["listener"] = True
    await_event(listening, listening)


def _trigger_event_sub_process(token: Token, result: Mapping[str, object]) -> None:
    if token.node.interrupting:
        _close_wait(token)
        del token.internal_data["listener"]
        _run_event_sub_process(token, result)
    else:
        _keep_waiting(token)
        _run_event_sub_process(_beside(token), result)


def _run_event_sub_process(token: Token, result: Mapping[str, object]) -> None:
    """Run an event sub-process; one that interrupts first ends everything else in its container."""
    if token.node.interrupting:
        for other in token.workflow.live_tokens():
            if other is not token and not other.is_gone:
                token.execution.cancel(other)
    _go_on(token, result)


def _start_event_sub_process(container: Container, node: FlowNode, result: Mapping[str, object]) -> None:
    spec = container.spec.task_specs[node.id]
    token = Token(container, spec, container.execution.next_key(), TaskState.WAITING)
    _run_event_sub_process(token, result)


def _beside(token: Token) -> Token:
    return Token(token.workflow, token.task_spec, token.execution.next_key(), TaskState.WAITING)


def _go_on(token: Token, result: Mapping[str, object]) -> None:
    token.execution.happen(token)
    token.internal_data["result"] = dict(result)
    token._ready()  # noqa: SLF001 - SpiffWorkflow's own way


def throw_error(token: Token, error: ErrorThrown) -> None:
    """Hand a BPMN error to the nearest event that catches its code; without one the token stops.

    On the way outward come the boundary events of an activity, then the event sub-processes beside it.
    """
    for catcher in _catchers(token, EventKind.ERROR, error.code):
        _catch(catcher, error.variables)
        return
    message = f"expected a boundary event that catches the error {error.code!r}, found none"
    if error.message:
        message = f"{message}: {error.message}"
    token.execution.stop(token, TokenStopped(IncidentType.UNHANDLED_ERROR_EVENT, message), TaskState.READY)


def thrown_code(token: Token) -> str:
    """Return the code of the error or escalation that an event throws."""
    value = _written(event_of(token.node).thrown_code, token)
    code = token.execution.evaluator(token).text(value, "code")
    if code is None:
        raise TokenStopped(IncidentType.EXTRACT_VALUE_ERROR, "code: expected a text, found null", value.text)
    return code


def throw_escalation(token: Token, code: str) -> None:
    """Hand an escalation to the nearest event that catches its code; without one nothing happens (BPMN §10.5.6)."""
    for catcher in _catchers(token, EventKind.ESCALATION, code):
        _catch(catcher, {})
        return


@dataclass(frozen=True, slots=True)
class _Catcher:
    """An event that catches what came out of `host`: at its boundary, or as an event sub-process beside it."""

    host: Token
    node: FlowNode


def _catchers(token: Token, kind: EventKind, code: str) -> Iterator[_Catcher]:
    """Yield what catches, from the inside outward.

    What belongs to one scope stands side by side: the event sub-processes in it and the boundary events of the activity
    that it is. Of these an event for the very code comes before one for every code (Camunda 8, "error events").
    """
    yield from _catching(_at_boundary(token), kind, code)
    host: Token | None = token
    while host is not None:
        owner = host.workflow.owner
        inside = [_Catcher(host, node) for node in host.workflow.event_sub_processes() if node.id != host.node.id]
        yield from _catching([*inside, *_at_boundary(owner)], kind, code)
        host = owner


def _at_boundary(host: Token | None) -> list[_Catcher]:
    return [] if host is None else [_Catcher(host, node) for node in _boundary_nodes(host)]


def _catching(catchers: Iterable[_Catcher], kind: EventKind, code: str) -> Iterator[_Catcher]:
    found = [catcher for catcher in catchers if event_of(catcher.node).kind is kind]
    for wanted in (code, None):
        yield from (catcher for catcher in found if _code(catcher.node) == wanted)


def _code(node: FlowNode) -> str | None:
    event = event_of(node)
    return event.error_code or event.escalation_code


def _catch(catcher: _Catcher, result: Mapping[str, object]) -> None:
    container, execution, node = catcher.host.workflow, catcher.host.execution, catcher.node
    if node.type == "eventSubProcess":
        _start_event_sub_process(container, node, result)
        return
    if node.interrupting:
        execution.cancel(catcher.host)
    event = Token(container, container.spec.task_specs[node.id], execution.next_key(), TaskState.WAITING)
    _go_on(event, result)
