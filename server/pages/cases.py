"""Cases: found, and looked at with everything that hangs on them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import request

from server import access
from server.api.authentication import current_context
from server.api.stages import STAGES, tell_pause
from server.model import CaseState, Condition, Query, Sort
from server.pages.blueprint import Blueprint
from server.pages.languages import mark
from server.pages.people import name_group
from server.pages.record_words import tell_clock, tell_list, tell_status
from server.pages.rendering import render_page
from server.pages.visitors import current_person
from server.service import attachments, cases, clocks
from server.service.colleagues import find_display_names
from server.service.unit_names import name_units

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Response

blueprint = Blueprint("cases")
PAGE_SIZE = 50
GROUPS: Mapping[str, tuple[CaseState, ...]] = {
    "open": tuple(state for state in CaseState if not state.is_final),
    "ended": tuple(state for state in CaseState if state.is_final),
}
STATES: Mapping[CaseState, str] = {
    CaseState.OPEN: mark("Being handled"),
    CaseState.PARKED: mark("Parked"),
    CaseState.MERGED: mark("Joined to another case"),
    CaseState.SPLIT: mark("Split into several"),
    CaseState.REOPENED_OLD: mark("An earlier case goes on"),
    CaseState.WITHDRAWN: mark("Withdrawn"),
    CaseState.REFERRED_EMERGENCY: mark("Passed to the emergency services"),
    CaseState.ANSWERED_NOT_ACCEPTED: mark("Answered, not accepted"),
    CaseState.CLOSED_RESOLVED: mark("Resolved"),
    CaseState.CLOSED_EXPLAINED: mark("Closed with an explanation"),
    CaseState.CLOSED_UNCONFIRMED: mark("Closed, nobody reached"),
    CaseState.CANCELLED: mark("Cancelled"),
}
FILTERS: Mapping[str, str] = {"street": "street", "community": "community", "category": "category", "unit": "lead_unit"}
"""Parameters of the address and the columns that they filter."""


@blueprint.page("GET", "/cases")
def list_cases() -> Response:
    """Search cases by words, state and unit; a filter is a link."""
    wanted = {name: request.args[name] for name in (*FILTERS, "state", "words") if request.args.get(name)}
    conditions = [Condition(column, "eq", wanted[name]) for name, column in FILTERS.items() if name in wanted]
    states = GROUPS.get(wanted.get("state", "open"))
    if states is not None:
        conditions.append(Condition("state", "in", states))
    either: tuple[tuple[Condition, ...], ...] = ()
    if "words" in wanted:
        pattern = f"*{wanted['words']}*"
        either = tuple((Condition(column, "like", pattern),) for column in ("case_no", "title"))
    after = request.args.get("after") or None
    query = Query(tuple(conditions), either, (Sort("received_at", descending=True),), PAGE_SIZE, after=after)
    return render_page(
        "cases.html",
        found=cases.search_cases(current_context(), current_person(), query),
        states=STATES,
        units=name_units(current_context()),
        wanted=wanted,
        link=lambda **values: _link(wanted, values),
    )


@blueprint.page("GET", "/cases/<string:case_no>")
def show_case(case_no: str) -> Response:
    """Show a case: what it is, its clocks, tasks and rows; its process is one link away."""
    context, person = current_context(), current_person()
    view = cases.get_case(context, person, case_no)
    own = Query((Condition("root_key", "eq", view.case.root_key),), sort=(Sort("key"),), limit=PAGE_SIZE)
    units = name_units(context)
    return render_page(
        "case.html",
        view=view,
        case=view.case,
        clocks=clocks.search_clocks(context, person, own).items if access.may_read_lists(person) else (),
        stage=STATES[view.case.state],
        told=STAGES[view.case.state],
        units=units,
        people=find_display_names(context, {one.assignee for one in view.tasks if one.assignee}),
        who=lambda owner: units.get(owner or "") or name_group(owner or "", units),
        tell_clock=tell_clock,
        tell_list=tell_list,
        tell_status=tell_status,
        files=attachments.list_attachments(context, person, view.case.root_key),
        tell_pause=tell_pause,
    )


def _link(wanted: Mapping[str, str], values: Mapping[str, str | None]) -> str:
    """Return the address of the list with other filters; None takes one away."""
    query = urlencode({name: value for name, value in {**wanted, **values}.items() if value})
    return f"/cases{'?' if query else ''}{query}"
