"""The inbox: a person's tasks as they are listed, filtered and counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from server.model.instances import UserTask

MOST_COUNTED = 1_000
"""Lists and counts of the inbox end here: whoever has more filters."""


class InboxView(StrEnum):
    """Which tasks: every open one that the person sees, those in hand, those nobody holds, those they have done."""

    ALL = "all"
    MINE = "mine"
    UNCLAIMED = "unclaimed"
    DONE = "done"


class InboxDue(StrEnum):
    """How the deadline stands: passed, still to come today, or none at all."""

    OVERDUE = "overdue"
    TODAY = "today"
    NONE = "none"


class InboxSort(StrEnum):
    """What comes first: what is due, what is new, what is urgent; what was done lately where it is done."""

    DUE = "due"
    NEW = "new"
    PRIORITY = "priority"


class InboxGroup(StrEnum):
    """What is listed together under one heading."""

    PROCESS = "process"
    COMMUNITY = "community"


@dataclass(frozen=True, slots=True)
class InboxFilter:
    """What is looked for. `now` and `day_end` say what is late and what is due today; `text` is part of a title.

    `roots` are the root instances of which the text is found in what they are called, and not in a task's own name.
    """

    now: datetime
    day_end: datetime
    view: InboxView = InboxView.ALL
    due: InboxDue | None = None
    process_id: str | None = None
    community: str | None = None
    urgent: bool = False
    text: str = ""
    sort: InboxSort = InboxSort.DUE
    group: InboxGroup | None = None
    roots: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class InboxTask:
    """One task as it is listed, with the names of what it belongs to; a case is the one of its root instance.

    `title` and `community` are the case's, or what the process says as long as there is none.
    """

    task: UserTask
    process_name: str | None = None
    business_id: str | None = None
    case_no: str | None = None
    title: str | None = None
    community: str | None = None
    assignee_name: str | None = None


@dataclass(frozen=True, slots=True)
class InboxCounts:
    """How many there are in each view, and late or due today in the one that is shown; never above `MOST_COUNTED`."""

    views: Mapping[InboxView, int] = field(default_factory=dict)
    overdue: int = 0
    today: int = 0


@dataclass(frozen=True, slots=True)
class InboxChoices:
    """What an inbox can be filtered by, and the names of units: each by its id, in the order of names."""

    processes: Mapping[str, str] = field(default_factory=dict)
    communities: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
