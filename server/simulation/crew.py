"""The people of a simulated district: who takes a task, when they get round to it, who is absent."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from random import Random

    from server.governance.calendar import WorkingCalendar
    from server.governance.organisation import Organisation
    from server.model import UserTask

ABSENT = 0.3
"""The share of people who are away once."""
LATE = 0.06
"""The share of tasks that somebody gets round to only when they are overdue."""
URGENT_PRIORITY = 80
SHORT = timedelta(hours=4)
"""Whatever is due within this time is done day and night."""


@dataclass(frozen=True, slots=True)
class Crew:
    """Who works in a district, and when they are away: a person's first and last moment of absence."""

    organisation: Organisation
    calendar: WorkingCalendar
    random: Random
    absences: Mapping[str, tuple[datetime, datetime]] = field(default_factory=dict)

    def find_people(self, task: UserTask) -> tuple[str, ...]:
        """Return who may complete a task; nobody where its groups are unstaffed."""
        if task.assignee is not None:
            return (task.assignee,)
        groups = frozenset(task.candidate_groups)
        people = [one.person_id for one in self.organisation.people.values() if not groups.isdisjoint(one.groups)]
        return (*people, *(name for name in task.candidate_users if name in self.organisation.people))

    def plan(self, task: UserTask, now: datetime) -> datetime:
        """Return when somebody gets round to a task."""
        due = task.due_date
        if due is None:
            moment = self.calendar.add_working_time(now, timedelta(hours=self.random.uniform(0.5, 12)))
        elif due > now and self.random.random() > LATE:
            moment = now + (due - now) * self.random.uniform(0.03, 0.5)
        else:
            moment = self.calendar.add_working_time(max(now, due), timedelta(hours=self.random.expovariate(1 / 16)))
        urgent = task.priority >= URGENT_PRIORITY or (due is not None and due - now <= SHORT)
        if urgent:
            return moment
        return self.calendar.add_working_time(moment, timedelta(minutes=self.random.randint(1, 40)))

    def choose_person(self, people: Iterable[str], now: datetime) -> str | None:
        """Choose somebody who is there; None when all are away."""
        there = [name for name in people if not self.is_away(name, now)]
        return self.random.choice(there) if there else None

    def is_away(self, name: str, now: datetime) -> bool:
        """Return whether a person is absent at a moment."""
        first, last = self.absences.get(name, (now, now))
        return first <= now < last


def plan_absences(
    organisation: Organisation, random: Random, beginning: datetime, days: int
) -> dict[str, tuple[datetime, datetime]]:
    """Return who is away when: one absence of one to six days for some of them."""
    absences = {}
    for name in organisation.people:
        if random.random() < ABSENT:
            first = beginning + timedelta(days=random.uniform(0, days))
            absences[name] = first, first + timedelta(days=random.uniform(1, 6))
    return absences
