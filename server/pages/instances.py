"""One process instance: where it stands, who did what by when, and what operators may do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import request

from server import access
from server.api.authentication import current_context
from server.errors import InvalidArgument, MusterError
from server.model import Condition, IncidentState, Query, Sort
from server.pages.blueprint import Blueprint, set_notice
from server.pages.diagrams import mark_path, write_marks
from server.pages.languages import gettext
from server.pages.rendering import redirect, render_page
from server.pages.visitors import current_person
from server.service import (
    element_instances,
    incidents,
    modification,
    process_definitions,
    process_instances,
    suspension,
    timelines,
)
from server.service.element_labels import label_elements

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from flask import Response

    from server.model import Incident, ProcessDefinition, ProcessInstance
    from server.service.element_labels import ElementLabel
    from server.service.timelines import Visit

blueprint = Blueprint("instances")
MOST_INCIDENTS = 100
QUIET = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "scriptTask"})
"""Types of elements that nobody asks about: told in small."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One line of the step list: a visit with what its element is called, in which process."""

    visit: Visit
    label: ElementLabel | None
    process: str
    is_quiet: bool
    called: int | None = None


def show_instance(key: int, problem: str | None = None, status: int = 200) -> Response:
    """Show an instance; `problem` says why what was asked could not be done."""
    context, person = current_context(), current_person()
    view = process_instances.get_process_instance(context, person, key)
    timeline = timelines.explain_lateness(context, person, key)
    stages = _tell_stages(view.instance, timeline.visits)
    open_incidents = _find_incidents(view.instance)
    own = [visit for visit in timeline.visits if visit.place.process_instance_key == key]
    stopped = [one.place.element_id for one in open_incidents if one.place.process_instance_key == key]
    _, flows = element_instances.list_taken_flows(context, person, key)
    operates = access.may_operate(person, view.instance.process_id) and view.instance.root_key == key
    return render_page(
        "instance.html",
        status,
        instance=view.instance,
        definition=process_definitions.definition_of(context, view.instance.process_definition_key),
        stages=stages,
        is_truncated=timeline.is_truncated,
        incidents=open_incidents,
        marks=write_marks(mark_path(own, flows, stopped)),
        labels=label_elements(context, view.instance.process_definition_key),
        operates=operates and view.instance.end_date is None,
        problem=problem,
    )


@blueprint.page("POST", "/processes/<int:key>/suspension")
def suspend_instance(key: int) -> Response:
    """Suspend an instance."""
    return _operate(key, lambda: suspension.suspend_process_instance(current_context(), current_person(), key))


@blueprint.page("POST", "/processes/<int:key>/resumption")
def resume_instance(key: int) -> Response:
    """Let a suspended instance go on."""
    return _operate(key, lambda: suspension.resume_process_instance(current_context(), current_person(), key))


@blueprint.page("POST", "/processes/<int:key>/cancellation")
def cancel_instance(key: int) -> Response:
    """Cancel an instance, when that was confirmed."""
    if request.form.get("confirmed") != "yes":
        raise InvalidArgument("expected the box to be ticked that confirms the cancellation")
    return _operate(key, lambda: process_instances.cancel_process_instance(current_context(), current_person(), key))


@blueprint.page("POST", "/processes/<int:key>/incidents/<int:incident_key>/resolution")
def retry_incident(key: int, incident_key: int) -> Response:
    """Try an element again that an incident has stopped."""
    return _operate(key, lambda: incidents.resolve_incident(current_context(), current_person(), incident_key))


@blueprint.page("GET", "/processes/<int:key>/elements/<int:element_key>")
def choose_target(key: int, element_key: int) -> Response:
    """Show where the token of an element may be sent back to."""
    context, person = current_context(), current_person()
    targets = modification.list_return_targets(context, person, element_key)
    view = process_instances.get_process_instance(context, person, key)
    labels = label_elements(context, view.instance.process_definition_key)
    return render_page("token.html", instance=view.instance, element_key=element_key, targets=targets, labels=labels)


@blueprint.page("POST", "/processes/<int:key>/elements/<int:element_key>/return")
def move_token(key: int, element_key: int) -> Response:
    """Send a token back to an earlier element."""
    target = request.form.get("target", "")
    return _operate(
        key, lambda: modification.return_element_instance(current_context(), current_person(), element_key, target)
    )


def _operate(key: int, use_case: Callable[[], object]) -> Response:
    """Do what an operator asked for and show the instance again, with the reason where it could not be done."""
    try:
        use_case()
    except MusterError as error:
        if error.status in {401, 403, 404}:
            raise
        set_notice(gettext("This could not be done."))
        return show_instance(key, error.message, error.status)
    return redirect(f"/processes/{key}")


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
                called=visit.place.process_instance_key if foreign else None,
            )
        )
    return stages
