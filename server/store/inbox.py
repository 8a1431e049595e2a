"""The inbox: what a person has to do, listed and counted so that both stay quick with a hundred thousand open tasks.

Whoever sees few tasks has them found first and the rest of the conditions tried on those. Whoever sees many has the
tasks gone through in their order until the page is full. Which of the two it is, is found out by looking for the first
`FEW` that they see. Counts end at `MOST_COUNTED`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, literal, literal_column, null, or_, select, union

from server.model import (
    MOST_COUNTED,
    InboxChoices,
    InboxCounts,
    InboxDue,
    InboxGroup,
    InboxSort,
    InboxTask,
    InboxView,
    UserTaskState,
)
from server.store import json_text
from server.store.columns import literally
from server.store.connected import Connected
from server.store.tables.cases import case_record
from server.store.tables.definitions import process_definition
from server.store.tables.identity import unit, user_account
from server.store.tables.instances import process_instance, variable
from server.store.tables.work import user_task, user_task_candidate
from server.store.user_tasks import GROUP, READER, UNIT, USER, to_user_task, visible_tasks
from server.store.variables import HEAD_LENGTH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, ScalarSelect, Select
    from sqlalchemy.sql.base import ReadOnlyColumnCollection
    from sqlalchemy.sql.selectable import FromClause, NamedFromClause

    from server.model import InboxFilter
    from server.store.user_tasks import Viewer

FEW = 5_000
USUAL_PRIORITY = 50
_t = user_task.c


def _is_variable(named: NamedFromClause) -> ColumnElement[bool]:
    """Say that a variable is the root instance's own, of the name that the alias begins with."""
    return and_(named.c.scope_key == _t.root_key, named.c.name == named.name.removeprefix("own_"))


_process = process_definition.c
_case = case_record.c
_own_case = case_record.alias("own_case").c
_OPEN = _t.state == literally(UserTaskState.CREATED)
# Before a matter has become a case, its process says in variables of these names what it is about and where.
SUBJECTS = ("title", "matter")
_own_community = variable.alias("own_community")
_title, _matter, _community = (variable.alias(name) for name in ("title", "matter", "community"))
_DUE_FIRST = (_t.due_date.asc().nulls_last(), _t.key.asc())
_ORDERS: dict[InboxSort, Sequence[ColumnElement[Any]]] = {
    InboxSort.DUE: _DUE_FIRST,
    InboxSort.NEW: (_t.creation_date.desc(), _t.key.desc()),
    InboxSort.PRIORITY: (_t.priority.desc(), *_DUE_FIRST),
}
_GROUPS: dict[InboxGroup, Sequence[ColumnElement[Any]]] = {
    InboxGroup.PROCESS: (_t.process_id.asc(),),
    InboxGroup.COMMUNITY: (_case.community.asc().nulls_last(), _community.c.value_head.asc().nulls_last()),
}
_LATEST_DONE = (_t.completion_date.desc(), _t.key.desc())


class InboxReads(Connected):
    """Reads the inbox of a person; without a viewer, everybody's."""

    def sees_many_open_tasks(self, viewer: Viewer | None) -> bool:
        """Tell how the inbox of a viewer is best read: whether they see more than a few open tasks."""
        if viewer is None:
            return True
        first = visible_tasks(viewer, open_only=True).limit(FEW + 1).subquery()
        counted = self._connection.execute(select(func.count()).select_from(first)).scalar_one()
        return bool(counted > FEW)

    def find_text(self, wanted: InboxFilter) -> InboxFilter:
        """Return a filter with the root instances whose title, number or business id holds its text, the newest first.

        Looked for once and not for each task: of those there may be very many.
        """
        if not wanted.text:
            return wanted

        def within(column: ColumnElement[Any]) -> ColumnElement[bool]:
            return column.icontains(wanted.text, autoescape=True)

        named = variable.c
        said = and_(named.name.in_(SUBJECTS), named.scope_key == named.root_key, within(named.value))
        found = union(
            select(_case.root_key.label("root")).where(or_(within(_case.title), within(_case.case_no))),
            select(process_instance.c.root_key).where(within(process_instance.c.business_id)),
            select(named.root_key).where(said),
        ).subquery()
        rows = self._rows(select(found.c.root).order_by(found.c.root.desc()).limit(MOST_COUNTED))
        return replace(wanted, roots=tuple(row.root for row in rows))

    def list_inbox(
        self, wanted: InboxFilter, viewer: Viewer | None, *, many: bool, people: Sequence[str], limit: int, offset: int
    ) -> tuple[InboxTask, ...]:
        """Return one page; `people` are the names that count as the viewer's own."""
        seen_last = many and self.dialect == "postgresql"
        found = _find_page(wanted, viewer, many=many, people=people, seen_last=seen_last)
        page = found.limit(limit).offset(offset).subquery("page")
        statement = select(
            user_task,
            process_definition.c.name.label("process_name"),
            process_instance.c.business_id.label("business_id"),
            _case.case_no.label("case_no"),
            _case.title.label("case_title"),
            _case.community.label("case_community"),
            _title.c.value.label("title"),
            _matter.c.value.label("matter"),
            _community.c.value.label("community"),
            user_account.c.display_name.label("assignee_name"),
        )
        source = _with_names(page.join(user_task, _t.key == page.c.key))
        rows = self._rows(statement.select_from(source).order_by(*_order(wanted)))
        return tuple(
            InboxTask(
                to_user_task(row),
                row.process_name,
                row.business_id,
                row.case_no,
                row.case_title or _text(row.title) or _text(row.matter),
                row.case_community or _text(row.community),
                row.assignee_name,
            )
            for row in rows
        )

    def count_inbox(
        self, wanted: InboxFilter, viewer: Viewer | None, *, many: bool, people: Sequence[str]
    ) -> InboxCounts:
        """Count every view under the same filters, and in the one that is shown what is late and what is due today."""
        asked = {
            **{str(view): (view, wanted.due) for view in InboxView},
            "overdue": (wanted.view, InboxDue.OVERDUE),
            "today": (wanted.view, InboxDue.TODAY),
        }
        # What holds a text is rare, so each count would go through all tasks in vain.
        each = (viewer is None or many) and not wanted.text
        alone = {
            name: _count(_conditions(wanted, viewer, view, people, due))
            for name, (view, due) in asked.items()
            if each or view is InboxView.DONE
        }
        counts = [counted.label(name) for name, counted in alone.items()]
        if each:
            row = self._row(select(*counts))
        else:  # all are gone through once
            counts += [
                func.count().filter(*_belongs(view, people), *_is_due(wanted, due)).label(name)
                for name, (view, due) in asked.items()
                if name not in alone
            ]
            few = viewer is not None and not many
            source = _seen_by(viewer) if few and viewer is not None else user_task
            seen = [] if few or viewer is None else [_is_visible(viewer)]
            row = self._row(select(*counts).select_from(source).where(_OPEN, *_filters(wanted), *seen))
        assert row is not None  # noqa: S101 - a statement of counts has one row
        counted = {name: min(number, MOST_COUNTED) for name, number in row._mapping.items()}  # noqa: SLF001 – public API
        return InboxCounts({view: counted[view] for view in InboxView}, counted["overdue"], counted["today"])

    def inbox_choices(self) -> InboxChoices:
        """Return what an inbox can be filtered by: the latest version of each process, and the units."""
        latest = select(func.max(_process.key)).where(_process.deleted_at.is_(null())).group_by(_process.process_id)
        process = (literal("process").label("kind"), _process.process_id.label("id"), _process.name.label("name"))
        units = select(unit.c.kind, unit.c.unit_id, unit.c.name)
        rows = self._rows(select(*process).where(_process.key.in_(latest)).union_all(units))
        named = sorted((row.kind, row.name or row.id, row.id) for row in rows)
        return InboxChoices(
            processes={id_: name for kind, name, id_ in named if kind == "process"},
            communities={id_: name for kind, name, id_ in named if kind == "community"},
            units={id_: name for kind, name, id_ in named if kind != "process"},
        )


def _text(value: str | None) -> str | None:
    """Return a variable's value where it is a text."""
    found = None if value is None else json_text.load(value)
    return found if isinstance(found, str) and found else None


def _count(conditions: Sequence[ColumnElement[bool]]) -> ScalarSelect[int]:
    some: Select[Any] = select(literal_column("1").label("one")).select_from(user_task).where(*conditions)
    return select(func.count()).select_from(some.limit(MOST_COUNTED).subquery()).scalar_subquery()


def _order(wanted: InboxFilter) -> tuple[ColumnElement[Any], ...]:
    grouped = () if wanted.group is None else _GROUPS[wanted.group]
    return (*grouped, *(_LATEST_DONE if wanted.view is InboxView.DONE else _ORDERS[wanted.sort]))


def _find_page(
    wanted: InboxFilter, viewer: Viewer | None, *, many: bool, people: Sequence[str], seen_last: bool
) -> Select[Any]:
    """Return the keys of the tasks in their order, before anything is looked up for those of one page.

    `seen_last`: where no index has the order, everybody's tasks are sorted first and gone through until the page is
    full. PostgreSQL sorts quicker than it finds out whose a task is; SQLite does not.
    """
    order = _order(wanted)
    few = viewer is not None and not many and wanted.view is not InboxView.DONE
    source = _seen_by(viewer) if few and viewer is not None else user_task
    if wanted.group is InboxGroup.COMMUNITY:
        source = source.outerjoin(case_record, _case.root_key == _t.root_key)
        source = source.outerjoin(_community, _is_variable(_community))
    is_sorted = wanted.group is None and (wanted.sort is not InboxSort.PRIORITY or wanted.view is InboxView.DONE)
    if not seen_last or viewer is None or is_sorted or wanted.view is InboxView.MINE:
        conditions = _conditions(wanted, None if few else viewer, wanted.view, people, wanted.due)
        # Whose tasks are few has them sorted: an index in that order would lead PostgreSQL through everybody's.
        sorted_first = () if many else (_t.key < 0,)
        return select(_t.key).select_from(source).where(*conditions).order_by(*sorted_first, *order)
    conditions = _conditions(wanted, None, wanted.view, people, wanted.due)
    every = select(_t.key, _t.assignee).select_from(source).where(*conditions)
    in_order = every.order_by(*order).offset(0).subquery("in_order")  # with an offset neither database merges the two
    return select(in_order.c.key).where(_is_visible(viewer, in_order.c))


def _conditions(
    wanted: InboxFilter,
    viewer: Viewer | None,
    view: InboxView,
    people: Sequence[str],
    due: InboxDue | None,
) -> list[ColumnElement[bool]]:
    conditions = _belongs(view, people)
    if view is not InboxView.DONE:
        conditions.append(_OPEN)
    if viewer is not None and view is not InboxView.MINE:
        conditions.append(_is_visible(viewer))
    return conditions + _filters(wanted) + _is_due(wanted, due)


def _belongs(view: InboxView, people: Sequence[str]) -> list[ColumnElement[bool]]:
    """Say that a task is in a view, among those that are open and seen."""
    if view is InboxView.DONE:
        return [_t.completed_by.in_(people)]
    if view is InboxView.MINE:
        return [_t.assignee.in_(people)]
    if view is InboxView.UNCLAIMED:
        return [func.coalesce(_t.assignee, "") == ""]  # by no index: most tasks are held by nobody
    return []


def _seen_by(viewer: Viewer) -> FromClause:
    """Return the open tasks that a viewer of few sees, each once.

    Their keys are found first: PostgreSQL would otherwise go through everybody's tasks in some order.
    """
    visible = visible_tasks(viewer, open_only=True).subquery()
    keys = select(visible.c[0].label("seen")).distinct().cte("seen").prefix_with("MATERIALIZED", dialect="postgresql")
    return keys.join(user_task, _t.key == keys.c.seen)


def _with_names(source: FromClause) -> FromClause:
    """Return tasks with the case, instance, process, holder and variables that say what they are about."""
    return (
        source.outerjoin(case_record, _case.root_key == _t.root_key)
        .outerjoin(process_instance, process_instance.c.key == _t.root_key)
        .outerjoin(process_definition, process_definition.c.key == _t.process_definition_key)
        .outerjoin(user_account, user_account.c.name == _t.assignee)
        .outerjoin(_title, _is_variable(_title))
        .outerjoin(_matter, _is_variable(_matter))
        .outerjoin(_community, _is_variable(_community))
    )


def _is_visible(viewer: Viewer, task: ReadOnlyColumnCollection[str, Any] = _t) -> ColumnElement[bool]:
    """Say of one task that a viewer sees it; the same rule as `visible_tasks`, asked the other way round."""
    people = (viewer.user, *viewer.absent)
    c = user_task_candidate.c
    kinds = [and_(c.kind.in_((USER, READER)), c.name.in_(people))]
    groups = ((GROUP, viewer.groups), (UNIT, viewer.units))
    kinds += [and_(c.kind == kind, c.name.in_(names)) for kind, names in groups if names]
    return or_(task.assignee.in_(people), _there_is(c.user_task_key == task.key, or_(*kinds)))


def _is_due(wanted: InboxFilter, due: InboxDue | None) -> list[ColumnElement[bool]]:
    if due is InboxDue.OVERDUE:
        return [_t.due_date <= wanted.now]
    if due is InboxDue.TODAY:
        return [_t.due_date > wanted.now, _t.due_date < wanted.day_end]
    return [_t.due_date.is_(null())] if due is InboxDue.NONE else []


def _filters(wanted: InboxFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.process_id:
        conditions.append(_t.process_id == wanted.process_id)
    if wanted.community:
        value = json_text.dump(wanted.community)
        conditions.append(
            or_(
                _of_case(_own_case.community == wanted.community),
                _there_is(_is_variable(_own_community), _own_community.c.value_head == value[:HEAD_LENGTH]),
            )
        )
    if wanted.urgent:
        conditions.append(_t.priority > USUAL_PRIORITY)
    if wanted.text:
        conditions.append(or_(_t.name.icontains(wanted.text, autoescape=True), _t.root_key.in_(wanted.roots)))
    return conditions


def _of_case(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Say something of a task's case; asked of each task, so that tasks stay in their order."""
    return _there_is(_own_case.root_key == _t.root_key, condition)


def _there_is(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Say that a row fulfils the conditions, which are tried for each task.

    As EXISTS the databases would begin with all rows of the other table: PostgreSQL by a hash, SQLite by a join.
    """
    return select(literal_column("1")).where(*conditions).limit(1).scalar_subquery().is_not(null())
