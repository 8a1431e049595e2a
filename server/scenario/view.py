"""What an administrator sees of the instance that a scenario is about; each thing is read when it is first asked."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from server.model import HistoryEvent, InstanceState
from server.scenario.cast import ADMINISTRATOR

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.model import HistoryRecord, Incident, ListRow, UserTask
    from server.scenario.door import Door

MAIN_LISTS = ("problem", "task", "result")
"""Lists that are compared when nothing may have changed: reading every list would take longer than the step."""


class View:
    """The instance as it is at one moment; without an instance there is nothing to see."""

    def __init__(self, door: Door, root_key: int | None) -> None:
        self._door = door
        self.root_key = root_key

    @cached_property
    def tasks(self) -> tuple[UserTask, ...]:
        """Open user tasks of the instance and of what it called."""
        return tuple(task for task in self._door.find_tasks(ADMINISTRATOR) if task.place.root_key == self.root_key)

    @cached_property
    def incidents(self) -> tuple[Incident, ...]:
        """Active incidents."""
        found = self._door.find_incidents(ADMINISTRATOR)
        return tuple(incident for incident in found if incident.place.root_key == self.root_key)

    @cached_property
    def variables(self) -> Mapping[str, object]:
        """Variables of the root process."""
        return {} if self.root_key is None else self._door.find_variables(ADMINISTRATOR, self.root_key)

    def find_rows(self, list_name: str) -> tuple[ListRow, ...]:
        """Return the rows of a list that the instance added, in the order of adding."""
        rows = self._door.find_rows(ADMINISTRATOR, list_name)
        return tuple(row for row in rows if row.root_key == self.root_key)

    @cached_property
    def history(self) -> tuple[HistoryRecord, ...]:
        """What happened."""
        return () if self.root_key is None else self._door.find_history(ADMINISTRATOR, self.root_key)

    @cached_property
    def state(self) -> InstanceState | None:
        """State of the root instance."""
        return None if self.root_key is None else self._door.find_state(ADMINISTRATOR, self.root_key)

    @property
    def passed(self) -> list[str]:
        """Ids of the elements that were completed, as they began; a boundary event begins when it fires."""
        began: dict[int, int] = {}
        passed = []
        for record in self.history:
            instance_key = record.place.element_instance_key
            if record.event is HistoryEvent.ENTERED:
                began[instance_key] = record.key
            elif record.event is HistoryEvent.COMPLETED:
                passed.append((began.get(instance_key, record.key), record.place.element_id))
        return [element_id for _, element_id in sorted(passed)]

    @property
    def ends(self) -> list[str]:
        """Ids of the end events that were reached in the root process, in order."""
        return [
            record.place.element_id
            for record in self.history
            if record.event is HistoryEvent.COMPLETED
            and record.element_type == "endEvent"
            and record.place.process_instance_key == self.root_key
        ]

    def find_active(self, element_id: str) -> list[int]:
        """Return the keys of the active element instances of an element."""
        active: dict[int, None] = {}
        for record in self.history:
            if record.place.element_id == element_id:
                if record.event in {HistoryEvent.ENTERED, HistoryEvent.MIGRATED}:
                    active[record.place.element_instance_key] = None
                elif record.event in {HistoryEvent.COMPLETED, HistoryEvent.CANCELED, HistoryEvent.MOVED_AWAY}:
                    active.pop(record.place.element_instance_key, None)
        return list(active)

    def freeze(self) -> object:
        """Return everything at once, to be compared with the same of a later moment."""
        everybody = self._door.find_tasks(ADMINISTRATOR)
        rows = [self.find_rows(name) for name in MAIN_LISTS]
        return everybody, self.incidents, self.variables, rows, self.history, self.state
