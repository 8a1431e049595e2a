"""User tasks: found, claimed, handed on and completed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from server import access
from server.access import Action
from server.engine import commands
from server.errors import Conflict, Forbidden, InvalidArgument, NotFound
from server.forms import json_schema, parse_form
from server.governance.co_signing import find_missing
from server.model import AuditEntry, Condition, EventKind, HistoryEvent, HistoryRecord, UserTaskState
from server.service.announcements import tell_of_task
from server.service.four_eyes import check_second_person
from server.service.idempotency import claim, keep
from server.service.preconditions import UNCONDITIONAL, check_precondition, make_tag
from server.service.process_instances import find_tasks, tasks_for
from server.service.scopes import find_scope_chain
from server.service.served_forms import serve_form
from server.service.steps import check_running, open_step
from server.service.submissions import check_submission
from server.service.transactions import retried_once
from server.service.viewers import viewer_of
from server.store.user_tasks import UserTaskChanges

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from server.access import Actor
    from server.model import FormDefinition, Page, Query, UserTask, Variable
    from server.service.context import Context
    from server.service.idempotency import Once
    from server.service.preconditions import Precondition
    from server.store import Reading, Transaction


class TaskChanges(UserTaskChanges):
    """What a lead or an administrator changes of an open task; what is not named stays."""


def search_user_tasks(context: Context, actor: Actor, query: Query) -> Page[UserTask]:
    """Search the tasks that the actor may see; counts are of those only."""
    with context.store.reading() as reading:
        if access.find_observed(actor, Action.SEE_TASK) is None:
            return reading.search_user_tasks(query)
        return reading.search_user_tasks(query, viewer_of(actor, Action.SEE_TASK))


def get_user_task(context: Context, actor: Actor, key: int) -> UserTask:
    """Return one task; raises `NotFound` also for tasks of other groups."""
    with context.store.reading() as reading:
        return find_visible_task(reading, actor, key)


def find_visible_task(reading: Reading, actor: Actor, key: int) -> UserTask:
    """Return a task that the actor may know of; raises `NotFound` for all others."""
    task = reading.user_task(key)
    if task is None or not access.may_see_task(actor, task):
        raise NotFound(f"there is no user task with key {key}")
    return task


def get_form(context: Context, actor: Actor, key: int) -> FormDefinition | None:
    """Return the form that a task was bound to when it opened, or None; its options need nothing of the server."""
    with context.store.reading() as reading:
        task = find_visible_task(reading, actor, key)
        if task.form_key is None:
            return None
        return serve_form(context, reading, task.form_key, lambda: visible_values(context, reading, task))


def visible_values(context: Context, reading: Reading, task: UserTask) -> dict[str, object]:
    """Return what a task sees: its own variables and those around it, the inner ones first."""
    chain = find_scope_chain(context, reading, task.place)
    outer_first = sorted(reading.variables(scope_keys=chain), key=lambda one: -chain.index(one.scope_key))
    return {variable.name: variable.value for variable in outer_first}


def get_form_schema(context: Context, actor: Actor, key: int) -> dict[str, object] | None:
    """Return a task's form as JSON Schema, or None; raises `NotFound`."""
    form = get_form(context, actor, key)
    return None if form is None else json_schema(parse_form(form.schema))


def list_variables(context: Context, actor: Actor, key: int, query: Query, *, effective: bool) -> Page[Variable]:
    """Return the variables that a task sees; `effective` hides outer ones behind inner ones of the same name."""
    with context.store.reading() as reading:
        task = find_visible_task(reading, actor, key)
        chain = find_scope_chain(context, reading, task.place)
        hidden = _hidden(reading.variables(scope_keys=chain), chain) if effective else ()
        scopes = (Condition("scope_key", "in", chain), *((Condition("key", "notIn", hidden),) if hidden else ()))
        return reading.search_variables(replace(query, conditions=(*query.conditions, *scopes)))


def _hidden(variables: Iterable[Variable], chain: tuple[int, ...]) -> tuple[int, ...]:
    """Return the keys of variables that an inner one of the same name hides."""
    seen: set[str] = set()
    hidden = []
    for variable in sorted(variables, key=lambda variable: chain.index(variable.scope_key)):
        if variable.name in seen:
            hidden.append(variable.key)
        seen.add(variable.name)
    return tuple(hidden)


@retried_once
def assign_user_task(context: Context, actor: Actor, key: int, assignee: str, *, allow_override: bool = True) -> None:
    """Give a task to a person, or claim it.

    Raises `Forbidden` also when it is for a second person (`four_eyes`), and `Conflict` when somebody else holds it
    (and `allow_override` is false, or the actor may not take it away).
    """
    if not assignee.strip():
        raise InvalidArgument("expected the name of a person as assignee, found none")
    with context.store.transaction() as tx:
        task = open_user_task(tx, actor, key)
        if task.assignee not in (None, assignee) and not (allow_override and access.may_assign(actor, task, assignee)):
            raise Conflict(f"expected the task to be unassigned, but {task.assignee} holds it")
        if not access.may_assign(actor, task, assignee):
            raise Forbidden("only the lead of the unit or an administrator gives a task to somebody else")
        if assignee != actor.name and actor.kind != "system":
            _check_person(tx, assignee)
        check_second_person(tx, task, assignee)
        check_delegation(actor, task)
        give_user_task(tx, task, assignee)
        if assignee != actor.name:
            tell_of_task(context, tx, actor, EventKind.TASK_ASSIGNED, task, (assignee,))
        tx.add_audit([_entry(context, actor, "ASSIGN", task)])
        record_assignment(context, tx, actor, task, assignee)


def _check_person(tx: Transaction, name: str) -> None:
    account = tx.user_account(name)
    if account is None or account.disabled:
        raise InvalidArgument(f"expected an active person as assignee, found {name!r}")


@retried_once
def unassign_user_task(context: Context, actor: Actor, key: int) -> None:
    """Give a task back to its group; raises `Forbidden` when it is somebody else's."""
    with context.store.transaction() as tx:
        task = open_user_task(tx, actor, key)
        if not access.may_assign(actor, task, None):
            raise Forbidden("only the assignee, the lead of the unit or an administrator gives a task back")
        check_delegation(actor, task)
        give_user_task(tx, task, None)
        tx.add_audit([_entry(context, actor, "UNASSIGN", task)])
        record_assignment(context, tx, actor, task, None)


@retried_once
def update_user_task(
    context: Context, actor: Actor, key: int, changes: TaskChanges, precondition: Precondition = UNCONDITIONAL
) -> None:
    """Change dates, priority or candidates of an open task; raises `PreconditionFailed` as its last reader asks."""
    with context.store.transaction() as tx:
        task = open_user_task(tx, actor, key)
        if not access.may_update_task(actor, task):
            raise Forbidden("only the lead of the unit or an administrator changes a task")
        check_precondition(precondition, make_tag(task))
        if changes:
            tx.update_user_task(key, **changes)
            tx.add_audit([_entry(context, actor, "UPDATE", task)])
            _record_update(context, tx, actor, task, changes)


def record_assignment(context: Context, tx: Transaction, actor: Actor, task: UserTask, assignee: str | None) -> None:
    """Write into the history who holds a task now, and who did."""
    details = {"assignee": assignee, "previous": {"assignee": task.assignee}}
    _record(context, tx, actor, task, HistoryEvent.ASSIGNED, details)


def _record_update(context: Context, tx: Transaction, actor: Actor, task: UserTask, changes: TaskChanges) -> None:
    """Write what changed, and what was there before: a deadline that was moved is part of why something was late."""
    after = {_CHANGES[name]: _to_json(value) for name, value in changes.items()}
    before = {_CHANGES[name]: _to_json(getattr(task, name)) for name in changes}
    _record(context, tx, actor, task, HistoryEvent.UPDATED, {**after, "previous": before})


def _record(
    context: Context,
    tx: Transaction,
    actor: Actor,
    task: UserTask,
    event: HistoryEvent,
    details: Mapping[str, object],
) -> None:
    line = HistoryRecord(next(tx.keys), task.place, "userTask", event, context.now(), actor.name, details=details)
    tx.add_history([line])


_CHANGES = {
    "due_date": "dueDate",
    "follow_up_date": "followUpDate",
    "priority": "priority",
    "candidate_groups": "candidateGroups",
    "candidate_users": "candidateUsers",
}


def _to_json(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def check_delegation(actor: Actor, task: UserTask) -> None:
    """Raise `Conflict` when the task has to go back to who delegated it; leads and administrators may cut in."""
    if task.owner is not None and not access.may_update_task(actor, task):
        raise Conflict(_delegated(task))


def give_user_task(tx: Transaction, task: UserTask, assignee: str | None) -> None:
    """Let somebody, or nobody, hold an open task; a delegation ends."""
    if task.owner is not None:
        tx.replace_user_task(task, replace(task, assignee=assignee, owner=None))
    elif assignee is None:
        tx.unassign_user_task(task.key, task.assignee)
    else:
        tx.assign_user_task(task.key, assignee, task.assignee)


def _delegated(task: UserTask) -> str:
    return (
        f"expected a task that is not delegated, but {task.owner} has delegated it to {task.assignee}, "
        f"who has to hand it back first (POST /api/user-tasks/{task.key}/hand-back)"
    )


def open_user_task(tx: Transaction, actor: Actor, key: int) -> UserTask:
    """Return an open task that the actor may know of, to be changed; raises `NotFound` and `Conflict`.

    Lock the instance of a task, then read the task again (architecture.md, decision 4).
    """
    locked = tx.lock_instance_of_user_task(key)
    task = find_visible_task(tx, actor, key)
    check_open(task)
    check_running(locked)
    return task


def check_open(task: UserTask) -> None:
    """Raise `Conflict` unless the task is open."""
    if task.state is not UserTaskState.CREATED:
        raise Conflict(f"expected the user task to be {UserTaskState.CREATED}, but it is {task.state}")


@retried_once
def complete_user_task(
    context: Context,
    actor: Actor,
    key: int,
    variables: Mapping[str, object],
    locale: str = "zh-CN",
    once: Once | None = None,
) -> tuple[UserTask, ...]:
    """Complete a task and return the tasks that opened for the actor.

    Before the step: `NotFound`, `Conflict` (done already, somebody else holds it, it is delegated or a signature is
    missing), `SubmissionInvalid` – nothing changes then. Once accepted the step commits; what fails inside the process
    afterwards is an incident.
    """
    with context.store.transaction() as tx:
        known = claim(context, tx, once)
        if known is not None:
            return find_tasks(tx, actor, known)
        locked = tx.lock_instance_of_user_task(key)
        task = find_visible_task(tx, actor, key)
        _check_completable(actor, task)
        check_second_person(tx, task, actor.name)
        check_running(locked)
        step = open_step(context, tx, actor, locked)
        place = task.place
        visible = step.visible_variables(place.element_instance_key)
        accepted = check_submission(step, place.process_definition_key, task.form_key, variables, visible, locale)
        accepted.bind(step, place.process_instance_key)
        commands.complete_user_task(step.execution, place.element_instance_key, accepted.data)
        absent = access.find_absent(actor, task)
        step.note("COMPLETE", "USER_TASK", key, acting_for=absent, payload=accepted.data)
        opened = tasks_for(actor, step.save())
        keep(tx, once, tasks=[task.key for task in opened])
        return opened


def _check_completable(actor: Actor, task: UserTask) -> None:
    check_open(task)
    if not access.may_complete_task(actor, task):
        if task.assignee is not None and task.assignee != actor.name:
            raise Conflict(f"expected the task to be yours or unassigned, but {task.assignee} holds it")
        raise Forbidden("you may see this task but not complete it")
    if task.owner is not None:
        raise Conflict(_delegated(task))
    if missing := find_missing(task.co_signers):
        raise Conflict(f"expected the agreement of every co-signer, but missing is that of {', '.join(missing)}")


def _entry(context: Context, actor: Actor, operation: str, task: UserTask) -> AuditEntry:
    absent = access.find_absent(actor, task)
    key = str(task.key)
    return AuditEntry(context.now(), actor.name, operation, "USER_TASK", key, task.place.root_key, acting_for=absent)
