"""Incidents: found and resolved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import access
from server.engine import commands
from server.errors import Conflict, Forbidden, NotFound
from server.model import IncidentState
from server.service.steps import check_running, open_step
from server.service.transactions import retried_once

if TYPE_CHECKING:
    from server.access import Actor
    from server.model import Incident, Page, Query
    from server.service.context import Context


def search_incidents(context: Context, actor: Actor, query: Query) -> Page[Incident]:
    """Search incidents; raises `Forbidden`."""
    if not access.may_see_incidents(actor):
        raise Forbidden("only administrators and clients with the scope to read see incidents")
    with context.store.reading() as reading:
        return reading.search_incidents(query)


def get_incident(context: Context, actor: Actor, key: int) -> Incident:
    """Return one incident; raises `NotFound`."""
    with context.store.reading() as reading:
        incident = reading.incident(key)
    if incident is None or not access.may_see_incidents(actor):
        raise NotFound(f"there is no incident with key {key}")
    return incident


@retried_once
def resolve_incident(context: Context, actor: Actor, key: int) -> None:
    """Let the stopped token try again where it stopped.

    Raises `NotFound`, `Forbidden` and `Conflict` when it is resolved already. When the token fails again a new
    incident opens and the call succeeds.
    """
    with context.store.transaction() as tx:
        locked = tx.lock_instance_of_incident(key)
        incident = tx.incident(key)
        if incident is None or not access.may_see_incidents(actor):
            raise NotFound(f"there is no incident with key {key}")
        if not access.may_operate(actor):
            raise Forbidden("only administrators resolve incidents")
        if incident.state is not IncidentState.ACTIVE:
            raise Conflict(f"expected the incident to be {IncidentState.ACTIVE}, but it is {incident.state}")
        step = open_step(context, tx, actor, check_running(locked))
        job = None if incident.job_key is None else tx.job(incident.job_key)
        retries = None if job is None else job.retries
        commands.resolve_incident(step.execution, incident.place.element_instance_key, key, retries)
        step.note("RESOLVE", "INCIDENT", key)
        step.save()
