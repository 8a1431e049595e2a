"""Starting a process: which can be started, and its start form."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Response, request

from server import access
from server.api.authentication import current_context
from server.api.idempotency import make_once
from server.errors import KeyReused, SubmissionInvalid
from server.model import Query, Sort
from server.pages.blueprint import Blueprint
from server.pages.form_view import view_form
from server.pages.languages import find_language, gettext
from server.pages.rendering import redirect, render_page
from server.pages.submissions import read_sent
from server.pages.visitors import current_person
from server.service import credentials, process_definitions, process_instances
from server.service.process_instances import StartRequest
from server.service.rendered_forms import render_start_form, require_start

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from server.errors import Problem
    from server.service.idempotency import Once

blueprint = Blueprint("start")
MOST_PROCESSES = 200
LONGEST_TOKEN = 64


@blueprint.page("GET", "/start")
def list_starts() -> Response:
    """Show what can be started."""
    actor = current_person()
    query = Query(sort=(Sort("process_id"),), limit=MOST_PROCESSES)
    found = process_definitions.search_process_definitions(current_context(), actor, query, latest_only=True)
    startable = [one for one in found.items if one.start_form_id and access.may_start(actor, one)]
    return render_page("start/list.html", definitions=startable)


@blueprint.page("GET", "/start/<string:process_id>")
def show_start(process_id: str) -> Response:
    """Show the start form of a process."""
    return _render(process_id)


@blueprint.page("POST", "/start/<string:process_id>/fields")
def show_fields(process_id: str) -> Response:
    """Show the fields as they look with what was entered so far."""
    require_start(current_context(), current_person(), process_id)
    sent = read_sent(with_files=False)
    _, form = render_start_form(current_context(), process_id, sent.values, find_language())
    return render_page("task/fields.html", form=view_form(form, current_person()), sealed=form.sealed, saved="")


@blueprint.resumption("/start/<string:process_id>/resume")
def resume_start(process_id: str) -> Response:
    """Show again what was typed before the session ended."""
    message = gettext("You are signed in again. Nothing was sent yet: look through what you entered, then send it.")
    return _render(process_id, typed=read_sent().values, message=message)


@blueprint.page("POST", "/start/<string:process_id>/instance", resume="/start/{process_id}/resume")
def start(process_id: str) -> Response:
    """Start the process, and go on with the task that opened for whoever did, or to the list."""
    require_start(current_context(), current_person(), process_id)
    sent = read_sent()
    if sent.changed or request.form.get("update"):
        return _render(process_id, typed=sent.values)
    if sent.problems:
        return _render(process_id, typed=sent.values, problems=sent.problems, status=422)
    asked = StartRequest(process_id=process_id, variables=sent.values, locale=find_language())
    try:
        started = process_instances.start_process_instance(
            current_context(), current_person(), asked, _read_once(sent.values)
        )
    except SubmissionInvalid as error:
        return _render(process_id, typed=sent.values, problems=error.problems, status=error.status)
    except KeyReused:
        again = gettext("This was sent already; press once more to send it anew.")
        return _render(process_id, typed=sent.values, message=again)
    said = gettext("Started.")
    if started.user_tasks:
        said = " ".join((said, gettext("This is the next task.")))
        return redirect(f"/tasks/{started.user_tasks[0].key}", said)
    return redirect(f"/processes/{started.instance.key}", said)


def _render(
    process_id: str,
    *,
    typed: Mapping[str, object] | None = None,
    problems: Sequence[Problem] = (),
    message: str = "",
    status: int = 200,
) -> Response:
    require_start(current_context(), current_person(), process_id)
    definition, form = render_start_form(current_context(), process_id, typed, find_language())
    sent_again = status != HTTPStatus.OK and request.form.get("once")
    return render_page(
        "start/page.html",
        status,
        definition=definition,
        form=view_form(form, current_person(), problems) if form.form_id is not None else None,
        sealed=form.sealed,
        message=message,
        once=sent_again or credentials.make_secret()[:LONGEST_TOKEN],
    )


def _read_once(values: Mapping[str, object]) -> Once | None:
    """Return the request as one that is done once, however often the button is pressed."""
    token = request.form.get("once", "")[:LONGEST_TOKEN]
    plain = token.isascii() and token.isprintable() and token
    return make_once(current_person(), f"page {token}", values) if plain else None
