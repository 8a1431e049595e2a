"""Hand-offs of an open task: given away for good (转办), for a while (委派), and back; reminders (催办).

Each is one transaction with one line in the task's hand-offs and one in the audit log. Source of the words: the
vocabulary of office work that users expect; who may: `access.ALLOWED`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from server import access
from server.access import Action
from server.engine import canonical_variables
from server.errors import Conflict, Forbidden, InvalidArgument, TooManyRequests
from server.governance.co_signing import forget_holder
from server.model import AuditEntry, Condition, Draft, EventKind, HandOff, HandOffKind, Query, UserTaskState
from server.service.announcements import tell_of_task
from server.service.colleagues import find_colleague, require_colleague
from server.service.definitions import DefinitionReader
from server.service.private_values import remove_private
from server.service.process_instances import find_visible_instance
from server.service.steps import check_running
from server.service.transactions import retried_once
from server.service.user_tasks import (
    check_delegation,
    find_visible_task,
    give_user_task,
    open_user_task,
    record_assignment,
)
from server.service.viewers import viewer_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from server.access import Actor
    from server.model import ProcessInstance, UserTask
    from server.service.context import Context
    from server.store import Reading, Transaction

OPERATIONS: Mapping[HandOffKind, str] = {
    HandOffKind.TRANSFER: "TRANSFER",
    HandOffKind.DELEGATION: "DELEGATE",
    HandOffKind.HAND_BACK: "HAND_BACK",
    HandOffKind.RETURN: "RETURN",
    HandOffKind.WITHDRAWAL: "WITHDRAW",
    HandOffKind.CO_SIGNER_ADDITION: "ADD_CO_SIGNER",
    HandOffKind.CO_SIGNER_REMOVAL: "REMOVE_CO_SIGNER",
    HandOffKind.SIGNATURE: "SIGN",
    HandOffKind.COPY: "COPY",
    HandOffKind.REMINDER: "REMIND",
    HandOffKind.VOIDING: "VOID",
}
"""What the audit log calls them."""
REMINDER_INTERVAL = timedelta(hours=1)
"""How long nobody is reminded again of the same task, or of everything in the same instance."""
MOST_REMINDED = 200


@dataclass(frozen=True, slots=True)
class Recipient:
    """To whom a task is given: a person or a group, exactly one of them."""

    assignee: str | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class HandOffs:
    """A task as it stands, and what was done with it."""

    task: UserTask
    items: tuple[HandOff, ...]


def list_hand_offs(context: Context, actor: Actor, key: int) -> HandOffs:
    """Return what was done with a task, in order; raises `NotFound`."""
    with context.store.reading() as reading:
        task = find_visible_task(reading, actor, key)
        return HandOffs(task, reading.hand_offs_of_user_task(key))


def list_hand_offs_of_instance(context: Context, actor: Actor, key: int) -> tuple[HandOff, ...]:
    """Return what was done with an instance and, in it, with the tasks that the actor may see; raises `NotFound`."""
    with context.store.reading() as reading:
        instance = find_visible_instance(reading, actor, key)
        viewer = None if access.find_observed(actor, Action.SEE_TASK) is None else viewer_of(actor, Action.SEE_TASK)
        return reading.hand_offs_of_root(instance.root_key, viewer)


@retried_once
def transfer_user_task(context: Context, actor: Actor, key: int, recipient: Recipient, reason: str) -> None:
    """Give a task to another person, or to another group alone. Raises `InvalidArgument`, `Forbidden`, `Conflict`."""
    if (recipient.assignee is None) == (recipient.group is None):
        raise InvalidArgument("expected either an assignee or a group, found both or none")
    with context.store.transaction() as tx:
        task = open_user_task(tx, actor, key)
        require_hand(actor, Action.TRANSFER_TASK, task)
        after = replace(task, owner=None, co_signers=forget_holder(task.co_signers))
        if recipient.group is not None:
            if "\0" in recipient.group or not tx.members_of(recipient.group):
                raise InvalidArgument(f"expected a group with members, found {recipient.group!r:.80}")
            after = replace(after, assignee=None, candidate_groups=(recipient.group,), candidate_users=())
        else:
            after = replace(after, assignee=_other(context, tx, task, recipient.assignee or ""))
        tx.replace_user_task(task, after)
        record_assignment(context, tx, actor, task, after.assignee)
        given = recipient.group or recipient.assignee or ""
        named = ((), (given,)) if recipient.group else ((given,), ())
        tell_of_task(context, tx, actor, EventKind.TASK_ASSIGNED, after, *named)
        note_hand_off(context, tx, actor, task, HandOffKind.TRANSFER, reason, recipients=(given,))


@retried_once
def delegate_user_task(context: Context, actor: Actor, key: int, assignee: str, reason: str) -> None:
    """Have another person do a task; who holds it now gets it back. Raises `InvalidArgument`, `Forbidden`, `Conflict`.

    When a lead delegates a task that nobody holds, it comes back to the lead.
    """
    with context.store.transaction() as tx:
        task = open_user_task(tx, actor, key)
        require_hand(actor, Action.DELEGATE_TASK, task)
        if task.owner is not None:
            raise Conflict(f"expected a task that is not delegated, but {task.owner} has delegated it already")
        delegate = _other(context, tx, task, assignee)
        tx.replace_user_task(task, replace(task, assignee=delegate, owner=task.assignee or actor.name))
        record_assignment(context, tx, actor, task, delegate)
        tell_of_task(context, tx, actor, EventKind.TASK_ASSIGNED, task, (delegate,))
        note_hand_off(context, tx, actor, task, HandOffKind.DELEGATION, reason, recipients=(delegate,))


@retried_once
def hand_back_user_task(
    context: Context, actor: Actor, key: int, variables: Mapping[str, object] | None, reason: str
) -> None:
    """Give a delegated task back to who delegated it; what was filled in becomes their draft.

    Where they have left it goes to its group. Also for the owner, who so takes it back. Raises `Forbidden`, `Conflict`.
    """
    typed = canonical_variables(variables or {})
    with context.store.transaction() as tx:
        task = open_user_task(tx, actor, key)
        if not access.may_hand_on(actor, Action.HAND_BACK_TASK, task):
            raise Forbidden("only who does a delegated task, its owner, the lead and administrators hand it back")
        if task.owner is None:
            raise Conflict("expected a delegated task, but nobody has delegated it")
        owner = find_colleague(context, tx, task.owner)
        give_user_task(tx, task, None if owner is None else owner.name)
        record_assignment(context, tx, actor, task, None if owner is None else owner.name)
        if owner is not None and typed:
            if task.form_key is not None:
                _, form = DefinitionReader(context.definitions, tx).form(task.form_key)
                typed = remove_private(typed, form.private_fields)
            tx.put_draft(Draft(key, owner.name, typed, context.now()))
        tell_of_task(context, tx, actor, EventKind.TASK_ASSIGNED, task, (task.owner,))
        note_hand_off(context, tx, actor, task, HandOffKind.HAND_BACK, reason, recipients=(task.owner,))


@retried_once
def remind_user_task(context: Context, actor: Actor, key: int, reason: str) -> None:
    """Remind who has a task to do, at most once an hour. Raises `Forbidden`, `Conflict`, `TooManyRequests`."""
    with context.store.transaction() as tx:
        task = open_user_task(tx, actor, key)
        if not access.may_hand_on(actor, Action.REMIND_TASK, task, started=has_started(tx, actor, task)):
            raise Forbidden("only who started the instance, the lead and who follows the task remind of it")
        _check_interval(context.now(), tx.last_reminder(task.place.root_key, key))
        _remind(context, tx, actor, task, reason)


@retried_once
def remind_process_instance(context: Context, actor: Actor, key: int, reason: str) -> int:
    """Remind everybody who has to do something in a root instance, at most once an hour; returns of how many tasks.

    Tasks of which somebody was reminded within the hour are left out. Raises `NotFound`, `Forbidden`, `Conflict`.
    """
    with context.store.transaction() as tx:
        instance = find_visible_instance(tx, actor, key)
        check_running(tx.lock_instance(instance.root_key))
        require_instance(tx, actor, Action.REMIND_INSTANCE, instance)
        _check_interval(context.now(), tx.last_reminder(instance.root_key, None))
        waiting = (Condition("root_key", "eq", instance.root_key), Condition("state", "eq", UserTaskState.CREATED))
        tasks = tx.search_user_tasks(Query(waiting, limit=MOST_REMINDED)).items
        if not tasks:
            raise Conflict("expected an open user task in the process instance, but there is none")
        since = context.now() - REMINDER_INTERVAL
        last = {task.key: tx.last_reminder(instance.root_key, task.key) for task in tasks}
        due = [task for task in tasks if (before := last[task.key]) is None or before <= since]
        for task in due:
            _remind(context, tx, actor, task, reason)
        note_instance(context, tx, actor, instance, HandOffKind.REMINDER, reason)
    return len(due)


def require_hand(actor: Actor, action: Action, task: UserTask) -> None:
    """Return when the actor may hand a task on.

    Raises `Conflict` when it is delegated, or another candidate or nobody holds it; else `Forbidden`.
    """
    if access.may_hand_on(actor, action, task):
        check_delegation(actor, task)
        return
    if access.may_complete_task(actor, replace(task, assignee=None)):
        raise Conflict(f"expected the task to be yours, but {task.assignee or 'nobody'} holds it")
    raise Forbidden("only who holds the task, the lead of the unit and administrators do this")


def require_instance(reading: Reading, actor: Actor, action: Action, instance: ProcessInstance) -> None:
    """Return when the actor may do this with an instance that they see; raises `Forbidden`."""
    if not is_in_charge(reading, actor, action, instance):
        raise Forbidden("only who started the instance, the lead of their unit and administrators do this")


def is_in_charge(
    reading: Reading, actor: Actor, action: Action, instance: ProcessInstance, *, begun: bool = True
) -> bool:
    """Tell whether the actor may do this with an instance that they see; `begun`: one of its tasks is completed."""
    starter = None if instance.started_by is None else reading.user_account_with_groups(instance.started_by)
    return access.may_handle_instance(
        actor,
        action,
        instance,
        starter_groups=() if starter is None else starter[1],
        copied=reading.is_copied_to(instance.root_key, access.find_own_names(actor)),
        begun=begun,
    )


def has_started(reading: Reading, actor: Actor, task: UserTask) -> bool:
    """Tell whether the actor has started the root instance of a task."""
    root = reading.process_instance(task.place.root_key)
    return actor.kind != "system" and root is not None and root.started_by == actor.name


def note_hand_off(
    context: Context,
    tx: Transaction,
    actor: Actor,
    task: UserTask,
    kind: HandOffKind,
    reason: str,
    *,
    recipients: tuple[str, ...] = (),
    element_id: str | None = None,
) -> None:
    """Add the line of a hand-off of a task to its hand-offs and to the audit log."""
    place, absent = task.place, access.find_absent(actor, task)
    key, now, root = task.key, context.now(), place.root_key
    line = HandOff(
        next(tx.keys), kind, root, place.process_instance_key, key, actor.name, now, reason, recipients, absent,
        element_id,
    )  # fmt: skip
    tx.add_hand_off(line)
    tx.add_audit([AuditEntry(now, actor.name, OPERATIONS[kind], "USER_TASK", str(key), root, acting_for=absent)])


def note_instance(
    context: Context,
    tx: Transaction,
    actor: Actor,
    instance: ProcessInstance,
    kind: HandOffKind,
    reason: str,
    recipients: tuple[str, ...] = (),
) -> None:
    """Add the line of what was done with a whole instance to its hand-offs and to the audit log."""
    key, now, root = instance.key, context.now(), instance.root_key
    tx.add_hand_off(HandOff(next(tx.keys), kind, root, key, None, actor.name, now, reason, recipients))
    tx.add_audit([AuditEntry(now, actor.name, OPERATIONS[kind], "PROCESS_INSTANCE", str(key), root)])


def _other(context: Context, tx: Transaction, task: UserTask, name: str) -> str:
    if name == task.assignee:
        raise Conflict(f"expected somebody else than who holds the task, found {name!r}")
    return require_colleague(context, tx, name).name


def _remind(context: Context, tx: Transaction, actor: Actor, task: UserTask, reason: str) -> None:
    candidates = (*task.candidate_users, *task.candidate_groups)
    reminded = candidates if task.assignee is None else (task.assignee,)
    held = task.assignee is not None
    people, groups = (reminded, ()) if held else (task.candidate_users, task.candidate_groups)
    tell_of_task(context, tx, actor, EventKind.REMINDED, task, people, groups)
    note_hand_off(context, tx, actor, task, HandOffKind.REMINDER, reason, recipients=reminded)


def _check_interval(now: datetime, last: datetime | None) -> None:
    if last is not None and now - last < REMINDER_INTERVAL:
        wait = int((REMINDER_INTERVAL - (now - last)).total_seconds()) + 1
        raise TooManyRequests(f"somebody has been reminded of this within the hour; wait {wait} s", retry_after=wait)
