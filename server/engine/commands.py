"""What can be done to a process instance. Each command moves the tokens on until all of them wait.

A command that does not fit the state raises `Conflict` before anything has changed. What fails inside the process
afterwards is an incident, never an exception.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

from server.engine.events import listen, throw_error, trigger
from server.engine.mappings import open_scope
from server.engine.modification import begin_at
from server.engine.specs.ad_hoc import AdHocContainer, activatable_ids
from server.engine.stops import ErrorThrown, TokenStopped
from server.engine.timers import evaluate_again
from server.engine.tokens import RootContainer
from server.engine.values import canonical_variables
from server.errors import Conflict, InvalidArgument
from server.model import HistoryEvent, IncidentType, InstanceState, JobState, Place, ProcessInstance, UserTaskState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from server.catalog.model import FlowNode
    from server.engine.definitions import ExecutableProcess
    from server.engine.execution import Execution
    from server.engine.tokens import Token
    from server.model import Job, MessageSubscription, RescheduledTimer, Timer


@dataclass(frozen=True, slots=True)
class Start:
    """How a process instance begins.

    `start_event` is an element id, None for the one without a trigger; `correlation_key` that of the message it begins
    with. With `elements` it begins at those instead, as if a flow had led to each.
    """

    variables: Mapping[str, object]
    start_event: str | None = None
    business_id: str | None = None
    tags: tuple[str, ...] = ()
    correlation_key: str | None = None
    elements: tuple[str, ...] = ()


def start(execution: Execution, executable: ExecutableProcess, request: Start) -> ProcessInstance:
    """Start a root instance; raises `InvalidArgument` when the process has no such start event or element.

    Elements need no start event. Where they are refused, the execution must be thrown away.
    """
    found = None if request.elements else _find_start(executable, request.start_event)
    variables = canonical_variables(request.variables)
    key = execution.next_key()
    definition = executable.definition
    instance = ProcessInstance(
        key=key,
        root_key=key,
        process_definition_key=definition.key,
        process_id=definition.process_id,
        version=definition.version,
        state=InstanceState.ACTIVE,
        start_date=execution.now,
        business_id=request.business_id,
        tags=request.tags,
        started_by=execution.actor,
        start_correlation_key=request.correlation_key,
    )
    execution.root = RootContainer(execution, executable, key)
    execution.changes.instances_started.append(instance)
    execution.scopes.open(key, None, key, variables)
    if found is None:
        listen(execution.root)
        begin_at(execution.root, request.elements)
    else:
        execution.open(execution.root, found)
    execution.advance()
    return instance


def _find_start(executable: ExecutableProcess, wanted: str | None) -> FlowNode:
    starts = executable.process.body.start_events()
    found = next((n for n in starts if n.id == wanted or (wanted is None and n.event and n.event.kind == "none")), None)
    if found is None:
        raise InvalidArgument(f"the process {executable.process.id!r} cannot be started at {wanted or 'no trigger'}")
    return found


def complete_user_task(execution: Execution, element_instance_key: int, variables: Mapping[str, object]) -> None:
    """Complete a user task with what the person entered."""
    token = _waiting(execution, element_instance_key, "user_task", "user task")
    result = canonical_variables(variables)
    key = token.internal_data.pop("user_task")
    execution.changes.end_user_task(key, UserTaskState.COMPLETED, execution.now, execution.actor)
    _complete(execution, token, result)


def complete_job(execution: Execution, element_instance_key: int, variables: Mapping[str, object]) -> None:
    """Complete a job with the variables that the worker returns."""
    token = _waiting(execution, element_instance_key, "job", "job")
    result = canonical_variables(variables)
    execution.changes.end_job(token.internal_data.pop("job"), JobState.COMPLETED, execution.now)
    _complete(execution, token, result)


def throw_job_error(execution: Execution, element_instance_key: int, error: ErrorThrown) -> None:
    """Throw a BPMN error at the element of a job."""
    token = _waiting(execution, element_instance_key, "job", "job")
    error.variables = canonical_variables(error.variables)
    execution.changes.end_job(token.internal_data.pop("job"), JobState.ERROR_THROWN, execution.now)
    throw_error(token, error)
    execution.advance()


def give_up_job(execution: Execution, job: Job, message: str) -> None:
    """Open an incident for a job that has no retries left; resolving it makes a new job."""
    token = _waiting(execution, job.place.element_instance_key, "job", "job")
    if job.key in execution.changes.jobs:
        execution.changes.jobs[job.key] = replace(job, state=JobState.FAILED, retries=0, error_message=message)
    execution.stop(token, TokenStopped(IncidentType.JOB_NO_RETRIES, message), TaskState.READY)


def fire_timer(execution: Execution, element_instance_key: int, due_at: datetime | None = None) -> None:
    """Let a timer fire that was due at that moment."""
    token = _waiting(execution, element_instance_key, "timer", "timer")
    _happen(execution, token, {}, {} if due_at is None else {"due": due_at.isoformat()})


def _happen(execution: Execution, token: Token, variables: Mapping[str, object], cause: Mapping[str, object]) -> None:
    execution.cause = cause
    trigger(token, variables)
    execution.cause = {}
    execution.advance()


def correlate(
    execution: Execution, element_instance_key: int, variables: Mapping[str, object], message_name: str | None = None
) -> None:
    """Deliver a message to the element that waits for it."""
    token = _waiting(execution, element_instance_key, "subscription", "message subscription")
    cause = {} if message_name is None else {"message": message_name}
    _happen(execution, token, canonical_variables(variables), cause)


def awaits_message(execution: Execution, subscription: MessageSubscription) -> bool:
    """Tell whether a subscription is still open at this moment of the step."""
    token = execution.tokens.get(subscription.place.element_instance_key)
    return token is not None and token.internal_data.get("subscription") == subscription.key


def receive_signal(
    execution: Execution, element_instance_key: int, variables: Mapping[str, object], signal_name: str | None = None
) -> None:
    """Deliver a signal to the element that waits for it."""
    token = _waiting(execution, element_instance_key, "signal", "signal subscription")
    cause = {} if signal_name is None else {"signal": signal_name}
    _happen(execution, token, canonical_variables(variables), cause)


def reschedule(execution: Execution, waiting: Iterable[Timer]) -> tuple[RescheduledTimer, ...]:
    """Move the waiting timers whose due date is another one by now; `waiting` are the stored ones of the root instance.

    No token moves: see `engine.timers.evaluate_again`.
    """
    return evaluate_again(execution, waiting)


def activate_elements(
    execution: Execution,
    element_instance_key: int,
    elements: Mapping[str, Mapping[str, object]],
    *,
    cancel_remaining: bool = False,
) -> None:
    """Let elements of an ad-hoc sub-process begin, each with variables of its own; `cancel_remaining` ends the others.

    Raises `InvalidArgument` for ids that cannot begin there.
    """
    token = execution.tokens.get(element_instance_key)
    inside = execution.root.subprocesses.get(element_instance_key)
    if token is None or not isinstance(inside, AdHocContainer) or inside.is_done:
        raise Conflict(f"expected the ad-hoc sub-process {element_instance_key} to be active, but it is not")
    can_begin = activatable_ids(token)
    for element_id in elements:
        if element_id not in can_begin:
            raise InvalidArgument(f"expected one of {', '.join(can_begin)} as element id, found {element_id!r}")
    given = {element_id: canonical_variables(variables) for element_id, variables in elements.items()}
    for other in inside.live_tokens() if cancel_remaining else ():
        execution.cancel(other)
    for element_id, variables in given.items():
        inside.activate(element_id, variables)
    execution.advance()


def resolve_incident(
    execution: Execution, element_instance_key: int, incident_key: int, retries: int | None = None
) -> None:
    """Let the stopped token try again; a new incident opens when it fails again.

    `retries` are those that somebody gave the failed job; without any the new job has those of its diagram.
    """
    token = execution.tokens.get(element_instance_key)
    if token is None or token.internal_data.get("incident", [None])[0] != incident_key:
        raise Conflict(f"expected incident {incident_key} to be active, but it is resolved")
    if (job := token.internal_data.pop("job", None)) is not None:
        execution.changes.end_job(job, JobState.FAILED, execution.now)
    execution.retry(token)
    execution.advance()
    if retries and (anew := execution.changes.jobs.get(token.internal_data.get("job", 0))) is not None:
        execution.changes.jobs[anew.key] = replace(anew, retries=retries)


def set_variables(execution: Execution, scope_key: int, variables: Mapping[str, object], *, local: bool) -> None:
    """Write variables as an operator; `scope_key` is a process instance or an element instance.

    The history names who wrote what, and what was there before.
    """
    values = canonical_variables(variables)
    edited = scope_key
    if scope_key not in execution.scopes.scopes:
        token = execution.tokens.get(scope_key)
        if token is None:
            raise Conflict(f"expected the element instance {scope_key} to be active, but it has ended")
        if local:
            open_scope(token)
        else:
            scope_key = token.workflow.key
    seen = execution.scopes.scopes[scope_key].variables if local else execution.scopes.view(scope_key)
    previous = {name: seen[name] for name in values if name in seen}
    if local:
        execution.scopes.write_local(scope_key, values)
    else:
        execution.scopes.write(scope_key, values)
    _record_edit(execution, edited, values, previous)


def _record_edit(execution: Execution, key: int, values: Mapping[str, object], previous: Mapping[str, object]) -> None:
    token = execution.tokens.get(key)
    if token is None:
        container = execution.containers[key]
        process = container.executable.definition
        place = Place(
            process.process_id, key, container.instance_key, execution.root.key, process.key, process.process_id
        )
        element_type = "process"
    else:
        place, element_type = execution.place(token), token.node.type
    execution.append_line(
        element_type, HistoryEvent.EDITED, place, values, {"previous": previous} if previous else None
    )


def cancel(execution: Execution) -> None:
    """End the root instance and everything in it; raises `Conflict` when it has ended."""
    if not execution.is_active:
        raise Conflict(f"expected the process instance {execution.root.key} to be active, but it has ended")
    execution.terminate()


def _waiting(execution: Execution, element_instance_key: int, what: str, noun: str) -> Token:
    token = execution.tokens.get(element_instance_key)
    if token is None or what not in token.internal_data:
        raise Conflict(f"expected the {noun} at element instance {element_instance_key} to be open, but it has ended")
    if "incident" in token.internal_data:
        raise Conflict(f"expected the {noun} to be workable, but it has an incident; resolve that first")
    return token


def _complete(execution: Execution, token: Token, result: dict[str, object]) -> None:
    token.internal_data["result"] = result
    execution.queue.append(token)
    execution.advance()
