"""Processes and their instances, also under the addresses that Camunda Modeler's "Open in Operate" leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import request

from server import access
from server.api.authentication import current_context
from server.errors import NotFound
from server.model import Condition, InstanceState, Query, Sort
from server.pages.blueprint import Blueprint
from server.pages.diagrams import LEAST_TIME, mark_counts, mark_times, write_marks
from server.pages.instances import show_instance
from server.pages.rendering import redirect, render_page
from server.pages.visitors import current_person
from server.service import element_instances, process_definitions, process_instances
from server.service.element_labels import label_elements

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Response

    from server.model import ElementStatistics, ElementTimes, Page, ProcessDefinition
    from server.service.process_instances import InstanceView

blueprint = Blueprint("processes")
MOST_PROCESSES = 200
MOST_VERSIONS = 50
PAGE_SIZE = 50
RUNNING = (InstanceState.ACTIVE, InstanceState.SUSPENDED)
STATES: Mapping[str, tuple[InstanceState, ...]] = {
    "running": RUNNING,
    "completed": (InstanceState.COMPLETED,),
    "cancelled": (InstanceState.TERMINATED,),
}


@blueprint.page("GET", "/processes")
def list_processes() -> Response:
    """List the processes with what runs in each; with `process`, as Modeler asks, lead to that one."""
    wanted = request.args.get("process")
    if wanted:
        return redirect(f"/processes/{wanted}?{urlencode(_read_operate())}")
    found = process_definitions.search_process_definitions(
        current_context(), current_person(), Query(limit=MOST_PROCESSES, sort=(Sort("process_id"),)), latest_only=True
    )
    counts = {one.process_id: _count(one.process_id) for one in found.items}
    return render_page("processes.html", definitions=found.items, counts=counts)


@blueprint.page("GET", "/processes/<string:name>")
def show_process(name: str) -> Response:
    """Show a process by its id, or an instance by its key."""
    if name.isascii() and name.isdecimal():
        return show_instance(int(name))
    versions = list_versions(name)
    chosen = _choose(versions)
    page = _search(chosen)
    person = current_person()
    sees_all = access.may_see_all_instances(person)
    counts: tuple[ElementStatistics, ...] = ()
    times: tuple[ElementTimes, ...] = ()
    by_time = request.args.get("heat") == "time"
    if sees_all and by_time:
        found = element_instances.time_elements_of_definition(current_context(), person, chosen.key)
        times = tuple(one for one in found if max(one.median, one.mean) >= LEAST_TIME)
    elif sees_all:
        counts = element_instances.count_elements_of_definition(current_context(), person, chosen.key)

    def lead(element: str) -> str:
        return _link(chosen, element=element)

    return render_page(
        "process.html",
        definition=chosen,
        versions=versions,
        may_start=chosen.start_form_id is not None and access.may_start(person, chosen),
        marks=write_marks(mark_times(times, lead) if by_time else mark_counts(counts, lead)),
        counts={one.element_id: one for one in counts},
        times={one.element_id: one for one in times},
        by_time=by_time,
        most_timed=element_instances.MOST_TIMED,
        sees_all=sees_all,
        labels=label_elements(current_context(), chosen.key),
        found=page,
        link=lambda **values: _link(chosen, **values),
        state=request.args.get("state", "running"),
        element=request.args.get("element"),
        stopped=_wants_stopped(),
    )


def _read_operate() -> dict[str, str]:
    """Return what Modeler's link asks for in the words of our page."""
    wanted = {name: value for name in ("version",) if (value := request.args.get(name, ""))}
    shown = [name for name in ("active", "incidents", "completed", "canceled") if request.args.get(name) == "true"]
    if "active" not in shown and shown:
        words = {
            "incidents": ("incident", "true"),
            "completed": ("state", "completed"),
            "canceled": ("state", "cancelled"),
        }
        wanted.update([words[shown[0]]])
    return wanted


def _wants_stopped() -> bool:
    return request.args.get("incident") == "true"


def _count(process_id: str) -> dict[str, int]:
    """Return how many instances run and how many of them stand at an incident, as far as the person sees them."""
    running = (Condition("process_id", "eq", process_id), Condition("state", "in", RUNNING))

    def total(*more: Condition) -> int:
        query = Query((*running, *more), limit=1)
        return process_instances.search_process_instances(current_context(), current_person(), query).total

    return {"running": total(), "stopped": total(Condition("has_incident", "eq", True))}  # noqa: FBT003 - a value


def list_versions(process_id: str) -> tuple[ProcessDefinition, ...]:
    """Return the versions of a process, the newest first; raises `NotFound`."""
    query = Query(
        (Condition("process_id", "eq", process_id),), sort=(Sort("version", descending=True),), limit=MOST_VERSIONS
    )
    found = process_definitions.search_process_definitions(current_context(), current_person(), query).items
    if not found:
        raise NotFound(f"there is no process {process_id!r:.60}")
    return found


def _choose(versions: tuple[ProcessDefinition, ...]) -> ProcessDefinition:
    wanted = request.args.get("version")
    if not wanted:
        return versions[0]
    for one in versions:
        if str(one.version) == wanted:
            return one
    raise NotFound(f"there is no version {wanted!r:.20} of this process")


def _search(definition: ProcessDefinition) -> Page[InstanceView]:
    conditions = [Condition("process_definition_key", "eq", definition.key)]
    states = STATES.get(request.args.get("state", "running"))
    if states is not None:
        conditions.append(Condition("state", "in", states))
    if _wants_stopped():
        conditions.append(Condition("has_incident", "eq", True))  # noqa: FBT003 - a value
    element = request.args.get("element")
    if element:
        conditions.append(Condition("element.element_id", "eq", element))
        if states == RUNNING:  # who is there now, not who has been
            conditions.append(Condition("element.state", "eq", "ACTIVE"))
    query = Query(
        tuple(conditions),
        sort=(Sort("start_date", descending=True),),
        limit=PAGE_SIZE,
        after=request.args.get("after") or None,
    )
    return process_instances.search_process_instances(current_context(), current_person(), query)


def _link(definition: ProcessDefinition, **values: str | None) -> str:
    """Return the address of this page with other filters; None takes one away."""
    kept = {
        name: request.args[name] for name in ("version", "state", "incident", "element", "heat") if name in request.args
    }
    wanted = {**kept, **values}
    query = urlencode({name: value for name, value in wanted.items() if value})
    return f"/processes/{definition.process_id}{'?' if query else ''}{query}"
