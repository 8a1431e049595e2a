"""The taken path of a process instance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.errors import NotFound
from server.service.process_instances import may_see

if TYPE_CHECKING:
    from server.access import Actor
    from server.model import HistoryRecord
    from server.service.context import Context


def list_history(context: Context, actor: Actor, root_key: int) -> tuple[HistoryRecord, ...]:
    """Return what happened in a root instance and in everything that it called, in order.

    Raises `NotFound`, also for instances that the actor may not know of.
    """
    with context.store.reading() as reading:
        instance = reading.process_instance(root_key)
        if instance is None or instance.root_key != root_key or not may_see(reading, actor, instance):
            raise NotFound(f"there is no root process instance with key {root_key}")
        return reading.history(root_key=root_key)
