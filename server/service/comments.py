"""Comments on user tasks and process instances: read by whoever sees these, changed by their author for a while.

Free text that many people read and that stays: it is no place for the names and numbers of residents.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from server import access
from server.access import Action
from server.errors import Conflict, Forbidden, InvalidArgument, NotFound
from server.model import AuditEntry, Comment, CommentVersion, EventKind
from server.service.announcements import tell_of_instance, tell_of_task
from server.service.colleagues import find_colleague, may_look
from server.service.process_instances import find_visible_instance, may_see
from server.service.transactions import retried_once
from server.service.user_tasks import find_visible_task
from server.service.viewers import viewer_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from server.access import Actor
    from server.model import Page, ProcessInstance, Query, UserTask
    from server.service.context import Context
    from server.store import Reading, Transaction

LONGEST = 2000
EDITABLE_FOR = timedelta(minutes=15)
MOST_MENTIONS = 20
_MENTION = re.compile(r"(?<![\w.@-])@([^\W_][\w.\-]{0,63})")


@dataclass(frozen=True, slots=True)
class Subject:
    """What a comment is about: a task in its instance, or with `task` None the instance."""

    instance: ProcessInstance
    task: UserTask | None = None


def comment_user_task(context: Context, actor: Actor, key: int, text: str) -> Comment:
    """Comment on a task, open or not. Raises `NotFound`, `Forbidden`, `InvalidArgument`."""
    with context.store.transaction() as tx:
        task = find_visible_task(tx, actor, key)
        instance = tx.process_instance(task.place.process_instance_key)
        if instance is None or not access.may_hand_on(actor, Action.COMMENT_TASK, task):
            raise Forbidden("programs that only read do not comment")
        return _add(context, tx, actor, Subject(instance, task), text)


def comment_process_instance(context: Context, actor: Actor, key: int, text: str) -> Comment:
    """Comment on a process instance, ended or not. Raises `NotFound`, `Forbidden`, `InvalidArgument`."""
    with context.store.transaction() as tx:
        instance = find_visible_instance(tx, actor, key)
        if not access.may_comment_instance(actor):
            raise Forbidden("only people comment")
        return _add(context, tx, actor, Subject(instance), text)


def search_comments(context: Context, actor: Actor, query: Query) -> Page[Comment]:
    """Search comments on what the actor may see; counts are of those only."""
    everything = access.may_see_all_tasks(actor) and access.may_see_all_instances(actor)
    with context.store.reading() as reading:
        return reading.search_comments(query, None if everything else viewer_of(actor, Action.SEE_TASK))


@retried_once
def edit_comment(context: Context, actor: Actor, key: int, text: str) -> Comment:
    """Replace the text of one's own comment, within a quarter of an hour; the earlier text is kept.

    Raises `NotFound`, `Forbidden`, `Conflict`, `InvalidArgument`.
    """
    with context.store.transaction() as tx:
        comment, subject = _find(tx, actor, key)
        if not access.may_change_comment(actor, Action.EDIT_COMMENT, comment.author):
            raise Forbidden("only its author changes a comment")
        _check_changeable(context, comment)
        now, text = context.now(), _check_text(text)
        earlier = (*comment.earlier, CommentVersion(comment.text, now))
        mentions = _find_mentions(context, tx, subject, text)
        after = replace(comment, text=text, mentions=mentions, edited_at=now, earlier=earlier)
        tx.update_comment(after)
        _tell_mentioned(context, tx, actor, subject, [name for name in mentions if name not in comment.mentions])
        _note(context, tx, actor, "UPDATE", after)
    return after


@retried_once
def delete_comment(context: Context, actor: Actor, key: int) -> None:
    """Take the text of a comment away: its author within a quarter of an hour, administrators at any time.

    Its place and, for administrators, its text are kept. Raises `NotFound`, `Forbidden`, `Conflict`.
    """
    with context.store.transaction() as tx:
        comment, _ = _find(tx, actor, key)
        if not access.may_change_comment(actor, Action.DELETE_COMMENT, comment.author):
            raise Forbidden("only its author and administrators delete a comment")
        if not access.may_change_comment(actor, Action.READ_EARLIER_COMMENTS, comment.author):
            _check_changeable(context, comment)
        elif comment.deleted_at is not None:
            raise Conflict("expected a comment that is not deleted, but it is")
        now = context.now()
        earlier = (*comment.earlier, CommentVersion(comment.text, now))
        after = replace(comment, text="", mentions=(), deleted_at=now, earlier=earlier)
        tx.update_comment(after)
        _note(context, tx, actor, "DELETE", after)


def list_earlier_texts(context: Context, actor: Actor, key: int) -> tuple[CommentVersion, ...]:
    """Return the texts that a comment had before it was changed or deleted, and note who read them.

    Raises `NotFound`, `Forbidden`.
    """
    with context.store.transaction() as tx:
        comment, _ = _find(tx, actor, key)
        if not access.may_change_comment(actor, Action.READ_EARLIER_COMMENTS, comment.author):
            raise Forbidden("only administrators read what a comment said before")
        _note(context, tx, actor, "READ_EARLIER", comment)
        return comment.earlier


def _add(context: Context, tx: Transaction, actor: Actor, subject: Subject, text: str) -> Comment:
    text = _check_text(text)
    comment = Comment(
        key=next(tx.keys),
        root_key=subject.instance.root_key,
        process_instance_key=subject.instance.key,
        user_task_key=None if subject.task is None else subject.task.key,
        author=actor.name,
        text=text,
        mentions=_find_mentions(context, tx, subject, text),
        created_at=context.now(),
    )
    tx.add_comment(comment)
    _tell_mentioned(context, tx, actor, subject, comment.mentions)
    _note(context, tx, actor, "CREATE", comment)
    return comment


def _tell_mentioned(context: Context, tx: Transaction, actor: Actor, subject: Subject, people: Iterable[str]) -> None:
    if subject.task is not None:
        tell_of_task(context, tx, actor, EventKind.MENTIONED, subject.task, people)
    else:
        tell_of_instance(context, tx, actor, EventKind.MENTIONED, subject.instance, people)


def _find(reading: Reading, actor: Actor, key: int) -> tuple[Comment, Subject]:
    comment = reading.comment(key)
    instance = None if comment is None else reading.process_instance(comment.process_instance_key)
    if comment is not None and instance is not None:
        task = None if comment.user_task_key is None else reading.user_task(comment.user_task_key)
        if access.may_see_task(actor, task) if task is not None else may_see(reading, actor, instance):
            return comment, Subject(instance, task)
    raise NotFound(f"there is no comment with key {key}")


def _find_mentions(context: Context, reading: Reading, subject: Subject, text: str) -> tuple[str, ...]:
    """Return whom a text names with @, as far as they may see what it is about: others learn nothing of it."""
    names = list(dict.fromkeys(name.rstrip(".-") for name in _MENTION.findall(text)))[:MOST_MENTIONS]
    people = (find_colleague(context, reading, name) for name in names)
    return tuple(one.name for one in people if one and may_look(reading, one, subject.instance, subject.task))


def _check_text(text: str) -> str:
    text = text.strip()
    if not text or len(text) > LONGEST or "\0" in text:
        raise InvalidArgument(f"expected a text of 1 to {LONGEST} characters, found {len(text)} (or a NUL)")
    return text


def _check_changeable(context: Context, comment: Comment) -> None:
    if comment.deleted_at is not None:
        raise Conflict("expected a comment that is not deleted, but it is")
    if context.now() - comment.created_at > EDITABLE_FOR:
        minutes = int(EDITABLE_FOR.total_seconds()) // 60
        raise Conflict(f"expected a comment of the last {minutes} minutes; write another one")


def _note(context: Context, tx: Transaction, actor: Actor, operation: str, comment: Comment) -> None:
    tx.add_audit([AuditEntry(context.now(), actor.name, operation, "COMMENT", str(comment.key), comment.root_key)])
