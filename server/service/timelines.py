"""The timeline of an instance: who did what, when, and why it was late – told from the history and the user tasks."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from server import access
from server.model import HistoryEvent
from server.service.process_instances import find_visible_instance

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from server.access import Actor
    from server.model import HistoryRecord, Place, UserTask
    from server.service.context import Context

MOST_LINES = 20_000
"""Lines of history that one timeline is told from; a longer one ends there and says so."""

_ENDS = {
    HistoryEvent.COMPLETED: "COMPLETED",
    HistoryEvent.CANCELED: "TERMINATED",
    HistoryEvent.MOVED_AWAY: "MIGRATED",
}
_NOTES = {
    HistoryEvent.ASSIGNED,
    HistoryEvent.UPDATED,
    HistoryEvent.EDITED,
    HistoryEvent.SUSPENDED,
    HistoryEvent.RESUMED,
    HistoryEvent.STOPPED,
    HistoryEvent.RESOLVED,
}
_OF_INSTANCE = {HistoryEvent.SUSPENDED, HistoryEvent.RESUMED}


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was done to an element or an instance while it was there: by whom, and what."""

    event: HistoryEvent
    at: datetime
    actor: str | None
    variables: Mapping[str, object]
    details: Mapping[str, object]


@dataclass(slots=True)
class Visit:
    """One passage through an element, or (`element_type` is `process`) what was done to an instance as a whole.

    `due_at` is that of the user task, or of the timer that fired; `late_by` how much later it was done (or, while it is
    open, how late it is now), None when it was in time. `stood_for`: how long incidents and suspensions held it.
    """

    place: Place
    element_type: str
    entered_at: datetime | None = None
    entered_by: str | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None
    state: str = "ACTIVE"
    variables: Mapping[str, object] = field(default_factory=dict)
    cause: Mapping[str, object] = field(default_factory=dict)
    task: UserTask | None = None
    due_at: datetime | None = None
    first_due_at: datetime | None = None
    late_by: timedelta | None = None
    stood_for: timedelta = timedelta(0)
    flows: list[str] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Timeline:
    """The visits in the order in which they began."""

    visits: tuple[Visit, ...]
    is_truncated: bool


def list_history(
    context: Context, actor: Actor, key: int, limit: int, after: int | None
) -> tuple[tuple[HistoryRecord, ...], bool]:
    """Return lines of the history of an instance (a root: with all it called) behind a key, and whether values show.

    Raises `NotFound`, also for instances that the actor may not know of.
    """
    with context.store.reading() as reading:
        instance = find_visible_instance(reading, actor, key)
        lines = reading.history_page(key, of_root=instance.root_key == key, limit=limit, after=after or 0)
        return lines, access.may_see_all_instances(actor)


def explain_lateness(context: Context, actor: Actor, key: int) -> Timeline:
    """Return the timeline of an instance; for a root instance, with everything that it called.

    It takes two statements, however many instances there are. Values of variables are for those who may see all
    instances; others read names only. Raises `NotFound`.
    """
    with context.store.reading() as reading:
        instance = find_visible_instance(reading, actor, key)
        whole = instance.root_key == key
        lines = reading.history_page(key, of_root=whole, limit=MOST_LINES + 1, after=0)
        tasks = reading.user_tasks_of_instance(key, of_root=whole)
    visits = tell_visits(lines[:MOST_LINES], tasks, context.now())
    if not access.may_see_all_instances(actor):
        for visit in visits:
            _hide_values(visit)
    return Timeline(visits, len(lines) > MOST_LINES)


def tell_visits(lines: Iterable[HistoryRecord], tasks: Iterable[UserTask], now: datetime) -> tuple[Visit, ...]:
    """Put the lines of a history together, a visit for each element instance."""
    visits: dict[int, Visit] = {}
    for line in lines:
        key = line.place.element_instance_key
        visit = visits.get(key)
        if visit is None:
            visit = visits[key] = Visit(line.place, line.element_type)
        _tell(visit, line)
    held = [visit for visit in visits.values() if any(note.event in _OF_INSTANCE for note in visit.notes)]
    for task in tasks:
        if task.place.element_instance_key in visits:
            _tell_task(visits[task.place.element_instance_key], task)
    for visit in visits.values():
        _measure(visit, held, now)
    return tuple(visits.values())


def _tell(visit: Visit, line: HistoryRecord) -> None:
    if line.event in {HistoryEvent.ENTERED, HistoryEvent.MIGRATED}:
        visit.entered_at, visit.entered_by = visit.entered_at or line.at, visit.entered_by or line.actor
        visit.place, visit.element_type, visit.state, visit.ended_at = line.place, line.element_type, "ACTIVE", None
        visit.cause = line.details or visit.cause
    elif line.event in _ENDS:
        visit.ended_at, visit.ended_by, visit.state = line.at, line.actor, _ENDS[line.event]
        visit.variables = line.variables
        visit.cause = line.details or visit.cause
    elif line.event is HistoryEvent.TAKEN:
        visit.flows.append(line.place.element_id)
    elif line.event in _NOTES:
        visit.notes.append(Note(line.event, line.at, line.actor, line.variables, line.details))


def _tell_task(visit: Visit, task: UserTask) -> None:
    visit.task, visit.due_at, visit.first_due_at = task, task.due_date, task.due_date
    for note in visit.notes:
        previous = note.details.get("previous")
        if note.event is HistoryEvent.UPDATED and isinstance(previous, dict) and "dueDate" in previous:
            first = previous["dueDate"]
            visit.first_due_at = datetime.fromisoformat(first) if isinstance(first, str) else None
            return


def _measure(visit: Visit, held: Iterable[Visit], now: datetime) -> None:
    until = visit.ended_at or now
    due = visit.cause.get("due")
    if visit.task is None and isinstance(due, str):
        visit.due_at = visit.first_due_at = datetime.fromisoformat(due)
        until = visit.ended_at or visit.entered_at or now
        if visit.entered_at is not None and visit.element_type in {"boundaryEvent", "subProcess", "eventSubProcess"}:
            until = visit.entered_at
    if visit.due_at is not None and until > visit.due_at:
        visit.late_by = until - visit.due_at
    begun = visit.entered_at
    if begun is not None and visit.element_type != "process":
        notes = [*visit.notes, *(note for one in held for note in one.notes if _concerns(one, visit))]
        visit.stood_for = _stood(sorted(notes, key=lambda note: note.at), begun, visit.ended_at or now)


def _concerns(held: Visit, visit: Visit) -> bool:
    return held.place.root_key == visit.place.root_key


_BEGINS = {HistoryEvent.STOPPED, HistoryEvent.SUSPENDED}
_GOES_ON = {HistoryEvent.RESOLVED, HistoryEvent.RESUMED}


def _stood(notes: Iterable[Note], begun: datetime, ended: datetime) -> timedelta:
    """Return for how much of the time at least one incident or suspension was open."""
    total, depth, since = timedelta(0), 0, begun
    for note in notes:
        at = min(max(note.at, begun), ended)
        if note.event in _BEGINS:
            since = at if depth == 0 else since
            depth += 1
        elif note.event in _GOES_ON and depth:
            depth -= 1
            total += at - since if depth == 0 else timedelta(0)
    return total + (ended - since if depth else timedelta(0))


def _hide_values(visit: Visit) -> None:
    visit.variables = dict.fromkeys(visit.variables)
    visit.notes = [
        replace(note, variables=dict.fromkeys(note.variables), details=hide_values(note.event, note.details))
        for note in visit.notes
    ]


def hide_values(event: HistoryEvent, details: Mapping[str, object]) -> dict[str, object]:
    """Return the details of a line without what variables hold; the message of an incident quotes them."""
    hidden = {HistoryEvent.EDITED: {"previous"}, HistoryEvent.STOPPED: {"message"}}.get(event, set())
    return {name: value for name, value in details.items() if name not in hidden}
