"""Starting, following and cancelling process instances."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

from server import access
from server.engine import Start, commands
from server.errors import Conflict, Forbidden, InvalidArgument, NotFound
from server.model import InstanceState, Query
from server.service.definitions import DefinitionReader
from server.service.idempotency import claim, keep
from server.service.process_definitions import find_start_form
from server.service.steps import open_step
from server.service.submissions import check_submission
from server.service.transactions import retried_once
from server.service.viewers import sees_process, viewer_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from server.access import Actor
    from server.engine import ExecutableProcess
    from server.model import Labels, Page, ProcessInstance, RescheduledTimer, StepResult, UserTask, Variables
    from server.service.context import Context
    from server.service.idempotency import Once
    from server.service.steps import Step
    from server.store import Reading, Transaction


@dataclass(frozen=True, slots=True)
class StartRequest:
    """Which process to start, named by id (latest, `version` or `version_tag`) or by definition key, and with what.

    With `elements` it begins at those instead of its start event.
    """

    process_id: str | None = None
    definition_key: int | None = None
    version: int | None = None
    version_tag: str | None = None
    elements: tuple[str, ...] = ()
    variables: Mapping[str, object] = field(default_factory=dict)
    business_id: str | None = None
    tags: tuple[str, ...] = ()
    locale: str = "zh-CN"


@dataclass(frozen=True, slots=True)
class Started:
    """A started instance and the user tasks that opened for the actor."""

    instance: ProcessInstance
    user_tasks: tuple[UserTask, ...]


@dataclass(frozen=True, slots=True)
class InstanceView:
    """An instance and whether one of its tokens is stopped."""

    instance: ProcessInstance
    has_incident: bool


@retried_once
def start_process_instance(context: Context, actor: Actor, request: StartRequest, once: Once | None = None) -> Started:
    """Start a process instance; with `once` that was done before, return what was started then.

    Raises `NotFound` for an unknown process, `Forbidden`, and `SubmissionInvalid` when the variables do not fit the
    start form.
    """
    with context.store.transaction() as tx:
        known = claim(context, tx, once)
        if known is not None:
            return _find_started(tx, actor, known)
        step = open_step(context, tx, actor)
        reader = DefinitionReader(context.definitions, tx)
        executable = _find_executable(reader, request)
        if not access.may_start(actor, executable.definition):
            raise Forbidden(f"you may not start {executable.definition.process_id!r}")
        form = find_start_form(reader, executable.definition.key)
        form_key = None if form is None else form.key
        accepted = check_submission(step, executable.definition.key, form_key, request.variables, {}, request.locale)
        start = Start(accepted.data, business_id=request.business_id, tags=request.tags, elements=request.elements)
        instance = commands.start(step.execution, executable, start)
        accepted.bind(step, instance.key)
        step.note("CREATE", "PROCESS_INSTANCE", instance.key, payload=accepted.data)
        for element_id in request.elements:
            step.note("ACTIVATE", "ELEMENT", element_id)
        result = step.save()
        opened = tasks_for(actor, result)
        keep(tx, once, instance=instance.key, tasks=[task.key for task in opened])
    return Started(_after(instance, result), opened)


def _find_started(reading: Reading, actor: Actor, known: Variables) -> Started:
    instance = reading.process_instance(cast("int", known["instance"]))
    if instance is None:
        raise NotFound(f"the process instance {known['instance']} that was started is gone")
    return Started(instance, find_tasks(reading, actor, known))


def find_tasks(reading: Reading, actor: Actor, known: Variables) -> tuple[UserTask, ...]:
    """Return the tasks that an earlier request of the actor opened, as they are now, as far as the actor sees them."""
    found = (reading.user_task(key) for key in cast("list[int]", known["tasks"]))
    return tuple(task for task in found if task is not None and access.may_see_task(actor, task))


def _after(instance: ProcessInstance, result: StepResult) -> ProcessInstance:
    """Return the instance as the step left it: it may have run to its end at once."""
    end = next((end for end in result.instances_ended if end.key == instance.key), None)
    return instance if end is None else replace(instance, state=end.state, end_date=end.at)


def tasks_for(actor: Actor, result: StepResult) -> tuple[UserTask, ...]:
    """Return the user tasks that a step opened, as far as the actor may see them."""
    return tuple(task for task in result.user_tasks_created if access.may_see_task(actor, task))


def _find_executable(reader: DefinitionReader, request: StartRequest) -> ExecutableProcess:
    if request.definition_key is not None:
        deployed = reader.reading.deployed_resource(request.definition_key)
        if deployed is None or deployed.deleted:
            raise NotFound(f"there is no process definition with key {request.definition_key}")
        return reader.process(request.definition_key)
    if not request.process_id:
        raise InvalidArgument("expected processDefinitionId or processDefinitionKey, found neither")
    wanted = ""
    if request.version_tag is not None:
        record = reader.reading.process_definition_by_tag(request.process_id, request.version_tag)
        wanted = f" with the version tag {request.version_tag!r}"
    elif request.version is not None and request.version > 0:
        wanted = f" in version {request.version}"
        record = reader.reading.process_definition_version(request.process_id, request.version)
    else:
        record = reader.reading.latest_process_definition(request.process_id)
    if record is None:
        raise NotFound(f"there is no process {request.process_id!r}{wanted}; deploy it first")
    return reader.process(record.key)


def get_process_instance(context: Context, actor: Actor, key: int) -> InstanceView:
    """Return one instance; raises `NotFound` also for those that the actor may not know of."""
    with context.store.reading() as reading:
        instance = find_visible_instance(reading, actor, key)
        return InstanceView(instance, bool(reading.instance_has_incident([key])))


def check_may_await(context: Context, actor: Actor, request: StartRequest) -> None:
    """Raise `Forbidden` unless the actor may have all variables of what is to be started, which its end brings."""
    with context.store.glancing() as reading:
        process_id = _find_executable(DefinitionReader(context.definitions, reading), request).definition.process_id
    if not sees_process(actor, process_id):
        raise Forbidden(
            f"awaiting the completion of {process_id!r} brings all of its variables: that needs an administrator or a "
            "client with the scope to read, or to operate the process"
        )


def find_result(context: Context, key: int, names: Collection[str]) -> dict[str, object] | None:
    """Return the variables with which an instance has completed, those of these names or all; None while it runs.

    Raises `Conflict` when it was terminated. For whoever started it and may have its variables (`check_may_await`).
    """
    with context.store.glancing() as reading:
        instance = reading.process_instance(key)
        if instance is not None and instance.state is InstanceState.TERMINATED:
            raise Conflict(f"expected the process instance {key} to complete, but it was terminated")
        if instance is None or instance.state is not InstanceState.COMPLETED:
            return None
        found = reading.variables(scope_keys=[key])
    return {one.name: one.value for one in found if not names or one.name in names}


def find_visible_instance(reading: Reading, actor: Actor, key: int) -> ProcessInstance:
    """Return an instance that the actor may know of; raises `NotFound` for all others."""
    instance = reading.process_instance(key)
    if instance is None or not may_see(reading, actor, instance):
        raise NotFound(f"there is no process instance with key {key}")
    return instance


def may_see(reading: Reading, actor: Actor, instance: ProcessInstance) -> bool:
    """Tell whether the actor may know of an instance; people may when one of its tasks is or was theirs to see."""
    if access.may_see_instance(actor, instance, involved=False):
        return True
    involved = reading.is_process_instance_visible(instance.key, viewer_of(actor, access.Action.SEE_INSTANCE))
    return access.may_see_instance(actor, instance, involved=involved)


def find_labels(context: Context, root_keys: Collection[int]) -> dict[int, Labels]:
    """Return what is written on root instances, for rendering what the actor was shown of them already."""
    if not root_keys:
        return {}
    with context.store.glancing() as reading:
        return reading.instance_labels(root_keys)


def search_process_instances(context: Context, actor: Actor, query: Query) -> Page[InstanceView]:
    """Search the instances that the actor may see; people see those that they started or have tasks in."""
    everything = access.find_observed(actor, access.Action.SEE_INSTANCE) is None
    viewer = None if everything else viewer_of(actor, access.Action.SEE_INSTANCE)
    with context.store.reading() as reading:
        page = reading.search_process_instances(query, viewer)
        stopped = reading.instance_has_incident([instance.key for instance in page.items])
    views = tuple(InstanceView(instance, instance.key in stopped) for instance in page.items)
    return page.holding(views)


@retried_once
def cancel_process_instance(context: Context, actor: Actor, key: int) -> None:
    """Cancel a root instance with everything in it; raises `NotFound`, `Forbidden` and `Conflict`."""
    with context.store.transaction() as tx:
        cancel_within(context, tx, actor, key)


def cancel_within(context: Context, tx: Transaction, actor: Actor, key: int) -> None:
    """Cancel a root instance in a transaction that does more; raises likewise."""
    instance = find_visible_instance(tx, actor, key)
    if not access.may_operate(actor, instance.process_id):
        raise Forbidden("only administrators, and clients with that scope, cancel process instances")
    if instance.parent_key is not None:
        raise Conflict(f"the process instance {key} was called by {instance.parent_key}; cancel the root instance")
    step = open_instance(context, tx, actor, instance.root_key)
    commands.cancel(step.execution)
    step.note("CANCEL", "PROCESS_INSTANCE", key)
    step.save()


@retried_once
def reschedule_timers(context: Context, actor: Actor, key: int) -> tuple[RescheduledTimer, ...]:
    """Evaluate the waiting timers of a root instance once more and move those that are due at another time now.

    For operators who changed variables that a deadline depends on. Returns every waiting timer, oldest first. Raises
    `NotFound`, `Forbidden` and `Conflict`.
    """
    with context.store.transaction() as tx:
        instance = find_visible_instance(tx, actor, key)
        if not access.may_operate(actor, instance.process_id):
            raise Forbidden("only administrators, and clients with that scope, reschedule timers")
        step = open_instance(context, tx, actor, instance.root_key)
        step.request_reschedule()
        step.note("RESCHEDULE", "PROCESS_INSTANCE", instance.root_key)
        step.save()
    return step.rescheduled


def open_instance(context: Context, tx: Transaction, actor: Actor, root_key: int) -> Step:
    """Lock a root instance and open a step on it; raises `Conflict` when it has ended."""
    locked = tx.lock_instance(root_key)
    if locked is None or not locked.active:
        raise Conflict(f"expected the process instance to be {InstanceState.ACTIVE}, but it has ended")
    return open_step(context, tx, actor, locked)
