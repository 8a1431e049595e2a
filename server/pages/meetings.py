"""Joint meetings: who is there, what stands on the agenda, what was decided, and the minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

from server.api.authentication import current_context
from server.errors import MusterError, NotFound
from server.model import Query, Sort
from server.pages.blueprint import Blueprint
from server.pages.languages import gettext, mark
from server.pages.rendering import render_page
from server.pages.visitors import current_person
from server.service import meetings
from server.service.unit_names import name_units

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Response

blueprint = Blueprint("meetings")
PAGE_SIZE = 50
STATES: Mapping[str, str] = {
    "open": mark("Topics are collected"),
    "scheduled": mark("Date fixed"),
    "held": mark("Held"),
    "circulated": mark("Decided in writing"),
    "not_held": mark("Not held"),
    "closed": mark("Closed"),
}
KINDS: Mapping[str, str] = {
    "quarterly": mark("Quarterly joint meeting"),
    "weekly": mark("Weekly consultation"),
    "fortnightly": mark("Fortnightly dispatch"),
    "grid_branch": mark("Branch meeting"),
    "coordination": mark("Coordination committee"),
    "adhoc": mark("Called meeting"),
}
DECISIONS: Mapping[str, str] = {
    "task": mark("Task"),
    "project": mark("Project"),
    "lift": mark("Lifted one level"),
    "no_action_explained": mark("No action, explained"),
    "carry": mark("Carried over"),
    "withdraw": mark("Withdrawn"),
}
VERBS: Mapping[str, str] = {
    "proposed": mark("proposed"),
    "scheduled": mark("put on the agenda"),
    "unscheduled": mark("taken off the agenda"),
    "carried": mark("carried over"),
    "decided": mark("decided"),
    "lifted": mark("lifted one level"),
    "moved": mark("passed to the successor"),
    "withdrawn": mark("withdrawn"),
}


@blueprint.page("GET", "/meetings")
def list_meetings() -> Response:
    """List the meetings, the newest first."""
    query = Query(sort=(Sort("opened_at", descending=True),), limit=PAGE_SIZE, after=request.args.get("after") or None)
    return render_page(
        "meetings.html",
        found=meetings.search_meetings(current_context(), current_person(), query),
        units=name_units(current_context()),
        kinds=KINDS,
        states=STATES,
    )


@blueprint.page("GET", "/meetings/<string:meeting_no>")
def show_meeting(meeting_no: str) -> Response:
    """Show a meeting: the whole to those who belong to it, public items to everybody else."""
    return _show(meeting_no)


@blueprint.page("POST", "/meetings/<string:meeting_no>/check-in")
def check_in(meeting_no: str) -> Response:
    """Check in by the code of a seat."""
    try:
        seat = meetings.check_in(current_context(), current_person(), meeting_no, request.form.get("code", ""))
    except MusterError as error:
        if error.status in {403, 404}:
            raise
        return _show(meeting_no, problem=error.message, status=error.status)
    return _show(meeting_no, told=gettext("Seat %(seat)s has checked in.", seat=seat))


def _show(meeting_no: str, *, told: str | None = None, problem: str | None = None, status: int = 200) -> Response:
    context, person = current_context(), current_person()
    view = meetings.get_meeting(context, person, meeting_no)
    content = view.meeting.content
    try:
        codes = meetings.get_codes(context, person, meeting_no)
    except NotFound:  # no seat of theirs
        codes = {}
    return render_page(
        "meeting.html",
        status,
        view=view,
        meeting=view.meeting,
        record=content if view.whole else {},
        minutes=content.get("public_minutes"),
        place=content.get("place"),
        codes=codes,
        checked=content.get("check_ins", {}),
        units=name_units(context),
        kinds=KINDS,
        states=STATES,
        decisions=DECISIONS,
        verbs=VERBS,
        told=told,
        problem=problem,
    )
