"""Element instances: where the tokens of an instance are and have been."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server import access
from server.access import Action
from server.engine import commands
from server.errors import Forbidden, NotFound
from server.service.definitions import DefinitionReader
from server.service.process_instances import find_visible_instance, may_see
from server.service.steps import check_running, open_step
from server.service.transactions import retried_once
from server.service.viewers import limit_to_observed, sees_process

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.access import Actor
    from server.model import ElementInstance, ElementStatistics, ElementTimes, Page, ProcessInstance, Query
    from server.service.context import Context
    from server.store import Reading


MOST_TIMED = 1000
"""Of how many instances it is told how long elements took: what was years ago says little about now."""


@dataclass(frozen=True, slots=True)
class ElementInstanceView:
    """An element instance with the name that its diagram gives the element."""

    instance: ElementInstance
    name: str | None


def search_element_instances(context: Context, actor: Actor, query: Query) -> Page[ElementInstanceView]:
    """Search element instances; raises `Forbidden`."""
    limited = limit_to_observed(actor, query, "element instances")
    with context.store.reading() as reading:
        page = reading.search_element_instances(limited)
        return page.holding(tuple(_view(context, reading, instance) for instance in page.items))


def get_element_instance(context: Context, actor: Actor, key: int) -> ElementInstanceView:
    """Return one element instance; raises `NotFound`."""
    with context.store.reading() as reading:
        return _view(context, reading, find_visible_element(reading, actor, key))


def find_visible_element(reading: Reading, actor: Actor, key: int) -> ElementInstance:
    """Return an element instance that the actor may know of; raises `NotFound` for all others."""
    found = reading.element_instance(key)
    instance = None if found is None else reading.process_instance(found.place.process_instance_key)
    if found is None or instance is None or not may_see(reading, actor, instance):
        raise NotFound(f"there is no element instance with key {key}")
    return found


def _view(context: Context, reading: Reading, instance: ElementInstance) -> ElementInstanceView:
    executable = DefinitionReader(context.definitions, reading).process(instance.place.process_definition_key)
    return ElementInstanceView(instance, executable.nodes[instance.place.element_id].name)


@retried_once
def activate_elements(
    context: Context, actor: Actor, key: int, elements: Mapping[str, Mapping[str, object]], *, cancel_remaining: bool
) -> None:
    """Let elements of an active ad-hoc sub-process begin, as an operator; `key` is its element instance.

    Raises `NotFound`, `Forbidden`, `Conflict` and `InvalidArgument`.
    """
    with context.store.transaction() as tx:
        locked = tx.lock_instance_of_element_instance(key)
        found = None if locked is None else tx.element_instance(key)
        if found is None or not sees_process(actor, found.place.process_id):
            raise NotFound(f"there is no active element instance with key {key}")
        if not access.may_operate(actor, found.place.process_id):
            raise Forbidden(
                "only administrators, and clients with that scope, activate elements of ad-hoc sub-processes"
            )
        step = open_step(context, tx, actor, check_running(locked))
        for definition_key in step.definition_keys():
            elements = {name: step.protect_all(given, definition_key) for name, given in elements.items()}
        commands.activate_elements(step.execution, key, elements, cancel_remaining=cancel_remaining)
        step.note("ACTIVATE", "AD_HOC_SUB_PROCESS", key)
        step.save()


def count_elements_of_instance(context: Context, actor: Actor, key: int) -> tuple[ElementStatistics, ...]:
    """Count tokens per element of an instance; raises `NotFound`."""
    with context.store.reading() as reading:
        find_visible_instance(reading, actor, key)
        return reading.element_statistics_of_instance(key)


def count_elements_of_definition(context: Context, actor: Actor, key: int) -> tuple[ElementStatistics, ...]:
    """Count tokens per element in all instances of a definition; raises `NotFound` and `Forbidden`."""
    with context.store.reading() as reading:
        _check_measuring(context, reading, actor, key)
        return reading.element_statistics_of_definition(key)


def time_elements_of_definition(context: Context, actor: Actor, key: int) -> tuple[ElementTimes, ...]:
    """Return how long elements took in the latest `MOST_TIMED` instances of a definition; raises likewise."""
    with context.store.reading() as reading:
        _check_measuring(context, reading, actor, key)
        return reading.element_times_of_definition(key, MOST_TIMED)


def _check_measuring(context: Context, reading: Reading, actor: Actor, key: int) -> None:
    observed = access.find_observed(actor, Action.SEE_INSTANCE)
    if observed is not None and not observed:
        raise Forbidden(
            "counting all instances needs an administrator or a client with the scope to read or to operate"
        )
    record = DefinitionReader(context.definitions, reading).record(key)
    if not sees_process(actor, record.process_id):
        raise NotFound(f"there is no process definition with key {key}")


def list_taken_flows(context: Context, actor: Actor, key: int) -> tuple[ProcessInstance, tuple[str, ...]]:
    """Return an instance and the sequence flows that it has taken; raises `NotFound`."""
    with context.store.reading() as reading:
        return find_visible_instance(reading, actor, key), reading.taken_flows(key)
