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
    execution = read_execution(context, reading, place.root_key)
    token = None if execution is None else execution.tokens.get(place.element_instance_key)
    if execution is not None and token is not None:
        return tuple(scope.key for scope in execution.scopes.chain(execution.scope_key(token)))
    return (place.process_instance_key,)


def read_execution(context: Context, reading: Reading, root_key: int) -> Execution | None:
    """Return the saved state of a root instance to be looked at, or None when it has ended."""
    state = reading.state_of_root(root_key)
    if not state:
        return None
    execution = Execution(
        DefinitionReader(context.definitions, reading), iter(()), context.now(), context.config.timezone
    )
    restore(execution, state)
    return execution
