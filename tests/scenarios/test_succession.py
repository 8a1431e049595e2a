"""A unit is dissolved or its handler leaves in mid-case: open work goes to the successor, or back to the pool."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from server.access import SYSTEM
from server.model import Condition, Query
from server.scenario import Mode, read_scenarios
from server.scenario.cast import ADMINISTRATOR
from server.scenario.scene import Scene
from server.service import identity, people
from server.service.organisation import import_organisation
from server.service.people import PersonChanges
from server.service.successions import carry_out_successions

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from server.scenario import Stage

ORDERS = Path(__file__).resolve().parents[2] / "processes" / "department_order" / "scenarios" / "changes.yaml"
ORDER = next(one for one in read_scenarios(ORDERS) if one.title == "The sender recalls the order")
VARIABLES = ORDER.steps[0].steps[0].content["start"]


def look(stage: Stage, root_key: int) -> tuple[list[tuple[str, tuple[str, ...], str | None]], object]:
    tasks = [task for task in stage.door.find_tasks(ADMINISTRATOR) if task.place.root_key == root_key]
    variables = Scene(stage, "department_order", root_key).look().variables
    return [(task.place.element_id, task.candidate_groups, task.assignee) for task in tasks], variables["lead_unit"]


def dissolve(stage: Stage, unit_id: str, last: date, successor: str) -> None:
    with stage.context.store.transaction() as tx:
        unit = tx.unit(unit_id)
        assert unit is not None
        tx.put_units([replace(unit, valid_to=last, succeeded_by=successor)])


def test_open_tasks_variables_and_clocks_follow(set_stage: Callable[..., AbstractContextManager[Stage]]) -> None:
    with set_stage(ORDERS, Mode.STRAIGHT) as stage:
        carry_out_successions(stage.context)
        key = stage.door.start(ADMINISTRATOR, "department_order", VARIABLES)
        (task,) = stage.door.find_tasks(ADMINISTRATOR)
        stage.door.complete("cheng_gang", task.key, {"order_decision": "accept", "handler": "cheng_gang"})
        before = [("first_contact", ("dept_handler@chengguan",), "cheng_gang")]
        dissolve(stage, "chengguan", date(2026, 11, 23), "zhujian")
        assert carry_out_successions(stage.context) == 0
        assert look(stage, key) == (before, "chengguan"), "its last day is not over"

        dissolve(stage, "chengguan", date(2026, 11, 22), "zhujian")
        assert carry_out_successions(stage.context) == 1
        assert look(stage, key) == ([("first_contact", ("dept_handler@zhujian",), None)], "zhujian")
        assert carry_out_successions(stage.context) == 0
        with stage.context.store.reading() as reading:
            clocks = reading.search_clocks(Query((Condition("root_key", "eq", key), Condition("name", "eq", "finish"))))
        assert [(one.owner, one.clock.due_at.isoformat()) for one in clocks.items] == [
            ("zhujian", "2026-11-30T01:00:00+00:00")
        ]


def test_who_goes_along_keeps_the_task(set_stage: Callable[..., AbstractContextManager[Stage]]) -> None:
    with set_stage(ORDERS, Mode.STRAIGHT) as stage:
        stage.door.start(ADMINISTRATOR, "department_order", VARIABLES)
        (task,) = stage.door.find_tasks(ADMINISTRATOR)
        stage.door.complete("cheng_gang", task.key, {"order_decision": "accept", "handler": "cheng_gang"})
        with stage.context.store.transaction() as tx:
            tx.set_given_groups("cheng_gang", ("dept_handler@zhujian",))
        dissolve(stage, "chengguan", date(2026, 11, 22), "zhujian")
        carry_out_successions(stage.context)
        (task,) = stage.door.find_tasks(ADMINISTRATOR)
        assert (task.candidate_groups, task.assignee) == (("dept_handler@zhujian",), "cheng_gang")
        with stage.context.store.reading() as reading:
            written = reading.search_audit(Query((Condition("entity_key", "eq", str(task.key)),))).items
        assert [one.actor for one in written if one.operation == "UPDATE"] == ["system"]


def test_a_handler_who_leaves_the_unit_gives_the_order_back(
    set_stage: Callable[..., AbstractContextManager[Stage]],
) -> None:
    with set_stage(ORDERS, Mode.STRAIGHT) as stage:
        key = stage.door.start(ADMINISTRATOR, "department_order", VARIABLES)
        (task,) = stage.door.find_tasks(ADMINISTRATOR)
        stage.door.complete("cheng_gang", task.key, {"order_decision": "accept", "handler": "cheng_gang"})
        people.change_person(stage.context, SYSTEM, "cheng_gang", PersonChanges(groups=("dept_handler@zhujian",)))
        pool = ("dept_handler@chengguan",)
        assert look(stage, key)[0] == [("first_contact", pool, None)]

        (task,) = stage.door.find_tasks(ADMINISTRATOR)
        other = stage.cast.find_member("dept_handler@chengguan")
        identity.set_groups(stage.context, SYSTEM, other, pool)
        stage.door.complete(other, task.key, {"contact_result": "reached", "contact_note": "已告知"})
        assert look(stage, key)[0] == [("handle_order", pool, None)]


def test_who_loses_a_role_in_the_files_gives_back_what_was_for_it(
    set_stage: Callable[..., AbstractContextManager[Stage]],
) -> None:
    with set_stage(ORDERS, Mode.STRAIGHT) as stage:
        key = stage.door.start(ADMINISTRATOR, "department_order", VARIABLES)
        (task,) = stage.door.find_tasks(ADMINISTRATOR)
        stage.door.complete("cheng_gang", task.key, {"order_decision": "accept", "handler": "cheng_gang"})
        files = stage.cast.organisation
        person = replace(files.people["cheng_gang"], groups=("duty_officer@chengguan",))
        import_organisation(stage.context, SYSTEM, replace(files, people={**files.people, "cheng_gang": person}))
        assert look(stage, key)[0] == [("first_contact", ("dept_handler@chengguan",), None)]
