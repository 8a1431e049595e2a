"""Timers of waiting tokens: when they are due, when a cycle comes again, and what other clocks or variables change."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

from server.catalog.model import TimerKind, event_of
from server.engine.stops import TokenStopped
from server.model import IncidentType, RescheduledTimer, Timer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from server.catalog.model import Event, Value
    from server.engine.execution import Execution
    from server.engine.tokens import Token

NO_TIME = "expected a time within the calendar's years 1 to 9999"
NO_CYCLE = f"{NO_TIME}, a millisecond or more away"
UNKNOWN_BEGINNING = "it began to wait before its beginning was kept, so its duration cannot be counted anew"


def open_timer(token: Token, scope: Token) -> None:
    """Let a token wait for the time of its event; the expression sees the scope of `scope`."""
    event, data = event_of(token.node), token.internal_data
    since = token.execution.now
    if event.timer_kind is TimerKind.CYCLE:
        since = _find_beginning(token, event, scope)
    due = _find_due(token, event, scope, since)
    _note(token, event, since, due)
    if event.timer_kind is TimerKind.CYCLE:
        data["repetitions"] = data.get("repetitions", 0) + 1
    timer = Timer(token.execution.next_key(), token.execution.place(token), due, token.execution.now)
    data["timer"] = timer.key
    token.execution.changes.timers[timer.key] = timer


def wait_again(token: Token) -> None:
    """Let the cycle of an event that does not interrupt wait for its next time; after its last time it is gone."""
    execution, host, event = token.execution, _find_scope(token), event_of(token.node)
    if event.timer_kind is TimerKind.CYCLE:  # a migration may have made something else of it
        times, _ = execution.evaluator(host).cycle(_written(event, token), "timeCycle")
        if times is not None and token.internal_data["repetitions"] >= times:
            token.workflow.remove(token)
            return
    open_timer(token, host)
    token._set_state(TaskState.WAITING)  # noqa: SLF001 - SpiffWorkflow's own way


def evaluate_again(execution: Execution, waiting: Iterable[Timer]) -> tuple[RescheduledTimer, ...]:
    """Evaluate the timers that wait once more, and move those that are due at another time now; nothing else happens.

    `waiting` are the stored timers of the root instance; those that this step opened are known. A duration counts from
    when its timer began to wait, a cycle from its last time. How often a cycle still comes is asked when it comes. An
    expression that gives no time any more leaves its timer as it is: an old deadline is better than none, and an
    incident would stop work that is under way. The answer names every timer, oldest first, with what was wrong.
    """
    rows = {timer.key: timer for timer in waiting} | execution.changes.timers
    tokens = {token.internal_data.get("timer"): token for token in execution.tokens.values()}
    return tuple(_reschedule(tokens[key], timer) for key, timer in sorted(rows.items()) if key in tokens)


def _reschedule(token: Token, timer: Timer) -> RescheduledTimer:
    event, since = event_of(token.node), token.internal_data.get("since")
    if since is None and event.timer_kind is not TimerKind.DATE:
        return RescheduledTimer(timer, timer.due_at, UNKNOWN_BEGINNING)
    began = token.execution.now if since is None else datetime.fromisoformat(since)
    try:
        due = _find_due(token, event, _find_scope(token), began)
    except TokenStopped as stopped:
        return RescheduledTimer(timer, timer.due_at, stopped.message)
    if due != timer.due_at:
        token.execution.changes.move_timer(timer.key, due)
        _note(token, event, began, due)
    return RescheduledTimer(timer, due)


def _find_scope(token: Token) -> Token:
    """Return the token whose scope the expressions of a waiting event see: its activity, its gateway, or itself."""
    data = token.internal_data
    return token.execution.tokens[data.get("host", data.get("gateway", token.key))]


def _find_beginning(token: Token, event: Event, scope: Token) -> datetime:
    """Return from when a cycle counts to its next time: from its last one.

    Times that passed while nobody was there are skipped, so a cycle that fell behind does not storm: like Camunda 8 it
    comes once for all of them and counts on from then.
    """
    execution, last = token.execution, token.internal_data.get("due")
    if last is not None:
        due = _find_due(token, event, scope, datetime.fromisoformat(last))
        if due > execution.now:
            return datetime.fromisoformat(last)
    return execution.now


def _find_due(token: Token, event: Event, scope: Token, since: datetime) -> datetime:
    execution, value = token.execution, _written(event, token)
    evaluate, zone = execution.evaluator(scope), execution.environment.zone
    due: datetime | None
    if event.timer_kind is TimerKind.DATE:
        due = evaluate.moment(value, "timeDate")
    elif event.timer_kind is TimerKind.DURATION:
        due = evaluate.duration(value, "timeDuration").after(since, zone)
    else:
        _, interval = evaluate.cycle(value, "timeCycle")
        due = interval.after(since, zone)
        if due is not None and due <= since:
            due = None
    if due is None:
        expected = NO_CYCLE if event.timer_kind is TimerKind.CYCLE else NO_TIME
        raise TokenStopped(IncidentType.EXTRACT_VALUE_ERROR, f"{event.timer_kind}: {expected}, found none", value.text)
    return due


def _note(token: Token, event: Event, since: datetime, due: datetime) -> None:
    """Keep what a later evaluation needs."""
    if event.timer_kind is not TimerKind.DATE:
        token.internal_data["since"] = since.isoformat()
    if event.timer_kind is TimerKind.CYCLE:
        token.internal_data["due"] = due.isoformat()


def _written(event: Event, token: Token) -> Value:
    if event.timer is None:  # the catalog has made sure
        raise TypeError(f"expected a value at {token.node.id}")
    return event.timer
