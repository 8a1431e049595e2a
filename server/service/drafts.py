"""Drafts: kept per person, checked for their shape only – a form half filled in is what they are for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import access
from server.engine import canonical_variables
from server.errors import Conflict, Forbidden, NotFound
from server.model import Draft, UserTaskState
from server.service.definitions import DefinitionReader
from server.service.preconditions import UNCONDITIONAL, check_precondition, make_tag
from server.service.private_values import remove_private
from server.service.user_tasks import find_visible_task

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.access import Actor
    from server.service.context import Context
    from server.service.preconditions import Precondition
    from server.store import Transaction


def get_draft(context: Context, actor: Actor, user_task_key: int) -> Draft:
    """Return the actor's draft of a task; raises `NotFound` when there is none."""
    with context.store.reading() as reading:
        find_visible_task(reading, actor, user_task_key)
        draft = reading.draft(user_task_key, actor.name)
    if draft is None:
        raise NotFound(f"you have no draft of the user task {user_task_key}")
    return draft


def put_draft(
    context: Context,
    actor: Actor,
    user_task_key: int,
    data: Mapping[str, object],
    precondition: Precondition = UNCONDITIONAL,
) -> Draft:
    """Keep what the actor has typed so far, but for private fields, which only the vault may hold.

    Raises `NotFound`, `Forbidden`, `Conflict`, `InvalidArgument`, `PreconditionFailed`.
    """
    typed = canonical_variables(data)
    with context.store.transaction() as tx:
        task = find_visible_task(tx, actor, user_task_key)
        if task.state is not UserTaskState.CREATED:
            raise Conflict(f"expected the user task to be {UserTaskState.CREATED}, but it is {task.state}")
        if not access.may_complete_task(actor, task):
            raise Forbidden("only who may complete a task keeps a draft of it")
        if task.form_key is not None:
            _, form = DefinitionReader(context.definitions, tx).form(task.form_key)
            typed = remove_private(typed, form.private_fields)
        _check_draft(tx, actor, user_task_key, precondition)
        draft = Draft(user_task_key, actor.name, typed, context.now())
        tx.put_draft(draft)
    return draft


def _check_draft(tx: Transaction, actor: Actor, user_task_key: int, precondition: Precondition) -> None:
    """Hold the draft's lock and raise `PreconditionFailed` when another window of the same person was at it."""
    if precondition != UNCONDITIONAL:
        tx.lock_record("draft", f"{user_task_key} {actor.name}")
        kept = tx.draft(user_task_key, actor.name)
        check_precondition(precondition, None if kept is None else make_tag(kept))


def remove_draft(
    context: Context, actor: Actor, user_task_key: int, precondition: Precondition = UNCONDITIONAL
) -> None:
    """Throw the actor's draft away; raises `NotFound` for a task that is not theirs to see, `PreconditionFailed`."""
    with context.store.transaction() as tx:
        find_visible_task(tx, actor, user_task_key)
        _check_draft(tx, actor, user_task_key, precondition)
        tx.remove_draft(user_task_key, actor.name)


def remove_drafts_of_ended_tasks(context: Context) -> int:
    """Throw away what was typed into tasks that are done, and return how many drafts these were."""
    with context.store.transaction() as tx:
        return tx.remove_drafts_of_ended_tasks()
