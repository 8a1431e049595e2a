"""Incidents: found and resolved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import access
from server.engine import commands
from server.errors import Conflict, Forbidden, NotFound
from server.model import IncidentState
from server.service.element_instances import find_visible_element
from server.service.process_instances import find_visible_instance
from server.service.steps import check_running, open_step
from server.service.transactions import retried_once
from server.service.viewers import limit_to_observed

if TYPE_CHECKING:
    from server.access import Actor
    from server.model import Incident, Page, Query
    from server.service.context import Context
    from server.store import Transaction


def search_incidents(context: Context, actor: Actor, query: Query) -> Page[Incident]:
    """Search incidents; raises `Forbidden`."""
    limited = limit_to_observed(actor, query, "incidents")
    with context.store.reading() as reading:
        return reading.search_incidents(limited)


def search_incidents_of_process(context: Context, actor: Actor, key: int, query: Query) -> Page[Incident]:
    """Search the incidents of a process instance and of what it called; raises `NotFound` and `Forbidden`."""
    with context.store.reading() as reading:
        instance = find_visible_instance(reading, actor, key)
        limited = limit_to_observed(actor, query, "incidents")
        return reading.search_incidents_within(key, instance.root_key, limited)


def search_incidents_of_element(context: Context, actor: Actor, key: int, query: Query) -> Page[Incident]:
    """Search the incidents of an element instance, of what is inside it and of what it called.

    Raises `NotFound` and `Forbidden`.
    """
    with context.store.reading() as reading:
        place = find_visible_element(reading, actor, key).place
        limited = limit_to_observed(actor, query, "incidents")
        return reading.search_incidents_within(key, place.root_key, limited)


def get_incident(context: Context, actor: Actor, key: int) -> Incident:
    """Return one incident; raises `NotFound`."""
    with context.store.reading() as reading:
        incident = reading.incident(key)
    if incident is None or not access.may_see_incidents(actor, incident.place.process_id):
        raise NotFound(f"there is no incident with key {key}")
    return incident


@retried_once
def resolve_incident(context: Context, actor: Actor, key: int) -> None:
    """Let the stopped token try again where it stopped.

    Raises `NotFound`, `Forbidden` and `Conflict` when it is resolved already. When the token fails again a new
    incident opens and the call succeeds.
    """
    with context.store.transaction() as tx:
        resolve_within(context, tx, actor, key)


def resolve_within(context: Context, tx: Transaction, actor: Actor, key: int) -> None:
    """Resolve an incident in a transaction that does more; raises likewise."""
    locked = tx.lock_instance_of_incident(key)
    incident = tx.incident(key)
    if incident is None or not access.may_see_incidents(actor, incident.place.process_id):
        raise NotFound(f"there is no incident with key {key}")
    if not access.may_operate(actor, incident.place.process_id):
        raise Forbidden("only administrators, and clients with that scope, resolve incidents")
    if incident.state is not IncidentState.ACTIVE:
        raise Conflict(f"expected the incident to be {IncidentState.ACTIVE}, but it is {incident.state}")
    step = open_step(context, tx, actor, check_running(locked))
    job = None if incident.job_key is None else tx.job(incident.job_key)
    retries = None if job is None else job.retries
    commands.resolve_incident(step.execution, incident.place.element_instance_key, key, retries)
    step.note("RESOLVE", "INCIDENT", key)
    step.save()
