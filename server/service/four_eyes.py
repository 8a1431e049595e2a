"""Four eyes (四眼原则): a user task that is for somebody else than whoever did certain tasks before it.

Its header `not_by` names these tasks by element id, separated by spaces. They may also belong to processes that the
same root instance called. Source: domain.md §4.1, "a second person".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.catalog import NOT_BY
from server.errors import Forbidden

if TYPE_CHECKING:
    from server.model import UserTask
    from server.store import Reading


def is_for_another(reading: Reading, task: UserTask, name: str) -> bool:
    """Tell whether this person has completed one of the tasks that somebody else has to look at in this one."""
    elements = task.custom_headers.get(NOT_BY, "").split()
    return bool(elements) and name in reading.who_completed(task.place.root_key, elements)


def check_second_person(reading: Reading, task: UserTask, name: str) -> None:
    """Return when this person may have the task; raises `Forbidden` when another one has to."""
    if is_for_another(reading, task, name):
        earlier = " or ".join(task.custom_headers[NOT_BY].split())
        raise Forbidden(
            f"expected somebody else than who completed {earlier}, found {name}: this is for a second person"
        )
