"""Colleagues: found while a name is typed, and understood by what they are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

from server.api.authentication import current_context
from server.errors import InvalidArgument
from server.pages.blueprint import Blueprint
from server.pages.rendering import render_page
from server.pages.visitors import current_person
from server.service.colleagues import search_colleagues

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Response

blueprint = Blueprint("people")
LONGEST_NAME = 256


@blueprint.page("GET", "/people")
def show_people() -> Response:
    """Show who is meant by what was typed so far, as options of a field."""
    text = next(iter(request.args.values()), "").strip()[:LONGEST_NAME]
    found = search_colleagues(current_context(), current_person(), text) if text else ()
    return render_page("people/options.html", people=found)


def require_person_named(text: str) -> str:
    """Return the account of somebody, given by account or by what they are called.

    Raises `InvalidArgument` when nobody is called so, or several are.
    """
    wanted = text.strip()
    if not wanted or len(wanted) > LONGEST_NAME or "\0" in wanted:
        raise InvalidArgument("expected the name of a colleague, found none")
    found = search_colleagues(current_context(), current_person(), wanted)
    exact = [one.name for one in found if one.name == wanted] or [
        one.name for one in found if one.display_name == wanted
    ]
    if len(exact) != 1:
        raise InvalidArgument(f"expected the name of one colleague, found {wanted!r:.80}")
    return exact[0]


def name_group(group: str, units: Mapping[str, str]) -> str:
    """Return how a group `role@unit` is shown: by its unit."""
    unit = group.partition("@")[2]
    return units.get(unit, unit or group)
