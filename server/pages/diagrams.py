"""Diagrams on pages: the file, and what is marked on its elements."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Response

from server.api.authentication import current_context
from server.pages.blueprint import Blueprint
from server.pages.languages import gettext, ngettext
from server.pages.moments import write_time_taken
from server.pages.visitors import current_person
from server.service import process_definitions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from server.model import ElementStatistics, ElementTimes
    from server.service.timelines import Visit

blueprint = Blueprint("diagrams")
KEPT = "private, max-age=86400, immutable"
HEAT_STEPS = 4
LEAST_TIME = timedelta(minutes=1)
"""What takes less is done by the server at once."""
OPEN, PASSED = "ACTIVE", "COMPLETED"


@dataclass(frozen=True, slots=True)
class Badge:
    """A small word at an element; `kind` gives its place and colour, `title` says it in full."""

    kind: str
    text: str
    title: str


@dataclass(slots=True)
class Mark:
    """What is shown at one element or flow: looks, badges, and where a click leads."""

    id: str
    classes: list[str] = field(default_factory=list)
    badges: list[Badge] = field(default_factory=list)
    href: str | None = None


@blueprint.page("GET", "/diagrams/<int:key>.bpmn")
def send_diagram(key: int) -> Response:
    """Send a deployed diagram; a deployed file never changes."""
    response = Response(process_definitions.get_xml(current_context(), current_person(), key), mimetype="text/xml")
    response.headers["Cache-Control"] = KEPT
    return response


def mark_counts(found: Iterable[ElementStatistics], link: Callable[[str], str]) -> list[Mark]:
    """Mark how many tokens stand at each element, and colour by how many came through."""
    counts = list(found)
    most = max((one.completed for one in counts), default=0)
    marks = []
    for one in counts:
        mark = Mark(one.element_id, href=link(one.element_id))
        if one.completed:
            mark.classes.append(f"heat-{max(1, HEAT_STEPS * one.completed // most)}")
        if one.active:
            title = ngettext("%(num)s is here", "%(num)s are here", one.active)
            mark.badges.append(Badge("running", str(one.active), title))
        if one.incidents:
            title = ngettext("%(num)s incident", "%(num)s incidents", one.incidents)
            mark.badges.append(Badge("incident", f"! {one.incidents}", title))
        marks.append(mark)
    return marks


def mark_times(found: Iterable[ElementTimes], link: Callable[[str], str]) -> list[Mark]:
    """Mark how long tokens stayed at each element: half of them not longer than is shown."""
    times = list(found)
    longest = max((one.median for one in times), default=LEAST_TIME) or LEAST_TIME
    return [
        Mark(
            one.element_id,
            [f"heat-{max(1, int(HEAT_STEPS * (one.median / longest)))}"],
            [
                Badge(
                    "time",
                    write_time_taken(one.median),
                    gettext("%(length)s on average", length=write_time_taken(one.mean)),
                )
            ],
            link(one.element_id),
        )
        for one in times
    ]


def mark_path(visits: Iterable[Visit], taken: Iterable[str], stopped: Iterable[str]) -> list[Mark]:
    """Mark where an instance has been and is: the taken path, tokens, what is late, and incidents."""
    marks: dict[str, Mark] = {}
    for visit in visits:
        mark = marks.setdefault(visit.place.element_id, Mark(visit.place.element_id))
        if visit.state == OPEN:
            mark.classes.append("active")
            mark.badges.append(Badge("running", "●", gettext("Is here now")))
            if visit.late_by is not None:
                mark.classes.append("late")
                mark.badges.append(Badge("late", "!", gettext("Overdue")))
        elif visit.state == PASSED:
            mark.classes.append("passed")
    for element_id in stopped:
        marks.setdefault(element_id, Mark(element_id)).classes.append("incident")
        marks[element_id].badges.append(Badge("incident", "✕", gettext("Incident")))
    return [*marks.values(), *(Mark(flow, ["taken"]) for flow in taken)]


def write_marks(marks: Iterable[Mark]) -> str:
    """Return marks as the viewer reads them."""
    return json.dumps([asdict(mark) for mark in marks], ensure_ascii=False)
