"""Copies (抄送): people who have nothing to do with a task or an instance may look at it, and know that they should."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import access
from server.access import Action
from server.errors import Forbidden, InvalidArgument, NotFound
from server.model import Copy, EventKind, HandOffKind
from server.service.announcements import tell_of_instance, tell_of_task
from server.service.colleagues import expand_recipients
from server.service.hand_offs import has_started, note_hand_off, note_instance, require_instance
from server.service.process_instances import find_visible_instance
from server.service.transactions import retried_once
from server.service.user_tasks import find_visible_task

if TYPE_CHECKING:
    from server.access import Actor
    from server.model import Page, ProcessInstance, Query
    from server.service.context import Context
    from server.store import Transaction

MOST_READERS = 500


@retried_once
def copy_user_task(context: Context, actor: Actor, key: int, recipients: tuple[str, ...], reason: str) -> int:
    """Let people, or the present members of groups, look at a task, open or not; returns how many people.

    Raises `NotFound`, `Forbidden`, `InvalidArgument`.
    """
    with context.store.transaction() as tx:
        tx.lock_instance_of_user_task(key)
        task = find_visible_task(tx, actor, key)
        if not access.may_hand_on(actor, Action.COPY_TASK, task, started=has_started(tx, actor, task)):
            raise Forbidden("who got a copy or signs along sends no copies")
        people = _find_people(context, tx, actor, recipients)
        readers = tuple(dict.fromkeys((*task.copied_to, *people)))
        if len(readers) > MOST_READERS:
            raise InvalidArgument(f"expected at most {MOST_READERS} people with a copy, found {len(readers)}")
        tx.set_copied_to(task, readers)
        place = task.place
        tx.add_copies(
            Copy(next(tx.keys), place.root_key, place.process_instance_key, key, one, actor.name, reason, context.now())
            for one in people
        )
        tell_of_task(context, tx, actor, EventKind.COPIED, task, people)
        note_hand_off(context, tx, actor, task, HandOffKind.COPY, reason, recipients=recipients)
    return len(people)


@retried_once
def copy_process_instance(context: Context, actor: Actor, key: int, recipients: tuple[str, ...], reason: str) -> int:
    """Let people, or the present members of groups, look at an instance, ended or not; returns how many people.

    Raises `NotFound`, `Forbidden`, `InvalidArgument`.
    """
    with context.store.transaction() as tx:
        instance = find_visible_instance(tx, actor, key)
        require_instance(tx, actor, Action.COPY_INSTANCE, instance)
        people = _find_people(context, tx, actor, recipients)
        tx.add_copies(_copy(context, tx, actor, instance, one, reason) for one in people)
        tell_of_instance(context, tx, actor, EventKind.COPIED, instance, people)
        note_instance(context, tx, actor, instance, HandOffKind.COPY, reason, recipients)
    return len(people)


def search_copies(context: Context, actor: Actor, query: Query) -> Page[Copy]:
    """Search the copies that the actor got or sent."""
    if not access.is_within_limits(actor, Action.SEE_TASK):
        raise Forbidden("this token is not for reading")
    with context.store.reading() as reading:
        return reading.search_copies(query, actor.name)


def mark_read(context: Context, actor: Actor, key: int) -> None:
    """Note that the actor has looked at what a copy shows; the first time counts. Raises `NotFound`."""
    with context.store.transaction() as tx:
        copy = tx.copy(key)
        if copy is None or copy.recipient != actor.name or not access.is_within_limits(actor, Action.COPY_TASK):
            raise NotFound(f"there is no copy for you with key {key}")
        tx.mark_copy_read(key, context.now())


def _find_people(context: Context, tx: Transaction, actor: Actor, recipients: tuple[str, ...]) -> tuple[str, ...]:
    people = tuple(one for one in expand_recipients(context, tx, recipients) if one != actor.name)
    if not people:
        raise InvalidArgument("expected somebody besides yourself, found nobody")
    return people


def _copy(
    context: Context, tx: Transaction, actor: Actor, instance: ProcessInstance, recipient: str, reason: str
) -> Copy:
    key, now = next(tx.keys), context.now()
    return Copy(key, instance.root_key, instance.key, None, recipient, actor.name, reason, now)
