"""A task with everything that belongs to it, read at once for the page where it is worked on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server import access
from server.errors import Conflict, Forbidden, NotFound
from server.model import Condition, Query, Sort
from server.service.comments import search_comments
from server.service.four_eyes import is_for_another
from server.service.permitted_actions import list_task_actions
from server.service.task_returns import list_return_targets
from server.service.user_tasks import find_visible_task

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.access import Actor
    from server.model import Attachment, Case, Comment, Draft, HandOff, ProcessDefinition, ProcessInstance, UserTask
    from server.service.context import Context
    from server.service.modification import ReturnTarget
    from server.store import Reading

MOST_COMMENTS = 200


@dataclass(frozen=True, slots=True)
class TaskPage:
    """A task, what it belongs to, what was said and done about it, and what the actor may do now.

    `for_another`: it is for a second person, and the actor was the first. `names` are what the people are called who
    are named in it, `units` the names of units. `meeting_no`: of the meeting that the task belongs to.
    """

    task: UserTask
    definition: ProcessDefinition | None
    instance: ProcessInstance | None
    case: Case | None
    draft: Draft | None
    hand_offs: tuple[HandOff, ...]
    comments: tuple[Comment, ...]
    files: tuple[Attachment, ...]
    actions: frozenset[str]
    for_another: bool
    targets: tuple[ReturnTarget, ...]
    names: Mapping[str, str]
    units: Mapping[str, str]
    meeting_no: str | None = None


def read_task_page(context: Context, actor: Actor, key: int) -> TaskPage:
    """Return a task with everything around it; raises `NotFound` also for tasks of other groups."""
    actions = frozenset(list_task_actions(context, actor, key))
    about = Query((Condition("user_task_key", "eq", key),), sort=(Sort("created_at"),), limit=MOST_COMMENTS)
    comments = search_comments(context, actor, about).items
    targets = _find_targets(context, actor, key) if "return" in actions else ()
    with context.store.reading() as reading:
        task = find_visible_task(reading, actor, key)
        hand_offs = reading.hand_offs_of_user_task(key)
        instance = reading.process_instance(task.place.root_key)
        case = reading.case_of_root(task.place.root_key)
        files = reading.attachments_of_root(task.place.root_key)
        named = {task.assignee, task.owner, task.completed_by, *(one.name for one in task.co_signers)}
        named |= {one.author for one in comments} | {one.actor for one in hand_offs}
        named |= {name for one in hand_offs for name in one.recipients}
        return TaskPage(
            task=task,
            definition=reading.process_definition(task.place.process_definition_key),
            instance=instance,
            case=case if case is not None and access.may_see_cases(actor) else None,
            draft=reading.draft(key, actor.name),
            hand_offs=hand_offs,
            comments=comments,
            files=files,
            actions=actions,
            for_another=is_for_another(reading, task, actor.name),
            targets=targets,
            names=reading.display_names([name for name in named if name is not None]),
            units={one.unit_id: one.name for one in reading.units()},
            meeting_no=_find_meeting(reading, actor, task.place.root_key),
        )


def _find_meeting(reading: Reading, actor: Actor, root_key: int) -> str | None:
    if not access.may_read_lists(actor):
        return None
    query = Query((Condition("root_key", "eq", root_key),), sort=(Sort("opened_at", descending=True),), limit=1)
    return next((one.meeting_no for one in reading.search_meetings(query).items), None)


def _find_targets(context: Context, actor: Actor, key: int) -> tuple[ReturnTarget, ...]:
    try:
        return list_return_targets(context, actor, key)
    except (Conflict, Forbidden, NotFound):
        return ()
