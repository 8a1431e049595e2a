"""What the actor may do now with a task or an instance, in the last words of the paths, so that pages show buttons.

Judged by the rights and by the state that is cheap to read: a return may still find no way back, a reminder may come
too soon, and what a form says about data is told by the completion.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import access
from server.access import Action
from server.errors import Conflict, Forbidden
from server.governance.co_signing import find_missing, find_turn
from server.model import InstanceState, UserTaskState
from server.service.four_eyes import is_for_another
from server.service.hand_offs import has_started, is_in_charge
from server.service.process_instances import find_visible_instance
from server.service.task_returns import find_withdrawable
from server.service.user_tasks import find_visible_task

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from server.access import Actor
    from server.model import UserTask
    from server.service.context import Context
    from server.store import Reading

ALWAYS: Mapping[str, Action] = {"copies": Action.COPY_TASK, "comments": Action.COMMENT_TASK}
IN_HAND: Mapping[str, Action] = {
    "transfer": Action.TRANSFER_TASK,
    "return": Action.RETURN_TASK,
    "co-signers": Action.CHANGE_CO_SIGNERS,
}
"""What who holds an open task does with it, as long as it is not delegated."""


def list_task_actions(context: Context, actor: Actor, key: int) -> tuple[str, ...]:
    """Return what the actor may do with a task; raises `NotFound`."""
    with context.store.reading() as reading:
        task = find_visible_task(reading, actor, key)
        started = has_started(reading, actor, task)
        found = [name for name, action in ALWAYS.items() if access.may_hand_on(actor, action, task, started=started)]
        instance = reading.process_instance(task.place.root_key)
        runs = instance is not None and instance.state is InstanceState.ACTIVE and instance.suspended_date is None
        if runs and task.state is UserTaskState.CREATED:
            found += _list_open(reading, actor, task)
            if access.may_hand_on(actor, Action.REMIND_TASK, task, started=started):
                found.append("reminder")
        elif runs and _is_withdrawable(reading, actor, task):
            found.append("withdrawal")
    return tuple(sorted(found))


def list_instance_actions(context: Context, actor: Actor, key: int) -> tuple[str, ...]:
    """Return what the actor may do with a process instance; raises `NotFound`."""
    with context.store.reading() as reading:
        instance = find_visible_instance(reading, actor, key)
        asked = {"copies": Action.COPY_INSTANCE}
        if instance.state is InstanceState.ACTIVE and instance.suspended_date is None:
            asked["reminder"] = Action.REMIND_INSTANCE
        if instance.state is InstanceState.ACTIVE and instance.parent_key is None:
            asked["voiding"] = Action.VOID_INSTANCE
        begun = reading.has_completed_user_task(instance.root_key)
        found = [name for name, action in asked.items() if is_in_charge(reading, actor, action, instance, begun=begun)]
        if access.may_comment_instance(actor):
            found.append("comments")
    return tuple(sorted(found))


def _list_open(reading: Reading, actor: Actor, task: UserTask) -> Iterable[str]:
    for_another = is_for_another(reading, task, actor.name)
    free = task.owner is None or access.may_update_task(actor, task)
    found = [name for name, action in IN_HAND.items() if free and access.may_hand_on(actor, action, task)]
    if task.owner is None and access.may_hand_on(actor, Action.DELEGATE_TASK, task):
        found.append("delegation")
    if task.owner is not None and access.may_hand_on(actor, Action.HAND_BACK_TASK, task):
        found.append("hand-back")
    if task.assignee is None and not for_another and access.may_claim(actor, task):
        found.append("assignment")
    if task.assignee is not None and free and access.may_assign(actor, task, None):
        found.append("unassignment")
    held = task.owner is None and not for_another and access.may_complete_task(actor, task)
    if held and not find_missing(task.co_signers):
        found.append("completion")
    holder = task.assignee if access.holds_task(actor, task) else None
    signs = access.may_hand_on(actor, Action.SIGN_TASK, task)
    if signs and find_turn(task.co_signers, access.find_own_names(actor), holder) is not None:
        found.append("signature")
    return found


def _is_withdrawable(reading: Reading, actor: Actor, task: UserTask) -> bool:
    try:
        find_withdrawable(reading, actor, task)
    except (Conflict, Forbidden):
        return False
    return True
