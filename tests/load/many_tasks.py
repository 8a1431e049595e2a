"""A hundred thousand open tasks in one database, for the inbox to be measured on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from server.store.columns import EPOCH

if TYPE_CHECKING:
    from datetime import datetime

    from server.store import Store

NUMBERS = {
    "sqlite": "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :count) ",
    "postgresql": "WITH numbers AS (SELECT generate_series(CAST(1 AS BIGINT), :count) AS n) ",
}
MINUTE = 60_000
OWNERS = 50
"""One task in so many is in somebody's hand."""
TASKS = (
    "INSERT INTO user_task (key, element_id, element_instance_key, process_instance_key, root_key,"
    " process_definition_key, process_id, name, state, creation_date, assignee, candidate_groups, candidate_users,"
    " due_date, priority, custom_headers, announced)"
    " SELECT n, 'check', n, n, n, 1, 'three_list_issue', 'check what was reported', 'CREATED', :now - n * :minute,"
    " CASE WHEN n % :owners = 0 THEN 'person_' || (n / :owners % 40) END, '[\"desk@all\"]', '[]',"
    " CASE WHEN n % 9 > 0 THEN :now + (n * 7919 % :count - :count / 50) * :minute END,"
    " 50 + n % 3 * 10, '{}', 3 FROM numbers"
)
CASES = (
    "INSERT INTO case_record (key, case_no, root_key, title, text, state, community, reporters, reopened, received_at)"
    " SELECT n, 'N' || n, n, 'the lamp ' || n || ' is broken', '', 'open', 'community_' || (n % 12),"
    " 1, 0, :now FROM numbers"
)
CANDIDATES = (
    "INSERT INTO user_task_candidate (user_task_key, kind, name, task_state)"
    " SELECT n, :kind, :name, 'CREATED' FROM numbers WHERE n % :share = 0"
)
GROUPS = {"desk@all": 1, "desk@street": 30, "desk@grid": 2_500}
"""The groups, and of how many tasks one is theirs."""


def fill(store: Store, count: int, now: datetime) -> None:
    """Write the tasks, their cases and their candidates, and let the database look at what it has."""
    numbers = NUMBERS[store.dialect]
    values = {"count": count, "now": int((now - EPOCH).total_seconds() * 1000), "minute": MINUTE, "owners": OWNERS}
    with store._engine.begin() as connection:
        connection.execute(text(numbers + TASKS), values)
        connection.execute(text(numbers + CASES), values)
        for name, share in GROUPS.items():
            given = {**values, "kind": "group", "name": name, "share": share}
            connection.execute(text(numbers + CANDIDATES), given)
        connection.execute(text("ANALYZE"))
