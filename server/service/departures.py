"""People who leave: at once or at a date their sign-in and roles end, and their tasks go back to the group."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from server.access import SYSTEM
from server.errors import Conflict, Contended, NotFound
from server.model import AuditEntry, UserTaskState
from server.service.administration import note_change, require_management
from server.service.colleagues import find_colleague
from server.service.identity import is_other_administrator
from server.service.transactions import retried_once
from server.service.user_tasks import give_user_task

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from server.access import Actor
    from server.service.context import Context
    from server.store import Transaction

BATCH = 500
log = logging.getLogger(__name__)


def leave(context: Context, actor: Actor, name: str, at: datetime | None = None) -> int:
    """Let a person leave at a time, or now; returns how many tasks went back to their groups.

    Password, sessions, tokens, roles and substitutions end; records keep the name. What cannot be given back at this
    moment the worker gives back. Raises `Forbidden`, `NotFound`, and `Conflict` for the last administrator.
    """
    require_management(actor)
    with context.store.transaction() as tx:
        account = tx.user_account(name)
        if account is None:
            raise NotFound(f"There is no user {name!r:.80}.")
        if account.admin and not is_other_administrator(tx, name):
            raise Conflict(f"{name!r} is the last administrator who can sign in: make somebody else one first.")
        if at is not None and at > context.now():
            tx.set_leaving(name, at)
            note_change(context, tx, actor, "PLAN_LEAVING", "USER", name)
            return 0
        _end_everything(context, tx, actor, name)
    return return_tasks(context)


def carry_out_departures(context: Context) -> None:
    """Let everybody leave whose time has come, and give back what is still held by somebody who left."""
    with context.store.reading() as reading:
        due = reading.people_who_should_have_left(context.now())
    for name in due:
        with context.store.transaction() as tx:
            account = tx.user_account(name)
            if account is not None and account.admin and not is_other_administrator(tx, name):
                log.warning("%s does not leave: nobody else is an administrator. Make somebody one, then again.", name)
                tx.set_leaving(name, None)
                continue
            _end_everything(context, tx, SYSTEM, name)
    return_tasks(context)


def return_tasks(context: Context) -> int:
    """Give every open task that somebody holds who has left back to its group; returns how many those were.

    A delegated task goes back to who delegated it.

    One instance after the other, each in a transaction of its own (architecture.md, decision 4).
    """
    with context.store.reading() as reading:
        held = reading.open_tasks_of_departed(BATCH)
    returned = 0
    for key, holder in held:
        try:
            returned += _return_task(context, key, holder)
        except Contended:
            continue  # somebody is working on that instance; the next round finds it again
    return returned


def return_tasks_of_lost_groups(context: Context, lost: Mapping[str, Iterable[str]]) -> int:
    """Give back what people hold for groups that they have lost, by name of the person; returns how many tasks.

    A task for another group of theirs, or for them by name, stays with them: so does what somebody handed to them.
    """
    returned = 0
    for name, groups in lost.items():
        with context.store.reading() as reading:
            present = reading.groups_of(name)
            held = reading.open_tasks_held(name, groups)
        for task in held:
            if name in task.candidate_users or not set(present).isdisjoint(task.candidate_groups):
                continue
            try:
                returned += _return_task(context, task.key, name)
            except Contended:
                log.warning("task %s stays with %s, who has lost its group: somebody was working on it", task.key, name)
    return returned


@retried_once
def _return_task(context: Context, key: int, holder: str) -> bool:
    with context.store.transaction() as tx:
        tx.lock_instance_of_user_task(key)
        task = tx.user_task(key)
        if task is None or task.state is not UserTaskState.CREATED or task.assignee != holder:
            return False
        owner = None if task.owner is None else find_colleague(context, tx, task.owner)
        give_user_task(tx, task, None if owner is None else owner.name)
        operation = "UNASSIGN" if owner is None else "ASSIGN"
        tx.add_audit([AuditEntry(context.now(), SYSTEM.name, operation, "USER_TASK", str(key), task.place.root_key)])
        return True


def _end_everything(context: Context, tx: Transaction, actor: Actor, name: str) -> None:
    tx.set_password(name, None)
    tx.disable_user(name)
    tx.set_admin(name, admin=False)
    tx.set_leaving(name, context.now())
    tx.set_groups(name, ())
    tx.remove_sessions_of(name)
    tx.remove_tokens_of(name)
    tx.remove_password_resets_of(name)
    tx.remove_substitutions_of(name)
    note_change(context, tx, actor, "LEAVE", "USER", name)
