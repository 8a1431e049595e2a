"""Saving a step: by difference, in few statements, and only onto the revision it was computed from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from store_examples import (
    MINUTE,
    NOW,
    ROOT,
    counting,
    history,
    incident,
    instance,
    job,
    place,
    start,
    step,
    subscription,
    timer,
    user_task,
    variable,
)

from server.errors import Conflict
from server.model import (
    AuditEntry,
    IncidentState,
    InstanceEnd,
    InstanceState,
    JobEnd,
    JobState,
    Query,
    Sort,
    TimerMove,
    UserTaskEnd,
    UserTaskState,
)

if TYPE_CHECKING:
    from server.store import Store, Transaction

AUDIT = AuditEntry(at=NOW, actor="王敏", operation="COMPLETE", entity_type="USER_TASK", entity_key="1")


def test_everything_a_start_opens_is_read_back_as_it_was(store: Store) -> None:
    called = instance(2000, root_key=ROOT, parent_key=ROOT, parent_element_instance_key=ROOT + 5)
    root = instance(ROOT, business_id="2026-17", tags=("重点", "河道"))
    task = user_task(
        5,
        assignee="王敏",
        candidate_groups=("street_desk@jinxiu", "lead@jinxiu"),
        candidate_users=("李强",),
        due_date=NOW + MINUTE,
        follow_up_date=NOW,
        priority=80,
        form_key=9,
        custom_headers={"b": "2", "a": "1"},
    )
    made = step(
        instances_started=(root, called),
        user_tasks_created=(task,),
        jobs_created=(job(6, custom_headers={"to": "desk"}),),
        timers_created=(timer(7, NOW),),
        subscriptions_created=(subscription(8, "支付", "17"),),
        incidents_created=(incident(9, job_key=6, expression="=a >"),),
        variables=(variable("a", {"x": [1, None, "值"]}),),
        history=(history(10), history(11, actor=None, variables={})),
    )
    with store.transaction() as tx:
        tx.create_root(made)
    with store.reading() as reading:
        assert reading.process_instance(ROOT) == root
        assert reading.called_process_instances(ROOT) == (called,)
        assert reading.user_task(5) == task
        assert reading.job(6) == made.jobs_created[0]
        assert reading.timer(7) == made.timers_created[0]
        assert reading.message_subscription(8) == made.subscriptions_created[0]
        assert reading.incident(9) == made.incidents_created[0]
        assert [(v.name, v.value) for v in reading.variables(ROOT)] == [("a", {"x": [1, None, "值"]})]
        assert reading.history(ROOT) == made.history
        assert reading.history(root_key=ROOT) == made.history


def test_what_is_not_there_reads_as_none(store: Store) -> None:
    with store.reading() as reading:
        for read in (
            reading.process_instance,
            reading.user_task,
            reading.job,
            reading.timer,
            reading.message_subscription,
            reading.incident,
            reading.variable,
            reading.list_row,
            reading.process_definition,
        ):
            assert read(1) is None
            assert read(10**30) is None


def test_a_plain_completion_takes_at_most_ten_statements_however_much_is_open(store: Store) -> None:
    start(
        store,
        user_tasks_created=tuple(user_task(key, candidate_groups=("desk@a", "desk@b")) for key in range(1, 400)),
        timers_created=tuple(timer(key, NOW) for key in range(500, 600)),
        variables=tuple(variable(f"v{number}", number) for number in range(100)),
    )
    result = step(
        user_tasks_ended=(UserTaskEnd(1, UserTaskState.COMPLETED, NOW),),
        user_tasks_created=(user_task(700, candidate_groups=("lead@a", "lead@b")),),
        history=tuple(history(key) for key in range(800, 806)),
        variables=(variable("decision", "handle"), variable("v1", "new"), variable("note", None)),
    )
    with counting(store) as statements, store.transaction() as tx:
        locked = tx.lock_instance_of_user_task(1)
        task = tx.user_task(1)
        assert task is not None
        assert locked is not None
        tx.save_step(result, locked.revision)
        tx.add_audit([AUDIT])
    assert len(statements) == 9


def test_a_step_that_changes_only_the_state_takes_one_statement(store: Store) -> None:
    start(store, user_tasks_created=(user_task(5),), timers_created=(timer(6, NOW),))
    with store.transaction() as tx, counting(store) as statements:
        tx.save_step(step(state=b"next"), 1)
    assert len(statements) == 1


def test_a_moved_timer_keeps_its_row(store: Store) -> None:
    start(store, timers_created=(timer(8, NOW), timer(9, NOW)))
    later = NOW + MINUTE
    with store.transaction() as tx:
        tx.save_step(step(timers_moved=(TimerMove(8, later),)), 1)
    with store.reading() as reading:
        assert [(one.key, one.due_at) for one in reading.timers_of_root(ROOT)] == [(8, later), (9, NOW)]
        assert reading.timers_of_root(12345) == ()


def test_rows_that_a_step_does_not_name_are_not_touched(store: Store) -> None:
    start(
        store,
        user_tasks_created=tuple(user_task(key, candidate_groups=("desk@a",)) for key in (5, 6, 7)),
        timers_created=(timer(8, NOW), timer(9, NOW)),
        subscriptions_created=(subscription(20, "m", "1"), subscription(21, "m", "2")),
        jobs_created=(job(30), job(31)),
        variables=(variable("a", 1), variable("b", 2), variable("c", 3)),
    )
    before = _row_versions(store)
    with store.transaction() as tx:
        tx.save_step(
            step(
                user_tasks_ended=(UserTaskEnd(6, UserTaskState.COMPLETED, NOW),),
                timers_removed=(8,),
                subscriptions_removed=(21,),
                jobs_ended=(JobEnd(30, JobState.COMPLETED, NOW),),
                variables=(variable("b", 20), variable("c", None, removed=True)),
            ),
            1,
        )
    after = _row_versions(store)
    touched = {name for name in before if before[name] != after.get(name)}
    assert touched == {
        ("user_task", "6"),
        ("user_task_candidate", "6"),
        ("timer", "8"),
        ("message_subscription", "21"),
        ("job", "30"),
        ("variable", "b"),
        ("variable", "c"),
    }


def _row_versions(store: Store) -> dict[tuple[str, str], tuple[object, ...]]:
    """Tell every row's identity and what changes with every write: PostgreSQL's xmin, or the content on SQLite."""
    names = {
        "user_task": "key",
        "user_task_candidate": "user_task_key",
        "timer": "key",
        "message_subscription": "key",
        "job": "key",
        "variable": "name",
    }
    version = "xmin, *" if store.dialect == "postgresql" else "*"
    with store._engine.connect() as connection:
        return {
            (table, str(row._mapping[column])): tuple(row)
            for table, column in names.items()
            for row in connection.execute(text(f"SELECT {version} FROM {table}"))  # noqa: S608 – names from above
        }


def test_a_step_onto_another_revision_is_a_conflict_and_changes_nothing(store: Store) -> None:
    start(store)
    with store.transaction() as tx:
        tx.save_step(step(state=b"second"), 1)

    def save_late(tx: Transaction) -> None:
        tx.add_audit([AUDIT])
        tx.save_step(step(state=b"late", user_tasks_created=(user_task(5),)), 1)

    with pytest.raises(Conflict, match="revision 1"), store.transaction() as tx:
        save_late(tx)
    with store.transaction() as tx:
        locked = tx.lock_instance(ROOT)
        assert (locked.revision, locked.state) == (2, b"second")
        assert tx.user_task(5) is None
        assert tx.search_audit(Query()).total == 0


def test_the_ends_of_a_step_are_kept(store: Store) -> None:
    start(
        store,
        user_tasks_created=(user_task(5), user_task(6)),
        jobs_created=(job(7),),
        incidents_created=(incident(8),),
    )
    result = step(
        active=False,
        instances_ended=(InstanceEnd(ROOT, InstanceState.COMPLETED, NOW + MINUTE),),
        user_tasks_ended=(
            UserTaskEnd(5, UserTaskState.COMPLETED, NOW),
            UserTaskEnd(6, UserTaskState.CANCELED, NOW + MINUTE),
        ),
        jobs_ended=(JobEnd(7, JobState.ERROR_THROWN, NOW, "no such address", "E1"),),
        incidents_resolved=(8,),
    )
    with store.transaction() as tx:
        tx.save_step(result, 1)
        ended = tx.process_instance(ROOT)
        assert (ended.state, ended.end_date) == (InstanceState.COMPLETED, NOW + MINUTE)
        assert tx.user_task(5).state is UserTaskState.COMPLETED
        assert tx.user_task(6).state is UserTaskState.CANCELED
        assert tx.user_task(6).completion_date == NOW + MINUTE
        failed = tx.job(7)
        assert (failed.state, failed.error_message, failed.error_code) == (
            JobState.ERROR_THROWN,
            "no such address",
            "E1",
        )
        assert tx.incident(8).state is IncidentState.RESOLVED
        assert not tx.lock_instance(ROOT).active


def test_a_variable_keeps_its_key_when_it_is_written_again_and_the_last_write_counts(store: Store) -> None:
    start(store, variables=(variable("a", 1),))
    with store.reading() as reading:
        first = reading.variables(ROOT)[0]
    with store.transaction() as tx:
        tx.save_step(step(variables=(variable("a", 2), variable("a", "last"))), 1)
    with store.reading() as reading:
        assert reading.variables(ROOT) == (replace(first, value="last"),)


def test_a_removed_variable_can_be_written_again(store: Store) -> None:
    start(store, variables=(variable("a", 1), variable("b", 1, scope_key=4)))
    with store.transaction() as tx:
        tx.save_step(
            step(variables=(variable("a", removed=True, value=None), variable("b", None, scope_key=4, removed=True))), 1
        )
        assert tx.variables(ROOT) == ()
        tx.save_step(step(variables=(variable("a", None, removed=True), variable("a", 5))), 2)
        assert [one.value for one in tx.variables(ROOT)] == [5]


def test_variables_of_scopes_are_read_by_their_scope(store: Store) -> None:
    start(store, variables=(variable("a", 1), variable("a", 2, scope_key=4), variable("a", 3, scope_key=5)))
    with store.reading() as reading:
        assert [one.value for one in reading.variables(scope_keys=[5, 4])] == [2, 3]
        assert sorted(one.value for one in reading.variables(ROOT)) == [1, 2, 3]


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        0,
        -(2**63),
        2**64,
        -(10**40),
        0.1,
        1e300,
        "",
        '引号 " \\ \u0000 \U0001f6a7',
        [],
        {},
        {"b": [{"a": 2**70}]},
    ],
)
def test_every_json_value_survives(store: Store, value: object) -> None:
    start(store, variables=(variable("a", value),), history=(history(5, variables={"a": value}),))
    with store.reading() as reading:
        assert reading.variables(ROOT)[0].value == value
        assert type(reading.variables(ROOT)[0].value) is type(value)
        assert reading.history(ROOT)[0].variables == {"a": value}


def test_history_asks_for_one_of_the_two_keys(store: Store) -> None:
    start(store, history=(history(5), history(6, place=place(process_instance_key=2000))))
    with store.reading() as reading:
        assert [one.key for one in reading.history(2000)] == [6]
        assert [one.key for one in reading.history(root_key=ROOT)] == [5, 6]
        page = reading.search_history(Query(sort=(Sort("key", descending=True),)))
        assert [one.key for one in page.items] == [6, 5]
        with pytest.raises(Exception, match="either"):
            reading.history()


def test_the_root_is_locked_by_whatever_belongs_to_it(store: Store) -> None:
    called = instance(2000, root_key=ROOT, parent_key=ROOT)
    start(
        store,
        instances_started=(instance(), called),
        user_tasks_created=(user_task(5),),
        jobs_created=(job(6),),
        timers_created=(timer(7, NOW),),
        incidents_created=(incident(8),),
        history=(history(9, place=place(element_instance_key=44)),),
    )
    start(store, 3000)
    with store.transaction() as tx, counting(store) as statements:
        locks = [
            tx.lock_instance(ROOT),
            tx.lock_instance_of_process_instance(2000),
            tx.lock_instance_of_user_task(5),
            tx.lock_instance_of_job(6),
            tx.lock_instance_of_timer(7),
            tx.lock_instance_of_incident(8),
            tx.lock_instance_of_element_instance(44),
            tx.lock_instance_of_element_instance(2000),
        ]
        assert [locked.root_key for locked in locks] == [ROOT] * 8
        assert len(statements) == 8
        assert tx.lock_instance(12) is None
        assert tx.lock_instance_of_user_task(6) is None
        assert tx.lock_instance_of_element_instance(45) is None
