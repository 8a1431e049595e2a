"""Incidents: grouped by what went wrong and where, tried again one by one or together."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import request

from server import access
from server.api.authentication import current_context
from server.api.fields import parse_key
from server.errors import Forbidden, InvalidArgument
from server.model import Condition, IncidentState, Query, Sort
from server.pages.blueprint import Blueprint
from server.pages.rendering import render_page
from server.pages.visitors import current_person
from server.service import bulk, incidents, process_definitions
from server.service.element_labels import label_elements

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from flask import Response

    from server.model import Incident
    from server.service.bulk import ItemResult

blueprint = Blueprint("incidents")
MOST_SHOWN = 1000


@dataclass(frozen=True, slots=True)
class Group:
    """Incidents of one kind at one element: they have one cause as a rule, and are mended together."""

    process: str
    element: str
    type: str
    message: str
    incidents: Sequence[Incident]


@blueprint.page("GET", "/incidents")
def list_incidents() -> Response:
    """Show what has stopped."""
    return _show()


@blueprint.page("POST", "/incidents")
def retry_incidents() -> Response:
    """Try the chosen ones again, and tell what came of each."""
    if not access.may_administer(current_person()):
        raise Forbidden("only administrators resolve incidents")
    keys = [key for text in request.form.getlist("incident") if (key := parse_key(text)) is not None]
    if not 0 < len(keys) <= bulk.MOST_ITEMS:
        raise InvalidArgument(f"expected one to {bulk.MOST_ITEMS} chosen incidents, found {len(keys)}")
    return _show(bulk.resolve_incidents(current_context(), current_person(), keys))


def _show(results: Sequence[ItemResult] = ()) -> Response:
    query = Query((Condition("state", "eq", IncidentState.ACTIVE),), sort=(Sort("key"),), limit=MOST_SHOWN)
    found = incidents.search_incidents(current_context(), current_person(), query)
    return render_page(
        "incidents.html",
        groups=_group(found.items),
        total=found.total,
        results=results,
        done=sum(one.error is None for one in results),
        operates=access.may_administer(current_person()),
        most=bulk.MOST_ITEMS,
    )


def _group(found: Iterable[Incident]) -> list[Group]:
    together: dict[tuple[int, str, str], list[Incident]] = defaultdict(list)
    for one in found:
        together[one.place.process_definition_key, one.place.element_id, one.type.value].append(one)
    groups = []
    for (key, element_id, kind), incidents_here in together.items():
        definition = process_definitions.definition_of(current_context(), key)
        label = label_elements(current_context(), key).get(element_id)
        groups.append(
            Group(
                f"{definition.name or definition.process_id} {definition.version}",
                element_id if label is None else label.name,
                kind,
                incidents_here[0].message,
                incidents_here,
            )
        )
    return sorted(groups, key=lambda group: -len(group.incidents))
