"""One task: what it is about, its form with a draft that keeps itself, and its completion."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Response, request

from server.api.authentication import current_context
from server.api.idempotency import make_once
from server.errors import Conflict, Forbidden, KeyReused, SubmissionInvalid
from server.model import UserTaskState
from server.pages.blueprint import Blueprint
from server.pages.form_view import leave_sealed, view_form
from server.pages.inbox_query import read_query, write_query
from server.pages.languages import find_language, gettext, ngettext
from server.pages.moments import write_moment, write_time
from server.pages.people import name_group
from server.pages.rendering import redirect, render_page
from server.pages.submissions import read_sent
from server.pages.task_words import tell_hand_off
from server.pages.visitors import current_person
from server.service import drafts, user_tasks
from server.service.inbox import find_next_task
from server.service.rendered_forms import render_task_form
from server.service.task_page import read_task_page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from server.errors import Problem
    from server.model import UserTask
    from server.service.idempotency import Once

blueprint = Blueprint("task")
LONGEST_TOKEN = 64


@blueprint.page("GET", "/tasks/<int:key>")
def show_task(key: int) -> Response:
    """Show a task; its form holds the draft, or what the process knows."""
    return render_task(key)


@blueprint.page("POST", "/tasks/<int:key>/fields")
def show_fields(key: int) -> Response:
    """Show the fields as they look with what was entered so far, which is kept as a draft."""
    sent = read_sent(with_files=False)
    saved = _save_draft(key, sent.values)
    form = render_task_form(current_context(), current_person(), key, sent.values, find_language())
    return render_page("task/fields.html", form=view_form(form, current_person()), sealed=form.sealed, saved=saved)


@blueprint.page("POST", "/tasks/<int:key>/form", resume="/tasks/{key}/resume")
def show_form(key: int) -> Response:
    """Show the task with what was entered so far, and with what the pressed button chose."""
    sent = read_sent()
    _save_draft(key, sent.values)
    return render_task(key, typed=sent.values, problems=sent.problems)


@blueprint.page("POST", "/tasks/<int:key>/draft")
def save_draft(key: int) -> Response:
    """Keep what was entered so far, without showing anything but when."""
    return render_page("task/saved.html", saved=_save_draft(key, read_sent(with_files=False).values))


@blueprint.page("POST", "/tasks/<int:key>/draft/removal")
def remove_draft(key: int) -> Response:
    """Throw the draft away and show the form as it was."""
    drafts.remove_draft(current_context(), current_person(), key)
    return redirect(_at(key), gettext("The draft is gone."))


@blueprint.resumption("/tasks/<int:key>/resume")
def resume_task(key: int) -> Response:
    """Show again what was typed before the session ended."""
    sent = read_sent()
    message = gettext("You are signed in again. Nothing was sent yet: look through what you entered, then send it.")
    return render_task(key, typed=sent.values or None, message=message, written=dict(request.form))


@blueprint.page("POST", "/tasks/<int:key>/completion", resume="/tasks/{key}/resume")
def complete_task(key: int) -> Response:
    """Complete the task, and go on with the next one or back to the list; a row or file more or less only shows it."""
    context, actor = current_context(), current_person()
    sent = read_sent()
    if sent.changed or request.form.get("update"):
        _save_draft(key, sent.values)
        return render_task(key, typed=sent.values)
    if sent.problems:
        return render_task(key, typed=sent.values, problems=sent.problems, status=422)
    form = render_task_form(context, actor, key, sent.values, find_language())
    values = leave_sealed(sent.values, form.sealed)
    try:
        opened = user_tasks.complete_user_task(context, actor, key, values, find_language(), _read_once(values))
    except SubmissionInvalid as error:
        return render_task(key, typed=sent.values, problems=error.problems, status=error.status)
    except (Conflict, Forbidden, KeyReused):
        return render_task(key, typed=sent.values, status=409, conflict=True)
    return _go_on(key, opened)


def render_task(
    key: int,
    *,
    typed: Mapping[str, object] | None = None,
    problems: Sequence[Problem] = (),
    message: str = "",
    trouble: str = "",
    conflict: bool = False,
    written: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    """Return the page of a task.

    `typed` is what was entered into its form, `written` into the other forms of the page. `conflict`: it could not be
    completed as it stands now, and the page says why.
    """
    context, actor = current_context(), current_person()
    page = read_task_page(context, actor, key)
    draft = page.draft if typed is None and page.task.state is UserTaskState.CREATED else None
    shown = typed if draft is None else draft.data
    form = render_task_form(context, actor, key, shown, find_language())
    completable = "completion" in page.actions
    if typed is not None and not completable and not trouble:
        conflict = True
    return render_page(
        "task/page.html",
        status,
        page=page,
        task=page.task,
        draft=draft,
        form=view_form(form, actor, problems) if form.form_id is not None else None,
        sealed=form.sealed,
        completable=completable,
        conflict=_explain_conflict(page.task, page.names) if conflict else "",
        over=_tell_end(page.task, page.names),
        kept=conflict and typed is not None,
        message=message,
        trouble=trouble,
        written=written or {},
        once=request.form.get("once") or _make_once(page.task, actor.name),
        carried=read_carried(),
        back=f"/tasks?{write_query(read_query(read_carried()))}".rstrip("?"),
        tell_hand_off=lambda one: tell_hand_off(one, page.names),
        group_name=lambda group: name_group(group, page.units),
    )


def read_carried() -> str:
    """Return the query string of the list that one comes from, which goes along from page to page."""
    return (request.form.get("from") or request.args.get("from", ""))[:1000]


def go_back(key: int, notice: str) -> Response:
    """Show the task again after something was done, with a word about it."""
    return redirect(_at(key), notice)


def _at(key: int) -> str:
    carried = read_carried()
    return f"/tasks/{key}" + (f"?from={quote(carried)}" if carried else "")


def _go_on(key: int, opened: Sequence[UserTask]) -> Response:
    context, actor = current_context(), current_person()
    wanted = read_query(read_carried())
    done = gettext("Done.")
    following = None
    if request.form.get("go") != "list":
        own = (one.key for one in opened if one.state is UserTaskState.CREATED and one.assignee in (None, actor.name))
        following = next(own, None) or find_next_task(context, actor, wanted, key)
    if following is not None:
        return redirect(_at(following), " ".join((done, gettext("This is the next task."))))
    said = (
        done
        if not opened
        else f"{done} "
        + ngettext("%(num)s task has opened for you.", "%(num)s tasks have opened for you.", len(opened))
    )
    return redirect(f"/tasks?{write_query(wanted)}".rstrip("?"), said)


def _save_draft(key: int, values: Mapping[str, object]) -> str:
    """Keep a draft where the task can still be completed, and return when, or an empty text."""
    try:
        draft = drafts.put_draft(current_context(), current_person(), key, values)
    except (Conflict, Forbidden):
        return ""
    return write_time(draft.updated_at)


def _make_once(task: UserTask, name: str) -> str:
    """Return what makes two presses of the button one completion: the task is completed by a person once."""
    return hashlib.sha256(f"{task.key} {name}".encode()).hexdigest()[:32]


def _read_once(values: Mapping[str, object]) -> Once | None:
    """Return the request as one that is done once; the same key with other values is another request."""
    token = request.form.get("once", "")[:LONGEST_TOKEN]
    return make_once(current_person(), f"page {token}", values) if token.isalnum() else None


def _tell_end(task: UserTask, names: Mapping[str, str]) -> str:
    """Return by whom and when a task was completed, or that it was taken back; empty while it is open."""
    if task.state is UserTaskState.COMPLETED:
        time = write_moment(task.completion_date)
        if task.completed_by == current_person().name:
            return gettext("You completed this task on %(time)s.", time=time)
        name = names.get(task.completed_by or "", task.completed_by or "")
        return gettext("%(name)s completed this task on %(time)s.", name=name, time=time)
    if task.state is not UserTaskState.CREATED:
        return gettext("This task was taken back by the process.")
    return ""


def _explain_conflict(task: UserTask, names: Mapping[str, str]) -> str:
    if task.state is UserTaskState.COMPLETED:
        who = names.get(task.completed_by or "", task.completed_by or "")
        return gettext("%(name)s has completed this task in the meantime.", name=who)
    if task.state is not UserTaskState.CREATED:
        return gettext("This task was taken back by the process: there is nothing to do any more.")
    if task.assignee is not None and task.assignee != current_person().name:
        holder = names.get(task.assignee, task.assignee)
        return gettext("%(name)s holds this task now.", name=holder)
    return gettext("This task cannot be completed as it stands: a signature may be missing, or it is suspended.")
