"""Variables: searched by observers, edited by operators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import access
from server.engine import commands
from server.errors import Conflict, Forbidden, NotFound
from server.service.steps import open_step
from server.service.transactions import retried_once
from server.service.viewers import sees_process

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.access import Actor
    from server.model import Page, Query, Variable
    from server.service.context import Context
    from server.store import Reading


def search_variables(context: Context, actor: Actor, query: Query) -> Page[Variable]:
    """Search the variables of all scopes; raises `Forbidden`."""
    if not access.may_see_all_instances(actor):
        raise Forbidden("searching all variables needs an administrator or a client with the scope to read")
    with context.store.reading() as reading:
        return reading.search_variables(query)


@retried_once
def set_variables(
    context: Context, actor: Actor, scope_key: int, variables: Mapping[str, object], *, local: bool = False
) -> None:
    """Write variables of a running instance as an operator.

    `scope_key` is a process instance or an element instance. Raises `NotFound`, `Forbidden`, `Conflict`.
    """
    with context.store.transaction() as tx:
        locked = tx.lock_instance_of_element_instance(scope_key)
        process_id = None if locked is None else _find_process(tx, scope_key)
        if locked is None or process_id is None or not sees_process(actor, process_id):
            raise NotFound(f"there is no active element instance with key {scope_key}")
        if not access.may_operate(actor, process_id):
            raise Forbidden("only administrators, and clients with that scope, change variables")
        if not locked.active:
            raise Conflict("expected the process instance to be active, but it has ended")
        step = open_step(context, tx, actor, locked)
        protected = step.protect_everywhere(variables)
        commands.set_variables(step.execution, scope_key, protected, local=local)
        step.note("UPDATE", "VARIABLE", scope_key, payload=protected)
        step.save()


def _find_process(reading: Reading, scope_key: int) -> str | None:
    """Return the id of the process that a process instance or an element instance belongs to."""
    instance = reading.process_instance(scope_key)
    if instance is not None:
        return instance.process_id
    element = reading.element_instance(scope_key)
    return None if element is None else element.place.process_id
