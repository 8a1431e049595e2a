"""How long it takes to pick the next due timer among very many that wait, on both databases."""

# ruff: noqa: T201 - the table is what a benchmark is for
from __future__ import annotations

import statistics
import tempfile
import time
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text

from server.clock import system_clock
from server.store import Store
from server.store.columns import EPOCH

from .three_step.postgresql import open_database, open_postgresql

if TYPE_CHECKING:
    from collections.abc import Callable

PICKS = 200
SERIES = {
    "sqlite": "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :count) ",
    "postgresql": "WITH numbers AS (SELECT generate_series(CAST(1 AS BIGINT), :count) AS n) ",
}
FILL = (
    "INSERT INTO timer (key, element_id, element_instance_key, process_instance_key, root_key,"
    " process_definition_key, process_id, due_at)"
    " SELECT n, 'late', n, n, n, 1, 'waiting', :now + (n * 7919 % :count) * 1000 - 60000 FROM numbers"
)


def time_due_timers(count: int) -> None:
    """Fill a table of each database, and print what picking takes; about a minute overdue at a time."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="muster-load-")))
        url = stack.enter_context(open_database(stack.enter_context(open_postgresql())))
        for name, where in {"SQLite": f"sqlite:///{home / 'muster.db'}", "PostgreSQL": url}.items():
            store = Store.open(where)
            store.migrate()
            stack.callback(store.close)
            _fill(store, count)
            _say(f"{count:,} waiting timers on {name}", store)


def _fill(store: Store, count: int) -> None:
    now = int((system_clock() - EPOCH).total_seconds() * 1000)
    statement = (SERIES[store.dialect] + FILL).replace(":count", str(count)).replace(":now", str(now))
    with store.transaction() as tx:
        tx._connection.execute(text(statement))
        tx._connection.execute(text("ANALYZE"))


def _say(name: str, store: Store) -> None:
    now = system_clock()
    with store.reading() as reading:
        figures = {
            "the next one": _time(lambda: reading.due_timers(now, 1)),
            "the next 100": _time(lambda: reading.due_timers(now, 100)),
            "when it is due": _time(reading.next_due_at),
            "none is due": _time(lambda: reading.due_timers(now - timedelta(days=1), 100)),
        }
    cells = "".join(f"{f'{title}: {milliseconds:.2f} ms':>26}" for title, milliseconds in figures.items())
    print(f"{name:44}{cells}   (elapsed; target 1 ms)")


def _time(pick: Callable[[], object]) -> float:
    """Return the median milliseconds, the database's included: they count where the database is another process."""
    pick()
    took = []
    for _ in range(PICKS):
        begin = time.perf_counter()
        pick()
        took.append((time.perf_counter() - begin) * 1000)
    return statistics.median(took)
