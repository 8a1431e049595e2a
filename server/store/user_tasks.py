"""User tasks: the inbox of people."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict, Unpack

from sqlalchemy import BindParameter, and_, bindparam, case, delete, insert, select, union_all, update

from server.errors import Conflict, NotFound
from server.model import CoSigner, SigningRule, Stage, UserTask, UserTaskState
from server.store.columns import PlainText, from_milliseconds, literally, to_milliseconds
from server.store.connected import Connected, Values, Writing
from server.store.filters import (
    Kind,
    PlainField,
    RelatedField,
    instant_field,
    key_field,
    number_field,
    text_field,
    word_field,
)
from server.store.places import place_fields, place_values, to_place
from server.store.search import Searchable
from server.store.tables.identity import user_account
from server.store.tables.instances import process_instance, process_instance_tag
from server.store.tables.work import user_task, user_task_candidate
from server.store.variables import VariableFields

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, CompoundSelect, Row, Update

    from server.model import Page, Query

_c = user_task.c
_candidate = user_task_candidate.c
GROUP = "group"
USER = "user"
READER = "reader"
"""Who has delegated the task, signs along, or got a copy."""
_BY_KEY = select(user_task).where(_c.key == bindparam("wanted"))
UNIT = "unit"
"""The part behind the @ of a group `role@unit`: the lead of a unit sees all tasks of its groups."""


class UserTaskChanges(TypedDict, total=False):
    """What of an open task can be changed; what is not named stays."""

    due_date: datetime | None
    follow_up_date: datetime | None
    priority: int
    candidate_groups: tuple[str, ...]
    candidate_users: tuple[str, ...]


def to_user_task(row: Row[Any]) -> UserTask:
    """Return the record of a row, which may hold more than its columns."""
    return UserTask(
        key=row.key,
        place=to_place(row),
        name=row.name,
        state=UserTaskState(row.state),
        creation_date=row.creation_date,
        assignee=row.assignee,
        candidate_groups=tuple(row.candidate_groups),
        candidate_users=tuple(row.candidate_users),
        due_date=row.due_date,
        follow_up_date=row.follow_up_date,
        priority=row.priority,
        form_key=row.form_key,
        external_form_reference=row.external_form_reference,
        completion_date=row.completion_date,
        custom_headers=row.custom_headers,
        owner=row.owner,
        co_signers=tuple(_to_co_signer(one) for one in row.co_signers or ()),
        copied_to=tuple(row.copied_to or ()),
        completed_by=row.completed_by,
    )


def _to_co_signer(kept: dict[str, Any]) -> CoSigner:
    return CoSigner(
        name=kept["name"],
        stage=Stage(kept["stage"]),
        rule=SigningRule(kept["rule"]),
        agrees=kept["agrees"],
        opinion=kept["opinion"],
        signed_at=None if kept["signed_at"] is None else from_milliseconds(kept["signed_at"]),
        signed_by=kept["signed_by"],
    )


def _co_signer_values(one: CoSigner) -> Values:
    return {
        "name": one.name,
        "stage": one.stage.value,
        "rule": one.rule.value,
        "agrees": one.agrees,
        "opinion": one.opinion,
        "signed_at": None if one.signed_at is None else to_milliseconds(one.signed_at),
        "signed_by": one.signed_by,
    }


def user_task_values(task: UserTask) -> Values:
    """Return the columns of a task."""
    return place_values(task.place) | {
        "key": task.key,
        "name": task.name,
        "state": task.state.value,
        "creation_date": task.creation_date,
        "assignee": task.assignee,
        "candidate_groups": task.candidate_groups,
        "candidate_users": task.candidate_users,
        "due_date": task.due_date,
        "follow_up_date": task.follow_up_date,
        "priority": task.priority,
        "form_key": task.form_key,
        "external_form_reference": task.external_form_reference,
        "completion_date": task.completion_date,
        "custom_headers": task.custom_headers,
        "owner": task.owner,
        "co_signers": [_co_signer_values(one) for one in task.co_signers],
        "copied_to": task.copied_to,
        "completed_by": task.completed_by,
    }


def candidate_values(task: UserTask) -> list[Values]:
    """Return the search rows of a task's candidates, each once."""
    return [
        *_candidates(task.key, GROUP, task.candidate_groups, task.state),
        *_candidates(task.key, USER, task.candidate_users, task.state),
        *_candidates(task.key, UNIT, _units(task.candidate_groups), task.state),
        *_candidates(task.key, READER, _readers(task), task.state),
    ]


def _readers(task: UserTask) -> list[str]:
    owner = [] if task.owner is None else [task.owner]
    return [*owner, *(one.name for one in task.co_signers), *task.copied_to]


def _units(groups: Iterable[str]) -> list[str]:
    return [unit for _, _, unit in (group.partition("@") for group in groups) if unit]


def _candidates(key: int, kind: str, names: Iterable[str], state: UserTaskState) -> list[Values]:
    return [
        {"user_task_key": key, "kind": kind, "name": name, "task_state": state.value} for name in dict.fromkeys(names)
    ]


_HANDED_ON = ("assignee", "candidate_groups", "candidate_users", "owner", "co_signers", "copied_to")


_tag = process_instance_tag.c
_BUSINESS_ID = (
    select(process_instance.c.business_id).where(process_instance.c.key == user_task.c.root_key).scalar_subquery()
)
"""That of the root instance, as it is shown."""


def _candidate_field(kind: str) -> RelatedField:
    return RelatedField(_c.key, _candidate.user_task_key, text_field(_candidate.name), _candidate.kind == kind)


_SEARCHABLE = Searchable(
    "user tasks",
    user_task,
    VariableFields(
        place_fields(user_task)
        | {
            "key": key_field(_c.key),
            "name": text_field(_c.name),
            "state": word_field(_c.state, UserTaskState),
            "creation_date": instant_field(_c.creation_date),
            "completion_date": instant_field(_c.completion_date),
            "assignee": text_field(_c.assignee),
            "due_date": instant_field(_c.due_date),
            "follow_up_date": instant_field(_c.follow_up_date),
            "priority": number_field(_c.priority),
            "form_key": key_field(_c.form_key),
            "external_form_reference": text_field(_c.external_form_reference),
        }
        | {"candidate_group": _candidate_field(GROUP), "candidate_user": _candidate_field(USER)}
        | {"tag": RelatedField(_c.root_key, _tag.process_instance_key, text_field(_tag.name))}
        | {"business_id": PlainField(_BUSINESS_ID.label("business_id"), Kind.TEXT)},
        _c.process_instance_key,
        _c.element_instance_key,
    ),
    to_user_task,
)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whose tasks are looked for: candidate or assignee `user`, member of `groups`, lead of `units`.

    `absent` are people whom the user stands in for in everything. A program sees every task of `task_processes`, and
    every instance of `instance_processes`.
    """

    user: str
    groups: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    task_processes: tuple[str, ...] = ()
    instance_processes: tuple[str, ...] = ()


def visible_tasks(viewer: Viewer, *, open_only: bool = False) -> CompoundSelect[Any]:
    """Select the keys of a viewer's tasks; each part of the statement has an index of its own."""
    people = (viewer.user, *viewer.absent)
    return _visible(people, viewer.groups, viewer.units, viewer.task_processes, open_only=open_only)


Names: TypeAlias = "Sequence[str] | BindParameter[Any]"


def _visible(
    people: Names, groups: Names, units: Names, processes: Names, *, open_only: bool = False
) -> CompoundSelect[Any]:
    candidates = select(_candidate.user_task_key)
    assigned = select(_c.key).where(_c.assignee.in_(people))
    of_processes = select(_c.key)
    if open_only:
        candidates = candidates.where(_candidate.task_state == literally(UserTaskState.CREATED))
        assigned = assigned.where(_c.state == literally(UserTaskState.CREATED))
        of_processes = of_processes.where(_c.state == literally(UserTaskState.CREATED))
    parts = [assigned, candidates.where(_candidate.kind.in_((USER, READER)), _candidate.name.in_(people))]
    for kind, names in ((GROUP, groups), (UNIT, units)):
        if isinstance(names, BindParameter) or names:
            parts.append(candidates.where(_candidate.kind == kind, _candidate.name.in_(names)))
    if isinstance(processes, BindParameter) or processes:
        parts.append(of_processes.where(_c.process_id.in_(processes)))
    return union_all(*parts)


def _names(name: str) -> BindParameter[Any]:
    return bindparam(name, expanding=True, type_=PlainText())


@cache
def _is_visible(*, groups: bool, units: bool, processes: bool, open_only: bool) -> ColumnElement[bool]:
    """Say that a task is a viewer's. Built once, since to build it costs more than to find the tasks."""
    visible = _visible(
        _names("viewer_people"),
        _names("viewer_groups") if groups else (),
        _names("viewer_units") if units else (),
        _names("viewer_processes") if processes else (),
        open_only=open_only,
    )
    return _c.key.in_(visible)


def _asks_for_open(query: Query) -> bool:
    return any(
        one.name == "state" and one.operator == "eq" and str(one.value).upper() == UserTaskState.CREATED.value
        for one in query.conditions
    )


class UserTaskReads(Connected):
    """Reads user tasks."""

    def user_task(self, key: int) -> UserTask | None:
        """Find by key."""
        row = self._row(_BY_KEY, {"wanted": key})
        return None if row is None else to_user_task(row)

    def who_completed(self, root_key: int, elements: Iterable[str]) -> frozenset[str]:
        """Return who completed user tasks with one of these element ids, in a root instance or one that it called."""
        done = select(_c.completed_by).where(_c.root_key == root_key, _c.element_id.in_([*elements]))
        return frozenset(row.completed_by for row in self._rows(done.where(_c.completed_by.is_not(None))))

    def open_tasks_of_departed(self, limit: int) -> tuple[tuple[int, str], ...]:
        """Return keys and assignees of open tasks that people hold who have left."""
        left = select(user_account.c.name).where(user_account.c.leaves_at.is_not(None), user_account.c.disabled)
        held = select(_c.key, _c.assignee).where(_c.assignee.in_(left), _c.state == UserTaskState.CREATED.value)
        return tuple((row.key, row.assignee) for row in self._rows(held.order_by(_c.key).limit(limit)))

    def open_tasks_held(self, assignee: str, groups: Iterable[str]) -> tuple[UserTask, ...]:
        """Return the open tasks of any of these groups that somebody holds."""
        keys = select(_candidate.user_task_key).where(_candidate.kind == GROUP, _candidate.name.in_([*groups]))
        held = select(user_task).where(_c.assignee == assignee, _c.state == UserTaskState.CREATED.value)
        return tuple(to_user_task(row) for row in self._rows(held.where(_c.key.in_(keys)).order_by(_c.key)))

    def open_tasks_of_units(self, units: Iterable[str], limit: int) -> tuple[int, ...]:
        """Return the keys of open tasks for groups of these units, oldest first."""
        statement = (
            select(_candidate.user_task_key)
            .where(_candidate.kind == UNIT, _candidate.name.in_([*units]))
            .where(_candidate.task_state == UserTaskState.CREATED.value)
        )
        rows = self._rows(statement.distinct().order_by(_candidate.user_task_key).limit(limit))
        return tuple(row.user_task_key for row in rows)

    def user_tasks_of_instance(self, key: int, *, of_root: bool) -> tuple[UserTask, ...]:
        """Return the user tasks of a root with all instances it called, or of one instance, open and ended."""
        where = _c.root_key == key if of_root else _c.process_instance_key == key
        return tuple(to_user_task(row) for row in self._rows(select(user_task).where(where).order_by(_c.key)))

    def search_user_tasks(self, query: Query, viewer: Viewer | None = None) -> Page[UserTask]:
        """Search by any of the record's fields, `candidate_group`, `candidate_user` and `variable.<name>`.

        With a viewer only that person's tasks are found and counted; without one, all are.
        """
        if viewer is None:
            return _SEARCHABLE.search(self._connection, query)
        given = {"groups": viewer.groups, "units": viewer.units, "processes": viewer.task_processes}
        shape = {name: bool(names) for name, names in given.items()}
        values = {f"viewer_{name}": list(names) for name, names in given.items() if names}
        values["viewer_people"] = [viewer.user, *viewer.absent]
        visible = _is_visible(**shape, open_only=_asks_for_open(query))
        return _SEARCHABLE.search(self._connection, query, [visible], values)


class UserTaskWrites(Writing):
    """Changes open user tasks; they are created and ended by steps."""

    def assign_user_task(self, key: int, assignee: str, expected: str | None = None) -> None:
        """Give an open task to somebody, if it is still with `expected` (None: with nobody).

        Raises NotFound, or Conflict when somebody else was quicker or the task is no longer open.
        """
        self._assign_user_task(key, assignee, expected)

    def unassign_user_task(self, key: int, expected: str | None = None) -> None:
        """Take an open task from its assignee; with `expected`, only from that one. Raises as assignment does."""
        if expected is not None:
            self._assign_user_task(key, None, expected)
        else:
            self._change_user_task(
                update(user_task).values(assignee=None), key, _c.state == UserTaskState.CREATED.value
            )

    def update_user_task(self, key: int, **changes: Unpack[UserTaskChanges]) -> None:
        """Change what is named of an open task; raises NotFound, or Conflict when the task is no longer open."""
        if not changes:
            return
        values: Values = {**changes}
        if "due_date" in changes:  # whoever was warned is warned anew, of the other date
            values["announced"] = case((_c.announced > 1, 1), else_=_c.announced)
        self._change_user_task(update(user_task).values(values), key, _c.state == UserTaskState.CREATED.value)
        groups = changes.get("candidate_groups")
        units = None if groups is None else _units(groups)
        for kind, names in ((GROUP, groups), (UNIT, units), (USER, changes.get("candidate_users"))):
            if names is not None:
                self._write(delete(user_task_candidate).where(_candidate.user_task_key == key, _candidate.kind == kind))
                self._write_each(insert(user_task_candidate), _candidates(key, kind, names, UserTaskState.CREATED))

    def replace_user_task(self, before: UserTask, after: UserTask) -> None:
        """Hand an open task on: assignee, candidates, owner, co-signers and readers become those of `after`.

        Raises NotFound, or Conflict when the task is not open, or not with the assignee of `before`.
        """
        kept = user_task_values(after)
        changed = {name: kept[name] for name in _HANDED_ON}
        unchanged = and_(_c.state == UserTaskState.CREATED.value, _c.assignee.is_not_distinct_from(before.assignee))
        self._change_user_task(update(user_task).values(changed), after.key, unchanged)
        rows = candidate_values(after)
        if rows != candidate_values(before):
            self._write(delete(user_task_candidate).where(_candidate.user_task_key == after.key))
            self._write_each(insert(user_task_candidate), rows)

    def set_copied_to(self, before: UserTask, copied_to: tuple[str, ...]) -> None:
        """Let people look at a task, open or not."""
        self._write(update(user_task).where(_c.key == before.key).values(copied_to=copied_to))
        after = replace(before, copied_to=copied_to)
        known = candidate_values(before)
        self._write_each(insert(user_task_candidate), [row for row in candidate_values(after) if row not in known])

    def _assign_user_task(self, key: int, assignee: str | None, expected: str | None) -> None:
        unchanged = and_(_c.state == UserTaskState.CREATED.value, _c.assignee.is_not_distinct_from(expected))
        self._change_user_task(update(user_task).values(assignee=assignee), key, unchanged)

    def _change_user_task(self, statement: Update, key: int, condition: ColumnElement[bool]) -> None:
        if self._write(statement.where(_c.key == key, condition)):
            return
        row = self._row(select(_c.state, _c.assignee).where(_c.key == key))
        if row is None:
            raise NotFound(f"There is no user task {key}.")
        with_whom = "nobody" if row.assignee is None else repr(row.assignee)
        raise Conflict(f"Expected user task {key} open and unchanged, found it {row.state}, assigned to {with_whom}.")
