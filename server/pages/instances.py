"""One process instance: where it stands, and who did what by when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import request

from server import access
from server.api.authentication import current_context
from server.model import Condition, IncidentState, Query, Sort
from server.pages.blueprint import Blueprint
from server.pages.diagrams import OPEN, mark_path, write_marks
from server.pages.rendering import render_page
from server.pages.task_words import tell_hand_off
from server.pages.visitors import current_person
from server.service import (
    colleagues,
    element_instances,
    hand_offs,
    incidents,
    operations,
    process_definitions,
    process_instances,
    timelines,
)
from server.service.element_labels import label_elements

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from flask import Response

    from server.model import Incident, ProcessDefinition, ProcessInstance
    from server.service.element_labels import ElementLabel
    from server.service.timelines import Visit

blueprint = Blueprint("instances")
MOST_INCIDENTS = 100
LONGEST_ID = 256
QUIET = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "scriptTask"})
"""Types of elements that nobody asks about: told in small."""
MOVED = ("Task", "callActivity", "CatchEvent", "eventBasedGateway")
"""How the types of elements end whose tokens an operator moves; what lies in a scope is moved one by one."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One line of the step list: a visit with what its element is called, in which process."""

    visit: Visit
    label: ElementLabel | None
    process: str
    is_quiet: bool
    is_movable: bool
    called: int | None = None


def show_instance(key: int, problem: str | None = None, status: int = 200, message: str = "") -> Response:
    """Show an instance; `problem` says why what was asked could not be done, and what was typed is kept."""
    context, person = current_context(), current_person()
    view = process_instances.get_process_instance(context, person, key)
    timeline = timelines.explain_lateness(context, person, key)
    stages = _tell_stages(view.instance, timeline.visits)
    open_incidents = _find_incidents(view.instance)
    operates = access.may_operate(person, view.instance.process_id) and view.instance.root_key == key
    told = [one for one in hand_offs.list_hand_offs_of_instance(context, person, key) if one.user_task_key is None]
    names = colleagues.find_display_names(context, {one.actor for one in told})
    return render_page(
        "instance.html",
        status,
        instance=view.instance,
        definition=process_definitions.definition_of(context, view.instance.process_definition_key),
        stages=stages,
        is_truncated=timeline.is_truncated,
        incidents=open_incidents,
        marks=_mark(key, timeline.visits, open_incidents),
        labels=label_elements(context, view.instance.process_definition_key),
        operates=operates and view.instance.end_date is None,
        problem=problem,
        message=message,
        written=request.form.get("reason", ""),
        hand_offs=told,
        tell_hand_off=lambda one: tell_hand_off(one, names),
        longest_reason=operations.LONGEST_REASON,
    )


@blueprint.page("GET", "/processes/<int:key>/picture")
def show_picture(key: int) -> Response:
    """Show the diagram of an instance alone, as a part of another page that loads the viewer when it is opened."""
    context, person = current_context(), current_person()
    instance = process_instances.get_process_instance(context, person, key).instance
    visits = timelines.explain_lateness(context, person, key).visits
    return render_page(
        "picture.html",
        definition=process_definitions.definition_of(context, instance.process_definition_key),
        marks=_mark(key, visits, _find_incidents(instance)),
        at=request.args.get("at", "")[:LONGEST_ID],
    )


def _mark(key: int, visits: Iterable[Visit], stopped: Iterable[Incident]) -> str:
    own = [visit for visit in visits if visit.place.process_instance_key == key]
    there = [one.place.element_id for one in stopped if one.place.process_instance_key == key]
    _, flows = element_instances.list_taken_flows(current_context(), current_person(), key)
    return write_marks(mark_path(own, flows, there))


def _find_incidents(instance: ProcessInstance) -> Sequence[Incident]:
    if not access.may_see_incidents(current_person(), instance.process_id):
        return ()
    query = Query((Condition("state", "eq", IncidentState.ACTIVE),), sort=(Sort("key"),), limit=MOST_INCIDENTS)
    return incidents.search_incidents_of_process(current_context(), current_person(), instance.key, query).items


def _tell_stages(instance: ProcessInstance, visits: Iterable[Visit]) -> list[Stage]:
    """Put names to visits; a call leads to the instance that it called."""
    definitions: dict[int, ProcessDefinition] = {}
    labels: dict[int, Mapping[str, ElementLabel]] = {}
    stages = []
    for visit in visits:
        key = visit.place.process_definition_key
        if key not in labels:
            definitions[key] = process_definitions.definition_of(current_context(), key)
            labels[key] = label_elements(current_context(), key)
        label = labels[key].get(visit.place.element_id)
        foreign = visit.place.process_instance_key != instance.key
        stages.append(
            Stage(
                visit,
                label,
                definitions[key].name or definitions[key].process_id,
                is_quiet=visit.element_type in QUIET,
                is_movable=visit.state == OPEN and visit.element_type.endswith(MOVED),
                called=visit.place.process_instance_key if foreign else None,
            )
        )
    return stages
