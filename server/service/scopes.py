"""Which scopes an element instance of a running process sees, from the saved state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.engine import Execution, restore
from server.service.definitions import DefinitionReader

if TYPE_CHECKING:
    from server.model import Place
    from server.service.context import Context
    from server.store import Reading


def find_scope_chain(context: Context, reading: Reading, place: Place) -> tuple[int, ...]:
    """Return the keys of the scopes around an element instance, the innermost first.

    What has ended has left its scopes: then only the variables of its process instance remain.
    """
    state = reading.state_of_root(place.root_key)
    if state:
        reader = DefinitionReader(context.definitions, reading)
        execution = Execution(reader, iter(()), context.now(), context.config.timezone)
        restore(execution, state)
        token = execution.tokens.get(place.element_instance_key)
        if token is not None:
            return tuple(scope.key for scope in execution.scopes.chain(execution.scope_key(token)))
    return (place.process_instance_key,)
