"""The inbox of a person: one page of tasks with what may be done with each, and counts that agree with the lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server import access
from server.access import Action
from server.errors import InvalidArgument
from server.model import MOST_COUNTED, InboxFilter, InboxView, UserTaskState
from server.service.viewers import viewer_of

if TYPE_CHECKING:
    from server.access import Actor
    from server.model import InboxChoices, InboxCounts, InboxTask
    from server.service.context import Context
    from server.store import Viewer

PAGE_SIZE = 50
ANOTHER = "another person"
"""Stands for any colleague where it is asked whether a task may be given away."""


@dataclass(frozen=True, slots=True)
class InboxItem:
    """A listed task, and whether the actor may claim it, or give it to others."""

    listed: InboxTask
    may_claim: bool = False
    may_assign: bool = False


@dataclass(frozen=True, slots=True)
class Inbox:
    """One page of an inbox. `pages` counts those that can be turned to; after `MOST_COUNTED` one filters."""

    items: tuple[InboxItem, ...]
    counts: InboxCounts
    choices: InboxChoices
    page: int
    pages: int


def read_inbox(context: Context, actor: Actor, wanted: InboxFilter, page: int = 1) -> Inbox:
    """Return a page of the actor's inbox, the first being 1. Raises `InvalidArgument` for pages that cannot be."""
    if not 1 <= page <= MOST_COUNTED // PAGE_SIZE:
        raise InvalidArgument(f"expected a page from 1 to {MOST_COUNTED // PAGE_SIZE}, found {page}")
    viewer, people = _find_viewer(actor)
    with context.store.reading() as reading:
        many, wanted = reading.sees_many_open_tasks(viewer), reading.find_text(wanted)
        offset = (page - 1) * PAGE_SIZE
        found = reading.list_inbox(wanted, viewer, many=many, people=people, limit=PAGE_SIZE, offset=offset)
        counts = reading.count_inbox(wanted, viewer, many=many, people=people)
        choices = reading.inbox_choices()
    pages = -(-counts.views[wanted.view] // PAGE_SIZE)
    return Inbox(tuple(_judge(actor, one) for one in found), counts, choices, page, pages)


def count_inbox(context: Context, actor: Actor, wanted: InboxFilter) -> InboxCounts:
    """Return the counts alone, for a page that is open already."""
    viewer, people = _find_viewer(actor)
    with context.store.reading() as reading:
        many, wanted = reading.sees_many_open_tasks(viewer), reading.find_text(wanted)
        return reading.count_inbox(wanted, viewer, many=many, people=people)


def find_next_task(context: Context, actor: Actor, wanted: InboxFilter, done: int) -> int | None:
    """Return the task to go on with when `done` is done: the first of the list that the actor may complete.

    Where the list has none, the first of everything that is open; None when the day's work is done.
    """
    viewer, people = _find_viewer(actor)
    lists = (wanted, InboxFilter(wanted.now, wanted.day_end))
    with context.store.reading() as reading:
        many = reading.sees_many_open_tasks(viewer)
        for one in lists:
            if one.view is InboxView.DONE:
                continue
            found = reading.list_inbox(
                reading.find_text(one), viewer, many=many, people=people, limit=PAGE_SIZE, offset=0
            )
            tasks = [listed.task for listed in found if listed.task.key != done]
            following = next((task.key for task in tasks if access.may_complete_task(actor, task)), None)
            if following is not None:
                return following
    return None


def _find_viewer(actor: Actor) -> tuple[Viewer | None, tuple[str, ...]]:
    """Return whose inbox it is, None for everybody's, and the names that count as the actor's own."""
    viewer = None if access.may_see_all_tasks(actor) else viewer_of(actor, Action.SEE_TASK)
    return viewer, tuple(sorted(access.find_own_names(actor)))


def _judge(actor: Actor, listed: InboxTask) -> InboxItem:
    task = listed.task
    if task.state is not UserTaskState.CREATED or task.owner is not None:
        return InboxItem(listed)
    claimable = task.assignee is None and access.may_claim(actor, task)
    return InboxItem(listed, claimable, access.may_assign(actor, task, ANOTHER))
