"""The frequent queries find their rows by an index, however many rows there are."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event
from store_examples import MINUTE, NOW

from server.model import Condition, Query, Signal, Sort
from server.store import Viewer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from server.store import Store, Transaction

OPEN = Condition("state", "eq", "CREATED")
NEWEST = (Sort("creation_date", descending=True),)

FREQUENT: dict[str, tuple[Callable[[Transaction], object], str]] = {
    "an inbox": (
        lambda tx: tx.search_user_tasks(Query(conditions=(OPEN,), sort=NEWEST), Viewer("li", ("desk@a", "desk@b"))),
        "ix_user_task_candidate_open",
    ),
    "all open tasks": (lambda tx: tx.search_user_tasks(Query(conditions=(OPEN,), sort=NEWEST)), "ix_user_task_open"),
    "tasks of a group": (
        lambda tx: tx.search_user_tasks(Query(), Viewer("", ("desk@a",))),
        "ix_user_task_candidate_name",
    ),
    "due timers": (lambda tx: tx.due_timers(NOW, 10), "ix_timer_running"),
    "the next due timer": (lambda tx: tx.next_due_at(), "ix_timer_running"),
    "signals on their way": (lambda tx: tx.signal_deliveries(10), "ix_signal_delivery_running"),
    "suspending": (lambda tx: tx.suspend_root(5, NOW), "ix_signal_delivery_root_key"),
    "resuming": (lambda tx: tx.resume_root(5), "ix_timer_root_key"),
    "due start events": (lambda tx: tx.due_start_timers(NOW, 10), "ix_start_timer_due_at"),
    "receivers of a signal": (lambda tx: tx.add_signal(Signal(1, "s", {})), "ix_signal_subscription_signal_name"),
    "offered jobs": (lambda tx: tx.activate_jobs("mail", "w", NOW + MINUTE, NOW, 10), "ix_job_offered"),
    "a task's instance": (lambda tx: tx.lock_instance_of_user_task(5), "user_task"),
    "an element's instance": (lambda tx: tx.lock_instance_of_element_instance(5), "ix_history_element_instance_key"),
    "subscriptions": (lambda tx: tx.message_subscriptions("m", "1"), "ix_message_subscription_message_name"),
    "a path": (lambda tx: tx.history(5), "ix_history_process_instance_key_key"),
    "visited elements": (lambda tx: tx.completed_elements(5), "ix_history_process_instance_key_key"),
    "active incidents": (
        lambda tx: tx.search_incidents(Query(conditions=(Condition("state", "eq", "active"),), sort=NEWEST)),
        "ix_incident_active",
    ),
    "incidents within an element": (
        lambda tx: tx.search_incidents_within(6, 5, Query()),
        "ix_history_root_key_key",
    ),
    "elements within an element": (
        lambda tx: tx.search_element_instances(Query(conditions=(Condition("scope_key", "eq", 5),))),
        "ix_history_process_instance_key_key",
    ),
    "decisions of an instance": (
        lambda tx: tx.search_decision_instances(Query(conditions=(Condition("process_instance_key", "eq", 5),))),
        "ix_decision_instance_process_instance_key",
    ),
    "jobs of an instance": (
        lambda tx: tx.search_jobs(Query(conditions=(Condition("process_instance_key", "eq", 5),))),
        "ix_job_process_instance_key",
    ),
    "jobs of a type": (
        lambda tx: tx.search_jobs(Query(conditions=(Condition("type", "eq", "mail"),))),
        "ix_job_type_key",
    ),
    "failed jobs": (
        lambda tx: tx.search_jobs(Query(conditions=(Condition("state", "eq", "failed"),), sort=NEWEST)),
        "ix_job_failed",
    ),
    "who waits for a message": (
        lambda tx: tx.search_message_subscriptions(Query(conditions=(Condition("message_name", "eq", "m"),))),
        "ix_message_subscription_message_name",
    ),
    "what an instance waits for": (
        lambda tx: tx.search_message_subscriptions(Query(conditions=(Condition("process_instance_key", "eq", 5),))),
        "ix_message_subscription_process_instance_key",
    ),
    "timers of an instance": (
        lambda tx: tx.search_timers(Query(conditions=(Condition("process_instance_key", "eq", 5),))),
        "ix_timer_process_instance_key",
    ),
    "what fires next": (lambda tx: tx.search_timers(Query(sort=(Sort("due_at"),))), "ix_timer_due_at_key"),
    "who waits for a signal": (
        lambda tx: tx.search_signal_subscriptions(Query(conditions=(Condition("signal_name", "eq", "s"),))),
        "ix_signal_subscription_signal_name",
    ),
    "signals of an instance": (
        lambda tx: tx.search_signal_subscriptions(Query(conditions=(Condition("process_instance_key", "eq", 5),))),
        "ix_signal_subscription_process_instance_key",
    ),
    "a variable's value": (
        lambda tx: tx.search_variables(
            Query(conditions=(Condition("name", "eq", "street"), Condition("value", "eq", '"锦绣"')))
        ),
        "ix_variable_name_value_head",
    ),
    "clocks of a period": (lambda tx: tx.clocks_of_units("respond", NOW, NOW), "ix_clock_name_started_at"),
    "rows of a period": (lambda tx: tx.rows_added("result", NOW, NOW), "ix_list_row_list_name_created_at"),
    "cases that ended in a period": (lambda tx: tx.cases_closed(NOW, NOW), "ix_case_record_closed_at"),
    "the newest version": (
        lambda tx: tx.latest_process_definition("p"),
        "process_definition",
    ),
    "a token": (lambda tx: tx.token_by_hash("ab"), "token"),
}


@contextmanager
def explaining(store: Store) -> Iterator[list[str]]:
    """Collect the plan of every statement, with sequential scans forbidden where the planner has a choice."""
    plans: list[str] = []
    asking = False

    def explain(_connection: object, cursor: object, statement: str, parameters: object, *_rest: object) -> None:
        nonlocal asking
        if asking or statement.startswith(("BEGIN", "EXPLAIN")):
            return
        asking = True
        if store.dialect == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)  # type: ignore[attr-defined]
        else:
            cursor.execute("SET LOCAL enable_seqscan = off")  # type: ignore[attr-defined]
            cursor.execute(f"EXPLAIN {statement}", parameters)  # type: ignore[attr-defined]
        plans.append("\n".join(str(row[-1]) for row in cursor.fetchall()))  # type: ignore[attr-defined]
        asking = False

    event.listen(store._engine, "before_cursor_execute", explain)
    try:
        yield plans
    finally:
        event.remove(store._engine, "before_cursor_execute", explain)


@pytest.mark.parametrize("name", FREQUENT)
def test_a_frequent_query_reads_no_table_from_end_to_end(store: Store, name: object) -> None:
    ask, index = FREQUENT[name]
    with store.transaction() as tx, explaining(store) as plans:
        ask(tx)
    assert plans
    for plan in plans:
        assert "Seq Scan" not in plan
        for line in plan.splitlines():
            whole_table = line.startswith("SCAN ") and "USING" not in line and "CONSTANT" not in line
            assert not whole_table or any(name in line for name in ("candidates", "anon", "within")), plan
    if store.dialect == "sqlite":
        assert index in "\n".join(plans)
