"""The inbox on both databases: every way of reading it agrees with the records, and counts agree with lists."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from store_examples import NOW, step, user_task

from server.model import (
    Case,
    CasePlace,
    InboxDue,
    InboxFilter,
    InboxGroup,
    InboxSort,
    InboxView,
    Unit,
    UserTaskEnd,
    UserTaskState,
)
from server.store import Viewer

if TYPE_CHECKING:
    from server.model import UserTask
    from server.store import Store

HOUR = timedelta(hours=1)
LI = Viewer("li", ("desk@north",), ("south",))
PEOPLE = ("li",)
PLAIN = InboxFilter(NOW, NOW + 8 * HOUR)
EVERYTHING = 100


def make_tasks() -> list[UserTask]:
    """Return tasks of every kind of relation, deadline and holder."""
    relations = (
        {"candidate_groups": ("desk@north",)},
        {"candidate_groups": ("desk@south",)},  # li leads the unit
        {"candidate_groups": ("desk@west",)},
        {"candidate_users": ("li",)},
        {"copied_to": ("li",)},
        {},
    )
    dues = (None, NOW - HOUR, NOW + HOUR, NOW + 50 * HOUR)
    holders = (None, "li", "wang")
    return [
        user_task(
            number, root=1000 + number, due_date=due, assignee=holder, priority=50 + number % 2 * 30,
            name=f"check {number % 5}", **relation,
        )
        for number, (relation, due, holder) in enumerate(itertools.product(relations, dues, holders), 1)
    ]  # fmt: skip


@pytest.fixture
def tasks(store: Store) -> list[UserTask]:
    """Give tasks that are open, two of which li and wang have completed."""
    made = make_tasks()
    with store.transaction() as tx:
        for one in made:
            tx.create_root(step(one.place.root_key, user_tasks_created=(one,)))
            place = CasePlace(community=f"community_{one.key % 3}")
            tx.add_case(Case(one.key, f"N{one.key}", one.place.root_key, f"lamp {one.key % 4}", NOW, place=place))
        tx.put_units([Unit("community_1", "East", "community", None), Unit("north", "North", "street", None)])
    return made


def sees(task: UserTask) -> bool:
    return task.assignee == "li" or bool(
        {"desk@north", "desk@south"} & set(task.candidate_groups) or "li" in task.candidate_users + task.copied_to
    )


def belongs(task: UserTask, view: InboxView) -> bool:
    if view is InboxView.DONE:
        return False
    return {InboxView.MINE: task.assignee == "li", InboxView.UNCLAIMED: task.assignee is None}.get(view, True)


def is_due(task: UserTask, due: InboxDue | None) -> bool:
    at = task.due_date
    if due is None or due is InboxDue.NONE:
        return due is None or at is None
    return at is not None and (at <= NOW) == (due is InboxDue.OVERDUE) and at < PLAIN.day_end


@pytest.mark.parametrize("many", [True, False])
def test_lists_hold_what_the_records_say_and_counts_say_the_same(
    store: Store, tasks: list[UserTask], many: object
) -> None:
    with store.reading() as reading:
        for view, due in itertools.product(InboxView, (None, *InboxDue)):
            wanted = replace(PLAIN, view=view, due=due)
            found = reading.list_inbox(wanted, LI, many=bool(many), people=PEOPLE, limit=EVERYTHING, offset=0)
            expected = {one.key for one in tasks if sees(one) and belongs(one, view) and is_due(one, due)}
            assert {one.task.key for one in found} == expected, (view, due)
            counts = reading.count_inbox(wanted, LI, many=bool(many), people=PEOPLE)
            assert counts.views[view] == len(found)
            if due is None:
                late = [one for one in tasks if sees(one) and belongs(one, view) and is_due(one, InboxDue.OVERDUE)]
                soon = [one for one in tasks if sees(one) and belongs(one, view) and is_due(one, InboxDue.TODAY)]
                assert (counts.overdue, counts.today) == (len(late), len(soon)), view


@pytest.mark.parametrize("many", [True, False])
def test_filters_narrow_lists_and_counts_alike(store: Store, tasks: list[UserTask], many: object) -> None:
    seen = [one for one in tasks if sees(one)]
    cases = [
        (replace(PLAIN, community="community_1"), [one for one in seen if one.key % 3 == 1]),
        (replace(PLAIN, urgent=True), [one for one in seen if one.priority > 50]),
        (replace(PLAIN, process_id="three_list_issue"), seen),
        (replace(PLAIN, process_id="another"), []),
        (replace(PLAIN, text="LAMP 2"), [one for one in seen if one.key % 4 == 2]),
        (replace(PLAIN, text="check 3"), [one for one in seen if one.name == "check 3"]),
        (replace(PLAIN, text="100%"), []),
    ]
    with store.reading() as reading:
        for asked, expected in cases:
            wanted = reading.find_text(asked)
            found = reading.list_inbox(wanted, LI, many=bool(many), people=PEOPLE, limit=EVERYTHING, offset=0)
            assert {one.task.key for one in found} == {one.key for one in expected}, wanted
            assert reading.count_inbox(wanted, LI, many=bool(many), people=PEOPLE).views[InboxView.ALL] == len(found)


def test_who_sees_many_turns_the_same_pages_as_who_sees_few(store: Store, tasks: list[UserTask]) -> None:
    seen = sum(map(sees, tasks))
    with store.reading() as reading:
        for view, sort, group in itertools.product((InboxView.ALL, InboxView.DONE), InboxSort, (None, *InboxGroup)):
            wanted = replace(PLAIN, view=view, sort=sort, group=group)
            many, few = (
                [
                    one.task.key
                    for offset in range(0, seen + 7, 7)
                    for one in reading.list_inbox(wanted, LI, many=many, people=PEOPLE, limit=7, offset=offset)
                ]
                for many in (True, False)
            )
            assert many == few, wanted
            assert len(many) == (seen if view is InboxView.ALL else 0)


def test_orders_and_pages(store: Store, tasks: list[UserTask]) -> None:
    def keys(wanted: InboxFilter, offset: int = 0) -> list[int]:
        with store.reading() as reading:
            found = reading.list_inbox(wanted, None, many=True, people=PEOPLE, limit=10, offset=offset)
        return [one.task.key for one in found]

    by_due = sorted(tasks, key=lambda one: (one.due_date is None, one.due_date or NOW, one.key))
    assert keys(PLAIN) == [one.key for one in by_due[:10]]
    assert keys(PLAIN, 10) == [one.key for one in by_due[10:20]]
    newest = sorted(tasks, key=lambda one: one.creation_date, reverse=True)
    assert keys(replace(PLAIN, sort=InboxSort.NEW)) == [one.key for one in newest[:10]]
    urgent = sorted(by_due, key=lambda one: -one.priority)
    assert keys(replace(PLAIN, sort=InboxSort.PRIORITY)) == [one.key for one in urgent[:10]]
    grouped = sorted(by_due, key=lambda one: one.key % 3)
    assert keys(replace(PLAIN, group=InboxGroup.COMMUNITY)) == [one.key for one in grouped[:10]]
    assert keys(replace(PLAIN, group=InboxGroup.PROCESS)) == [one.key for one in by_due[:10]]


def test_what_somebody_has_completed_is_found_by_them_alone(store: Store, tasks: list[UserTask]) -> None:
    seen = [one for one in tasks if sees(one)][:3]
    with store.transaction() as tx:
        for number, (one, who) in enumerate(zip(seen, ("li", "li", "wang"), strict=True)):
            end = UserTaskEnd(one.key, UserTaskState.COMPLETED, NOW + number * HOUR, who)
            tx.save_step(step(one.place.root_key, user_tasks_ended=(end,)), 1)
    done = replace(PLAIN, view=InboxView.DONE)
    with store.reading() as reading:
        found = reading.list_inbox(done, LI, many=False, people=PEOPLE, limit=EVERYTHING, offset=0)
        assert [one.task.key for one in found] == [seen[1].key, seen[0].key], "the latest first"
        assert reading.count_inbox(done, LI, many=False, people=PEOPLE).views[InboxView.DONE] == 2
        task = reading.user_task(seen[2].key)
    assert task is not None
    assert task.completed_by == "wang"


@pytest.mark.usefixtures("tasks")
def test_few_and_many(store: Store) -> None:
    with store.reading() as reading:
        assert not reading.sees_many_open_tasks(LI)
        assert reading.sees_many_open_tasks(None)
        choices = reading.inbox_choices()
    assert choices.communities == {"community_1": "East"}
    assert choices.units == {"community_1": "East", "north": "North"}
