"""What must hold after a simulated time."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from server.model import Condition, IncidentState, InstanceState, Query, Sort, UserTaskState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server.governance.organisation import Organisation
    from server.service.context import Context
    from server.store import Reading

PAGE = 1000
ACCOUNTABLE = ("task", "performance", "supervision", "meeting", "inspection", "accountability", "project")
"""Lists whose rows have an owner, a measure and a date."""


def find_faults(context: Context, organisation: Organisation) -> list[str]:
    """Return what does not hold, in words."""
    del organisation
    with context.store.reading() as reading:
        return [*_find_incidents(reading), *_find_stuck(reading), *_find_orphans(reading)]


def _find_incidents(reading: Reading) -> Iterator[str]:
    found = reading.search_incidents(Query((Condition("state", "eq", IncidentState.ACTIVE),), limit=PAGE))
    told = Counter(f"incident at {one.place.process_id}/{one.place.element_id}: {one.message}" for one in found.items)
    yield from (f"{text} ({number} times)" for text, number in told.items())


def _find_stuck(reading: Reading) -> Iterator[str]:
    """Find root instances that nothing can move on any more."""
    after = 0
    while True:
        conditions = (Condition("state", "eq", InstanceState.ACTIVE), Condition("key", "gt", after))
        page = reading.search_process_instances(Query(conditions, sort=(Sort("key"),), limit=PAGE)).items
        for instance in page:
            after = instance.key
            if instance.parent_key is None and not _may_move(reading, instance.key):
                yield f"the instance {instance.key} of {instance.process_id} waits for nothing"
        if len(page) < PAGE:
            return


def _may_move(reading: Reading, root_key: int) -> bool:
    of_root = Condition("root_key", "eq", root_key)
    return bool(
        any(task.state is UserTaskState.CREATED for task in reading.user_tasks_of_instance(root_key, of_root=True))
        or reading.timers_of_root(root_key)
        or reading.search_message_subscriptions(Query((of_root,), limit=1)).items
        or reading.search_incidents(Query((of_root, Condition("state", "eq", IncidentState.ACTIVE)), limit=1)).items
        or reading.search_jobs(Query((of_root,), limit=1)).items
    )


def _find_orphans(reading: Reading) -> Iterator[str]:
    for name in ACCOUNTABLE:
        rows = reading.search_list_rows(name, Query((Condition("status", "eq", "open"),), limit=10_000)).items
        for row in rows:
            missing = [key for key in ("owner", "measure", "due_at") if getattr(row, key) is None]
            if missing:
                yield f"the open row {row.title!r} of the list {name} has no {', '.join(missing)}"
