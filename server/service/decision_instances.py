"""Evaluated decisions: why something was decided so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import access
from server.errors import Forbidden, NotFound
from server.service.process_instances import may_see

if TYPE_CHECKING:
    from server.access import Actor
    from server.model import DecisionInstance, Page, Query
    from server.service.context import Context
    from server.store import Reading


def search_decision_instances(context: Context, actor: Actor, query: Query) -> Page[DecisionInstance]:
    """Search evaluated decisions; raises `Forbidden`."""
    if not access.may_see_all_instances(actor):
        raise Forbidden("searching evaluated decisions needs an administrator or a client with the scope to read")
    with context.store.reading() as reading:
        return reading.search_decision_instances(query)


def get_decision_instance(context: Context, actor: Actor, id_: str) -> DecisionInstance:
    """Return an evaluated decision by its id, to whoever may see its process instance; raises `NotFound`."""
    with context.store.reading() as reading:
        found = reading.decision_instance(id_)
        if found is None or not _may_see(reading, actor, found):
            raise NotFound(f"there is no evaluated decision {id_!r}")
        return found


def _may_see(reading: Reading, actor: Actor, found: DecisionInstance) -> bool:
    if found.place is None:
        return access.may_see_all_instances(actor)
    instance = reading.process_instance(found.place.process_instance_key)
    return instance is not None and may_see(reading, actor, instance)
