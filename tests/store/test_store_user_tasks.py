"""User tasks: who sees which, who has which, and at what cost."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from store_examples import MINUTE, NOW, ROOT, counting, start, step, user_task, variable

from server.errors import Conflict, InvalidArgument, NotFound
from server.model import Condition, Query, Sort, UserTaskEnd, UserTaskState
from server.store import Viewer

if TYPE_CHECKING:
    from server.store import Store

OPEN = Condition("state", "eq", "CREATED")


def found(store: Store, query: Query, viewer: Viewer | None = None) -> list[int]:
    with store.reading() as reading:
        page = reading.search_user_tasks(query, viewer)
    assert page.total == len(page.items)
    return sorted(task.key for task in page.items)


def inboxes(store: Store) -> None:
    start(
        store,
        user_tasks_created=(
            user_task(1, candidate_groups=("desk@a",)),
            user_task(2, candidate_groups=("desk@b", "desk@a")),
            user_task(3, candidate_users=("li",)),
            user_task(4, assignee="li"),
            user_task(5, assignee="wang", candidate_groups=("desk@b",), candidate_users=("li",)),
            user_task(6),
            user_task(7, candidate_groups=("li",)),
            user_task(8, candidate_groups=("desk@a",)),
        ),
    )
    with store.transaction() as tx:
        tx.save_step(step(user_tasks_ended=(UserTaskEnd(8, UserTaskState.COMPLETED, NOW),)), 1)


@pytest.mark.parametrize(
    ("viewer", "all_of_them", "open_ones"),
    [
        (None, [1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 3, 4, 5, 6, 7]),
        (Viewer("nobody", ("desk@a",)), [1, 2, 8], [1, 2]),
        (Viewer("nobody", ("desk@a", "desk@b")), [1, 2, 5, 8], [1, 2, 5]),
        (Viewer("li"), [3, 4, 5], [3, 4, 5]),
        (Viewer("wang"), [5], [5]),
        (Viewer("li", ("desk@b",)), [2, 3, 4, 5], [2, 3, 4, 5]),
        (Viewer("", ("nobody@nowhere",)), [], []),
        (Viewer("lead", units=("a",)), [1, 2, 8], [1, 2]),
        (Viewer("lead", ("desk@b",), ("a", "c")), [1, 2, 5, 8], [1, 2, 5]),
    ],
)
def test_only_tasks_of_the_viewer_are_found_and_counted(
    store: Store, viewer: Viewer | None, all_of_them: object, open_ones: object
) -> None:
    inboxes(store)
    assert found(store, Query(), viewer) == all_of_them
    assert found(store, Query(conditions=(OPEN,)), viewer) == open_ones


def test_a_unit_follows_the_groups_when_they_change(store: Store) -> None:
    inboxes(store)
    with store.transaction() as tx:
        tx.update_user_task(1, candidate_groups=("desk@z", "lead@z"))
    assert found(store, Query(), Viewer("lead", units=("a",))) == [2, 8]
    assert found(store, Query(), Viewer("lead", units=("z",))) == [1]


def test_an_ended_task_leaves_the_inbox_of_a_group_that_had_it_only_as_candidate(store: Store) -> None:
    inboxes(store)
    closed = Query(conditions=(Condition("state", "eq", "completed"),))
    assert found(store, closed, Viewer("", ("desk@a",))) == [8]
    assert found(store, closed, Viewer("", ("desk@b",))) == []


@pytest.mark.parametrize(
    ("condition", "keys"),
    [
        (Condition("candidate_group", "eq", "desk@a"), [1, 2, 8]),
        (Condition("candidate_group", "neq", "desk@a"), [3, 4, 5, 6, 7]),
        (Condition("candidate_group", "in", ["desk@b", "li"]), [2, 5, 7]),
        (Condition("candidate_group", "notIn", ["desk@b", "li"]), [1, 3, 4, 6, 8]),
        (Condition("candidate_group", "like", "desk@*"), [1, 2, 5, 8]),
        (Condition("candidate_group", "exists", value=False), [3, 4, 6]),
        (Condition("candidate_group", "exists", value=True), [1, 2, 5, 7, 8]),
        (Condition("candidate_user", "eq", "li"), [3, 5]),
        (Condition("assignee", "exists", value=False), [1, 2, 3, 6, 7, 8]),
        (Condition("assignee", "neq", "li"), [1, 2, 3, 5, 6, 7, 8]),
        (Condition("creation_date", "lt", NOW + 3 * MINUTE), [1, 2]),
    ],
)
def test_tasks_are_found_by_candidates_and_assignee(store: Store, condition: object, keys: object) -> None:
    inboxes(store)
    assert found(store, Query(conditions=(condition,))) == keys


def test_a_page_of_a_hundred_tasks_takes_two_statements(store: Store) -> None:
    groups = tuple(f"desk@{number}" for number in range(5))
    start(
        store,
        user_tasks_created=tuple(
            user_task(key, candidate_groups=groups, candidate_users=("li",)) for key in range(1, 251)
        ),
    )
    query = Query(conditions=(OPEN,), sort=(Sort("creation_date", descending=True),), limit=100)
    with store.reading() as reading, counting(store) as statements:
        page = reading.search_user_tasks(query, Viewer("li", ("desk@3", "desk@4")))
    assert len(statements) == 2
    assert [task.key for task in page.items] == list(range(250, 150, -1))
    assert page.total == 250
    assert page.items[0].candidate_groups == groups


def test_tasks_are_found_by_the_variables_of_their_instance(store: Store) -> None:
    start(store, 1000, user_tasks_created=(user_task(1),), variables=(variable("street", "锦绣"),))
    start(
        store,
        2000,
        user_tasks_created=(user_task(2, 2000),),
        variables=(variable("street", "锦绣", 2000, scope_key=2001), variable("street", "西门", 2000)),
    )
    assert found(store, Query(conditions=(Condition("variable.street", "eq", '"锦绣"'),))) == [1]
    assert found(store, Query(conditions=(Condition("variable.street", "like", '"西*'),))) == [2]


def test_a_claim_is_lost_when_somebody_else_was_quicker(store: Store) -> None:
    start(store, user_tasks_created=(user_task(1),))
    with store.transaction() as tx:
        tx.assign_user_task(1, "li", expected=None)
    with pytest.raises(Conflict, match="'li'"), store.transaction() as tx:
        tx.assign_user_task(1, "wang", expected=None)
    with store.transaction() as tx:
        tx.assign_user_task(1, "wang", expected="li")
        assert tx.user_task(1).assignee == "wang"


def test_a_task_is_given_back_only_by_the_expected_assignee(store: Store) -> None:
    start(store, user_tasks_created=(user_task(1, assignee="li"),))
    with pytest.raises(Conflict), store.transaction() as tx:
        tx.unassign_user_task(1, expected="wang")
    with store.transaction() as tx:
        tx.unassign_user_task(1, expected="li")
        assert tx.user_task(1).assignee is None
        tx.unassign_user_task(1)


def test_ended_and_unknown_tasks_are_not_changed(store: Store) -> None:
    start(store, user_tasks_created=(user_task(1),))
    with store.transaction() as tx:
        tx.save_step(step(user_tasks_ended=(UserTaskEnd(1, UserTaskState.CANCELED, NOW),)), 1)

    for change in (
        lambda tx, key: tx.assign_user_task(key, "li"),
        lambda tx, key: tx.unassign_user_task(key),
        lambda tx, key: tx.update_user_task(key, priority=1),
    ):
        with pytest.raises(Conflict, match="CANCELED"), store.transaction() as tx:
            change(tx, 1)
        with pytest.raises(NotFound, match="99"), store.transaction() as tx:
            change(tx, 99)


def test_only_what_is_named_of_a_task_is_changed(store: Store) -> None:
    task = user_task(1, candidate_groups=("desk@a", "desk@b"), candidate_users=("li",), due_date=NOW, priority=70)
    start(store, user_tasks_created=(task,))
    with store.transaction() as tx:
        tx.update_user_task(1)
        tx.update_user_task(1, due_date=None, candidate_groups=("desk@c", "desk@c"))
        changed = tx.user_task(1)
    assert changed == replace(task, due_date=None, candidate_groups=("desk@c", "desk@c"))
    assert found(store, Query(), Viewer("", ("desk@a",))) == []
    assert found(store, Query(conditions=(OPEN,)), Viewer("", ("desk@c",))) == [1]
    assert found(store, Query(conditions=(OPEN,)), Viewer("li")) == [1]
    with store.transaction() as tx:
        tx.update_user_task(1, candidate_users=(), follow_up_date=NOW + MINUTE, priority=1)
        assert tx.user_task(1) == replace(changed, candidate_users=(), follow_up_date=NOW + MINUTE, priority=1)
    assert found(store, Query(), Viewer("li")) == []


def test_an_unknown_field_is_refused_with_the_known_ones_and_how_variables_are_named(store: Store) -> None:
    with pytest.raises(InvalidArgument, match=r"candidate_group.*variable\.<name>.*'taskState'"):
        found(store, Query(conditions=(Condition("taskState", "eq", "CREATED"),)))


def test_tasks_of_another_instance_are_left_alone(store: Store) -> None:
    start(store, ROOT, user_tasks_created=(user_task(1),))
    start(store, 2000, user_tasks_created=(user_task(2, 2000),))
    assert found(store, Query(conditions=(Condition("process_instance_key", "eq", "2000"),))) == [2]
    assert found(store, Query(conditions=(Condition("root_key", "in", [ROOT, "2000"]),))) == [1, 2]
