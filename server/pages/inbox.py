"""The inbox: what there is to do, filtered by the query string, claimed in place, handed out by leads."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from flask import request

from server.api.authentication import current_context
from server.api.fields import parse_key
from server.errors import Conflict, Forbidden, InvalidArgument
from server.model import MOST_COUNTED, InboxGroup
from server.pages.blueprint import Blueprint, set_notice
from server.pages.inbox_query import read_filter, read_page, read_query, write_query
from server.pages.languages import gettext, ngettext
from server.pages.people import name_group, require_person_named
from server.pages.rendering import redirect, render_page
from server.pages.visitors import current_person
from server.service import bulk, user_tasks
from server.service.bulk import BulkOperation, BulkRequest
from server.service.inbox import count_inbox, read_inbox

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from flask import Response

    from server.model import InboxChoices, InboxFilter
    from server.service.bulk import ItemResult
    from server.service.inbox import InboxItem

blueprint = Blueprint("inbox")


@blueprint.page("GET", "/tasks")
def show_inbox() -> Response:
    """Show what there is to do; the part with the list alone where htmx asks."""
    return _render(read_filter(request.args), read_page(request.args))


@blueprint.page("GET", "/tasks/counts")
def show_counts() -> Response:
    """Show how many there are; a page that is open asks for it now and then."""
    wanted = read_filter(request.args)
    counts = count_inbox(current_context(), current_person(), wanted)
    return render_page("inbox/tabs.html", wanted=wanted, counts=counts, query=write_query, most=MOST_COUNTED)


@blueprint.page("POST", "/tasks/<int:key>/claim")
def claim_task(key: int) -> Response:
    """Take a task that nobody holds, and stay where one is."""
    actor = current_person()
    try:
        user_tasks.assign_user_task(current_context(), actor, key, actor.name, allow_override=False)
    except (Conflict, Forbidden):
        message = gettext("Somebody else has taken this task in the meantime, or it is done.")
    else:
        message = gettext("You have taken the task.")
    return _go_on(message)


@blueprint.page("POST", "/tasks/bulk")
def change_tasks() -> Response:
    """Claim what is chosen, or hand it to somebody; each task has its own result."""
    keys = [key for key in map(parse_key, request.form.getlist("key")) if key is not None]
    if not keys or len(keys) > bulk.MOST_ITEMS:
        return _go_on(gettext("Choose between 1 and %(most)s tasks first.", most=bulk.MOST_ITEMS))
    actor = current_person()
    if request.form.get("operation") == "assign":
        try:
            asked = BulkRequest(BulkOperation.ASSIGN, require_person_named(request.form.get("assignee", "")))
        except InvalidArgument:
            return _go_on(gettext("Choose the person who shall have the tasks."))
    else:
        asked = BulkRequest(BulkOperation.CLAIM, actor.name)
    return _go_on(_tell(bulk.change_user_tasks(current_context(), actor, keys, asked)))


def _render(wanted: InboxFilter, page: int = 1) -> Response:
    inbox = read_inbox(current_context(), current_person(), wanted, page)
    template = "inbox/list.html" if "HX-Request" in request.headers else "inbox/page.html"
    return render_page(
        template,
        wanted=wanted,
        inbox=inbox,
        counts=inbox.counts,
        groups=_group(inbox.items, wanted.group, inbox.choices),
        query=write_query,
        this_query=write_query(wanted, page),
        most=MOST_COUNTED,
        group_name=lambda group: name_group(group, inbox.choices.units),
    )


def _group(
    items: Iterable[InboxItem], group: InboxGroup | None, choices: InboxChoices
) -> Sequence[tuple[str, Sequence[InboxItem]]]:
    """Return the tasks under their headings; without groups, all under none."""
    if group is None:
        return [("", list(items))]
    names: Mapping[str, str] = choices.processes if group is InboxGroup.PROCESS else choices.units

    def heading(item: InboxItem) -> str:
        listed = item.listed
        key = listed.task.place.process_id if group is InboxGroup.PROCESS else listed.community
        return gettext("Without a community") if key is None else names.get(key, key)

    return [(name, list(members)) for name, members in groupby(items, heading)]


def _tell(results: Sequence[ItemResult]) -> str:
    done = sum(one.error is None for one in results)
    said = ngettext("%(num)s task changed.", "%(num)s tasks changed.", done)
    failed = len(results) - done
    if failed:
        said += " " + ngettext(
            "%(num)s was not: somebody else was faster, or you may not.",
            "%(num)s were not: somebody else was faster, or you may not.",
            failed,
        )
    return said


def _go_on(message: str) -> Response:
    """Say something above the list that one came from: in place, or after loading it anew."""
    wanted = read_query(request.form.get("from", ""))
    if "HX-Request" not in request.headers:
        return redirect(f"/tasks?{write_query(wanted)}".rstrip("?"), message)
    set_notice(message)
    return _render(wanted)
