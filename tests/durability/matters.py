"""Instances of the workload under attack, and the judgement on what became of each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from load.three_step.client import fill_in

from server.model import Condition, HistoryEvent, Query

if TYPE_CHECKING:
    from load.three_step.client import Answer, Client

    from server.store import Reading, Store

FIRST, SECOND, THIRD = "register", "handle", "review"
OPEN, COMPLETED = "CREATED", "COMPLETED"


@dataclass(frozen=True, slots=True)
class Matter:
    """An instance whose first task is open; `number` makes what is entered its own."""

    number: int
    instance_key: str
    task_key: str

    @property
    def entered(self) -> dict[str, object]:
        """What is entered into the first task."""
        return fill_in(FIRST, self.number)

    def complete(self, client: Client) -> Answer:
        """Complete the first task."""
        return client.complete(self.task_key, self.entered)


def start_matters(client: Client, count: int) -> list[Matter]:
    """Start that many instances."""
    matters = []
    for number in range(1, count + 1):
        answer = client.start(next_tasks=True)
        assert answer.status == 200, answer
        (task,) = answer.body["userTasks"]
        matters.append(Matter(number, answer.body["processInstanceKey"], task["userTaskKey"]))
    return matters


def has_moved(store: Store, client: Client, matter: Matter) -> bool:
    """Tell whether the first task was completed; fail unless everything that is stored says the same.

    Either the task is open, its timer waits and nothing was entered, or it is completed, what was entered is there
    and the second task is open: each exactly once, in the rows, the history and the audit log.
    """
    found = client.find_tasks(matter.instance_key, OPEN, COMPLETED)
    tasks = Counter((task["elementId"], task["state"]) for task in found)
    completion = Query((_equal("entity_key", matter.task_key), _equal("operation", "COMPLETE")))
    with store.reading() as reading:
        trail = _trail(reading, matter)
        timers = reading.search_timers(_of(matter)).total
        entered = {v.name: v.value for v in reading.search_variables(_of(matter)).items if v.name in matter.entered}
        noted = reading.search_audit(completion).total
    assert set(trail.values()) == {1}, f"a step left its history twice: {trail}"
    moved = trail[FIRST, HistoryEvent.COMPLETED] == 1
    if moved:
        assert tasks == {(FIRST, COMPLETED): 1, (SECOND, OPEN): 1}
        assert trail[SECOND, HistoryEvent.ENTERED] == 1
        assert (timers, entered, noted) == (0, matter.entered, 1)
    else:
        assert tasks == {(FIRST, OPEN): 1}
        assert trail[SECOND, HistoryEvent.ENTERED] == 0
        assert (timers, entered, noted) == (1, {}, 0)
    return moved


def finish(store: Store, client: Client, matter: Matter) -> None:
    """Complete what is left and fail unless the instance ends, every element of it entered and left once."""
    while tasks := client.find_tasks(matter.instance_key, OPEN):
        (task,) = tasks
        done = client.complete(task["userTaskKey"], fill_in(task["elementId"], matter.number))
        assert done.status == 204, done
    with store.reading() as reading:
        trail = _trail(reading, matter)
        instance = reading.process_instance(int(matter.instance_key))
    assert instance is not None
    assert instance.state == COMPLETED
    assert set(trail.values()) == {1}, trail
    completed = {element for element, event in trail if event is HistoryEvent.COMPLETED}
    assert completed == {"start", "classify", FIRST, "route", SECOND, THIRD, "end"}


ON_THE_PATH = {HistoryEvent.ENTERED, HistoryEvent.COMPLETED, HistoryEvent.CANCELED, HistoryEvent.TAKEN}
"""What happens once to an element instance; it may be edited and assigned any number of times."""


def _trail(reading: Reading, matter: Matter) -> Counter[Any]:
    records = reading.history(int(matter.instance_key))
    return Counter((record.place.element_id, record.event) for record in records if record.event in ON_THE_PATH)


def _of(matter: Matter) -> Query:
    return Query((_equal("process_instance_key", int(matter.instance_key)),))


def _equal(name: str, value: object) -> Condition:
    return Condition(name, "eq", value)
