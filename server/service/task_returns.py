"""Going back: to an earlier task (退回), or to one's own while nobody has begun the next (撤回); or not at all (作废).

Variables stay as they are, and what lies between the two tasks runs once more. Where the work cannot go back, `engine`
says why: `engine.returns`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server import access
from server.access import Action
from server.engine import commands
from server.engine.returns import TASKS, find_returns, return_to
from server.errors import Conflict, Forbidden
from server.model import Condition, HandOffKind, Query, UserTaskState
from server.service.colleagues import find_colleague
from server.service.hand_offs import is_in_charge, note_hand_off, note_instance, require_hand
from server.service.modification import ReturnTarget
from server.service.process_instances import find_visible_instance, open_instance
from server.service.scopes import read_execution
from server.service.steps import check_running, open_step
from server.service.transactions import retried_once
from server.service.user_tasks import check_open, find_visible_task, open_user_task, record_assignment

if TYPE_CHECKING:
    from server.access import Actor
    from server.model import UserTask
    from server.service.context import Context
    from server.service.steps import Step
    from server.store import Reading, Transaction


@dataclass(frozen=True, slots=True)
class ReturnRequest:
    """Where to: a user task by element id, the one that the starter did, or (neither) the previous one."""

    element_id: str | None = None
    to_starter: bool = False


def list_return_targets(context: Context, actor: Actor, key: int) -> tuple[ReturnTarget, ...]:
    """Return the user tasks to which an open task can be returned, the oldest first.

    For who may return it. Raises `NotFound`, `Forbidden`, `Conflict`.
    """
    with context.store.reading() as reading:
        task = find_visible_task(reading, actor, key)
        check_open(task)
        require_hand(actor, Action.RETURN_TASK, task)
        place = task.place
        execution = read_execution(context, reading, place.root_key)
        if execution is None:
            raise Conflict("expected the process instance to be ACTIVE, but it has ended")
        visited = reading.completed_elements(place.process_instance_key)
        nodes = execution.definitions.process(place.process_definition_key).nodes
        found = find_returns(execution, place.element_instance_key, visited)
        return tuple(ReturnTarget(element_id, nodes[element_id].name) for element_id in found)


@retried_once
def return_user_task(context: Context, actor: Actor, key: int, request: ReturnRequest, reason: str) -> str:
    """Send the work back to an earlier user task, to who completed it last; returns the element's id.

    Raises `NotFound`, `Forbidden`, and `Conflict` with the reason why it may not go back there.
    """
    with context.store.transaction() as tx:
        task = open_user_task(tx, actor, key)
        require_hand(actor, Action.RETURN_TASK, task)
        step = open_instance(context, tx, actor, task.place.root_key)
        element_id, who = _choose(step, tx, task, request)
        opened = _go_back(step, tx, task, element_id)
        _give(context, tx, actor, opened, who)
        note_hand_off(context, tx, actor, task, HandOffKind.RETURN, reason, element_id=element_id)
    return element_id


@retried_once
def withdraw_user_task(context: Context, actor: Actor, key: int, reason: str) -> UserTask:
    """Take back a task that the actor has completed; returns the one that opened in its place.

    Only the last user task that was completed, and only while nothing has been done with the one that followed:
    nobody has claimed it or handed it on, nobody has begun to fill it in. Raises `NotFound`, `Forbidden`, `Conflict`.
    """
    with context.store.transaction() as tx:
        locked = tx.lock_instance_of_user_task(key)
        task = find_visible_task(tx, actor, key)
        check_running(locked)
        following = find_withdrawable(tx, actor, task)
        step = open_step(context, tx, actor, locked)
        opened = _go_back(step, tx, following, task.place.element_id)
        _give(context, tx, actor, opened, actor.name)
        note_hand_off(context, tx, actor, task, HandOffKind.WITHDRAWAL, reason, element_id=task.place.element_id)
    return opened


def find_withdrawable(reading: Reading, actor: Actor, task: UserTask) -> UserTask:
    """Return the task that followed a completed one and that nobody has begun; raises `Forbidden` and `Conflict`."""
    if task.state is not UserTaskState.COMPLETED:
        raise Conflict(f"expected the user task to be {UserTaskState.COMPLETED}, but it is {task.state}")
    place = task.place
    completions = reading.user_task_completions(place.process_instance_key)
    completer = next((who for _, key, who in completions if key == place.element_instance_key), None)
    if not access.may_withdraw(actor, completer):
        raise Forbidden("only who has completed a task takes it back")
    if completions[-1][1] != place.element_instance_key:
        raise Conflict("expected that no user task was completed since, but one was")
    waiting = (
        Condition("process_instance_key", "eq", place.process_instance_key),
        Condition("state", "eq", UserTaskState.CREATED),
        Condition("creation_date", "gte", task.completion_date),
    )
    following = reading.search_user_tasks(Query(waiting, limit=2)).items
    if len(following) != 1:
        raise Conflict(f"expected one open user task that followed, but there are {len(following) or 'none'}")
    if reading.is_noted("USER_TASK", following[0].key) or reading.has_draft(following[0].key):
        raise Conflict("expected that nobody has begun the user task that followed, but somebody has")
    return following[0]


@retried_once
def void_process_instance(context: Context, actor: Actor, key: int, reason: str) -> None:
    """End a root instance with everything in it, for a reason (作废).

    Who started it may as long as none of its user tasks is completed; then the lead of a unit of theirs, or an
    administrator. Raises `NotFound`, `Forbidden`, `Conflict`.
    """
    with context.store.transaction() as tx:
        instance = find_visible_instance(tx, actor, key)
        if instance.parent_key is not None:
            raise Conflict(f"the process instance {key} was called by {instance.parent_key}; void the root instance")
        step = open_instance(context, tx, actor, instance.root_key)
        begun = tx.has_completed_user_task(instance.root_key)
        if not is_in_charge(tx, actor, Action.VOID_INSTANCE, instance, begun=begun):
            if is_in_charge(tx, actor, Action.VOID_INSTANCE, instance, begun=False):
                raise Conflict("expected that none of its user tasks is completed, but one is: ask the lead")
            raise Forbidden("only who started the instance, the lead of their unit and administrators void it")
        commands.cancel(step.execution)
        step.save()
        note_instance(context, tx, actor, instance, HandOffKind.VOIDING, reason)


def _choose(step: Step, tx: Transaction, task: UserTask, request: ReturnRequest) -> tuple[str, str | None]:
    """Return where a task goes back to, and who shall do that: whoever completed it last."""
    place = task.place
    completions = tx.user_task_completions(place.process_instance_key)
    last = {element_id: who for element_id, _, who in completions}
    wanted = request.element_id
    if wanted is not None:
        node = step.reader.process(place.process_definition_key).nodes.get(wanted)
        if node is None or node.type not in TASKS:
            raise Conflict(f"expected a user task of the same process, found {wanted!r:.80}")
        return wanted, last.get(wanted)
    visited = tx.completed_elements(place.process_instance_key)
    targets = find_returns(step.execution, place.element_instance_key, visited)
    root = tx.process_instance(place.root_key)
    starter = None if root is None else root.started_by
    found = [
        one for one in reversed(completions) if one[0] in targets and (not request.to_starter or one[2] == starter)
    ]
    if not found:
        whose = "that the starter has completed" if request.to_starter else "before this one"
        raise Conflict(f"expected a user task {whose} and to which the work can go back, but there is none")
    element_id, _, who = found[-1] if request.to_starter else found[0]
    return element_id, who


def _go_back(step: Step, tx: Transaction, task: UserTask, element_id: str) -> UserTask:
    place = task.place
    visited = tx.completed_elements(place.process_instance_key)
    return_to(step.execution, place.element_instance_key, element_id, visited)
    for opened in step.save().user_tasks_created:
        if opened.place.element_id == element_id and opened.place.process_instance_key == place.process_instance_key:
            return opened
    raise Conflict(f"expected that {element_id!r} opens again, but it stops: an operator has to look at it")


def _give(context: Context, tx: Transaction, actor: Actor, opened: UserTask, name: str | None) -> None:
    """Assign what has opened again to who did it before, if they still may."""
    colleague = None if name is None else find_colleague(context, tx, name)
    if colleague is None or opened.assignee is not None or not access.may_complete_task(colleague, opened):
        return
    tx.assign_user_task(opened.key, colleague.name)
    record_assignment(context, tx, actor, opened, colleague.name)
