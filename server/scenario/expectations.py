"""The expectations: each compares the instance with what the step says and raises `StepFailed` where they differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from server.model import InstanceState
from server.scenario.clock import ZONE
from server.scenario.moments import parse_duration, parse_moment
from server.scenario.step import StepFailed
from server.scenario.verbs import find_open_task
from server.scenario.vocabulary import CANCELLED, NONE

if TYPE_CHECKING:
    from collections.abc import Callable

    from server.model import ListRow, UserTask
    from server.scenario.scene import Scene
    from server.scenario.view import View

    Content: TypeAlias = Mapping[str, Any]
    Expectation: TypeAlias = Callable[[Scene, View, Content], None]

COLUMNS = frozenset({"case_no", "title", "owner", "measure", "due_at", "status"})
LONGEST_PATH = 40
"""Elements of a taken path in a message; the last ones are shown."""


def expect_task(scene: Scene, view: View, content: Content) -> None:
    """Expect exactly one such task to be open, with these properties."""
    own = "as" in content and "complete" not in content and "start" not in content
    names = scene.stage.cast.list_names(content["as"] if own else None)
    task = find_open_task(view, content["task"], names)
    properties = {
        "groups": list(task.candidate_groups),
        "assignee": task.assignee,
        "priority": task.priority,
    }
    for name, found in properties.items():
        if name in content and content[name] != found:
            raise StepFailed(f"expected {name} {content[name]!r}, but it is {found!r}")
    if "due" in content:
        _check_due(task, content["due"], scene.stage.clock.moment)
    if own:
        actor = scene.stage.cast.find_actor(content["as"])
        if task.key not in {found.key for found in scene.stage.door.find_tasks(actor)}:
            raise StepFailed(f"expected {actor} to find the task, but it is for {list(task.candidate_groups)}")


def _check_due(task: UserTask, text: str, now: datetime) -> None:
    duration = parse_duration(text)
    due = parse_moment(text, ZONE) if duration is None else now + duration
    if task.due_date != due:
        raise StepFailed(f"expected it to be due at {_show(due)}, but it is due at {_show(task.due_date)}")


def expect_open(_scene: Scene, view: View, content: Content) -> None:
    """Expect exactly these user tasks to be open."""
    found = [task.place.element_id for task in view.tasks]
    if Counter(found) != Counter(content["open"]):
        raise StepFailed(f"expected these open user tasks and no others, but open are {found}")


def expect_incident(_scene: Scene, view: View, content: Content) -> None:
    """Expect an element to have an active incident, or none anywhere."""
    wanted = content["incident"]
    if wanted == NONE:
        if view.incidents:
            raise StepFailed("expected no active incident")
        return
    here = [incident for incident in view.incidents if incident.place.element_id == wanted]
    if not here:
        raise StepFailed(f"expected an active incident at {wanted!r}, but there is none")
    says, kind = content.get("says", ""), content.get("type")
    if not any(says in incident.message and kind in (None, incident.type) for incident in here):
        like = "".join([f" that says {says!r}" if says else "", f" of type {kind}" if kind else ""])
        raise StepFailed(f"expected an active incident at {wanted!r}{like}")


def expect_ended(_scene: Scene, view: View, content: Content) -> None:
    """Expect the instance to have ended by this end event, or by being cancelled."""
    wanted, found = content["ended"], view.state
    open_tasks = [task.place.element_id for task in view.tasks]
    state = InstanceState.TERMINATED if wanted == CANCELLED else InstanceState.COMPLETED
    if found is not state:
        raise StepFailed(f"expected the instance to be {state}, but it is {found}; open are {open_tasks}")
    if wanted != CANCELLED and wanted not in view.ends:
        raise StepFailed(f"expected the instance to end at {wanted!r}, but it ended at {view.ends}")


def expect_passed(_scene: Scene, view: View, content: Content) -> None:
    """Expect these elements to have been completed, begun in this order, whatever came between them."""
    taken = iter(view.passed)
    previous = "the beginning"
    for element_id in content["passed"]:
        if element_id not in taken:
            raise StepFailed(
                f"expected {element_id!r} to be passed after {previous}, but passed are {view.passed[-LONGEST_PATH:]}"
            )
        previous = repr(element_id)


def expect_not_passed(_scene: Scene, view: View, content: Content) -> None:
    """Expect none of these elements to have been completed."""
    found = [element_id for element_id in content["not_passed"] if element_id in view.passed]
    if found:
        raise StepFailed(f"expected none of these to be passed, but {found} were")


def expect_variables(_scene: Scene, view: View, content: Content) -> None:
    """Expect variables of the root process to have these values."""
    for name, value in (content["variables"] or {}).items():
        if name not in view.variables:
            raise StepFailed(f"expected a variable {name!r}, but there are {sorted(view.variables)}")
        if not is_same(value, view.variables[name]):
            raise StepFailed(f"expected {name!r} to be {value!r}, but it is {view.variables[name]!r}")


def expect_list(_scene: Scene, view: View, content: Content) -> None:
    """Expect the instance to have added exactly these rows to the lists."""
    for list_name, rows in content["list"].items():
        found = view.find_rows(list_name)
        if len(found) != len(rows):
            shown = [f"{row.title} ({row.status})" for row in found]
            raise StepFailed(f"expected {len(rows)} rows in list {list_name!r}, but there are {len(found)}: {shown}")
        for number, (expected, row) in enumerate(zip(rows, found, strict=True), start=1):
            _check_row(f"row {number} of list {list_name!r}", expected, row)


def _check_row(where: str, expected: Content, row: ListRow) -> None:
    for column, value in expected.items():
        found = getattr(row, column) if column in COLUMNS else row.data.get(column)
        wanted = parse_moment(value, ZONE) if column == "due_at" and value is not None else value
        if not is_same(wanted, found):
            raise StepFailed(f"expected {column} {_show(wanted)} in {where}, but it is {_show(found)}")


def is_same(expected: object, found: object) -> bool:
    """Compare as JSON: 1 equals 1.0, but true does not equal 1."""
    if isinstance(expected, bool) or isinstance(found, bool):
        return expected is found
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        return expected.keys() == found.keys() and all(is_same(value, found[key]) for key, value in expected.items())
    if isinstance(expected, list) and isinstance(found, list):
        return len(expected) == len(found) and all(map(is_same, expected, found))
    return expected == found


def _show(value: object) -> str:
    return value.astimezone(ZONE).isoformat() if isinstance(value, datetime) else repr(value)


CHECK: Mapping[str, Expectation] = {
    "task": expect_task,
    "open": expect_open,
    "incident": expect_incident,
    "ended": expect_ended,
    "passed": expect_passed,
    "not_passed": expect_not_passed,
    "variables": expect_variables,
    "list": expect_list,
}
"""Every expectation."""
