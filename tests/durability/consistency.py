"""What must hold of a database after every step, whoever died: the states of the instances and all rows agree."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import false, select

from server.engine import Execution, restore
from server.service.definitions import DefinitionReader
from server.store import Reading, db, json_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Row

    from server.service.context import Context

Rows = dict[str, list["Row[Any]"]]
NOT_COMPARED = "key_block"  # keys that a dead process had taken stay taken
ENDS = {"COMPLETED", "CANCELED"}
VISIT = {"ENTERED", *ENDS}
RUNNING = {"ACTIVE", "SUSPENDED"}
# What a token's internal data calls that which waits, the rows of it, and whether one of them is open.
WAITS = {
    "user_task": ("user_task", lambda row: row.state == "CREATED"),
    "job": ("job", lambda row: row.state == "CREATED" or (row.state == "FAILED" and row.end_date is None)),
    "timer": ("timer", lambda _: True),
    "subscription": ("message_subscription", lambda _: True),
    "signal": ("signal_subscription", lambda _: True),
    "incident": ("incident", lambda row: row.state == "ACTIVE"),
}


def read_rows(context: Context, root_key: int | None = None) -> Rows:
    """Return every row of every table in a fixed order, or those of one root instance."""
    rows: Rows = {}
    with context.store.reading() as reading:
        for table in db.metadata.sorted_tables:
            statement = select(table).order_by(*table.primary_key)
            if root_key is not None:
                of_root = table.c.root_key == root_key if "root_key" in table.c else false()
                statement = statement.where(of_root)
            if table.name != NOT_COMPARED:
                rows[table.name] = list(reading._connection.execute(statement))
    return rows


def open_execution(context: Context, reading: Reading, state: bytes) -> Execution:
    """Load a stored state."""
    execution = Execution(
        DefinitionReader(context.definitions, reading), iter(()), datetime(2026, 1, 1, tzinfo=UTC), UTC
    )
    restore(execution, state)
    return execution


@dataclass(slots=True)
class Judge:
    """Judges one database again and again; what only ever grows is held against what was there before."""

    revisions: dict[int, int] = field(default_factory=dict)
    history: dict[int, object] = field(default_factory=dict)
    audit: dict[int, object] = field(default_factory=dict)

    def judge(self, context: Context, rows: Rows) -> None:
        """Fail unless everything agrees with everything."""
        with context.store.reading() as reading:
            roots = {
                row.root_key: open_execution(context, reading, row.state) if row.active else None
                for row in rows["root_instance"]
            }
        assert {row.root_key for row in rows["process_instance"]} == roots.keys()
        for row in rows["root_instance"]:
            assert bool(row.state) == bool(row.active)
        self._judge_growth(rows)
        running = [execution for execution in roots.values() if execution is not None]
        judge_waits(rows, running)
        judge_instances(rows, running)
        judge_variables(rows, running)
        judge_history(rows, running)
        states = {row.key: row.state for row in rows["user_task"]}
        assert all(row.task_state == states[row.user_task_key] for row in rows["user_task_candidate"])

    def _judge_growth(self, rows: Rows) -> None:
        revisions = {row.root_key: row.revision for row in rows["root_instance"]}
        assert all(revisions.get(key, 0) >= revision for key, revision in self.revisions.items())
        self.revisions = revisions
        history = {row.key: tuple(row) for row in rows["history"]}
        assert self.history.items() <= _hashed(history).items(), "the history is only ever added to"
        self.history = _hashed(history)
        audit = _hashed({row.key: {**row._mapping, "batch": None} for row in rows["audit_entry"]})
        assert self.audit.items() <= audit.items(), "the audit log is only ever added to"
        self.audit = audit


def _hashed(rows: dict[int, Any]) -> dict[int, object]:
    return {key: repr(row) for key, row in rows.items()}


def judge_waits(rows: Rows, running: Iterable[Execution]) -> None:
    """The open rows are exactly what the tokens wait for."""
    waiting: dict[str, dict[int, tuple[int, int]]] = defaultdict(dict)
    for execution in running:
        for token in execution.tokens.values():
            for name in WAITS.keys() & token.internal_data.keys():
                found = token.internal_data[name]
                key = found[0] if name == "incident" else found
                waiting[name][key] = (execution.root.key, token.key)
    for name, (table, is_open) in WAITS.items():
        kept = {row.key: (row.root_key, row.element_instance_key) for row in rows[table] if is_open(row)}
        assert kept == waiting[name], f"{table}: kept {kept}, the states say {waiting[name]}"


def judge_instances(rows: Rows, running: Iterable[Execution]) -> None:
    """A process instance runs while it has a container; all rows of a root are suspended, or none is."""
    active = {c.key for execution in running for c in execution.containers.values() if c.is_process}
    assert {row.key for row in rows["process_instance"] if row.state in RUNNING} == active
    for row in rows["process_instance"]:
        assert (row.end_date is None) == (row.state in RUNNING)
    still = {row.root_key for row in rows["root_instance"] if row.suspended and row.active}
    assert {row.root_key for row in rows["process_instance"] if row.state == "SUSPENDED"} == still
    for table in ("timer", "message_subscription", "signal_subscription"):
        assert all(row.suspended == (row.root_key in still) for row in rows[table])


def judge_variables(rows: Rows, running: Iterable[Execution]) -> None:
    """Rows of open scopes are their variables; besides them only those of ended process instances are left."""
    scopes = {
        (scope.key, name): json_text.dump(value)
        for execution in running
        for scope in execution.scopes.scopes.values()
        for name, value in scope.variables.items()
    }
    ended = {row.key for row in rows["process_instance"] if row.state not in RUNNING}
    kept = {(row.scope_key, row.name): row.value for row in rows["variable"] if row.scope_key not in ended}
    assert kept == scopes


def judge_history(rows: Rows, running: Iterable[Execution]) -> None:
    """Every element instance was entered once and left at most once; those not left are where the tokens stand."""
    lines = Counter((row.element_instance_key, row.event) for row in rows["history"] if row.event in VISIT)
    assert set(lines.values()) <= {1}
    entered = {key for key, event in lines if event == "ENTERED"}
    ends = Counter(key for key, event in lines if event in ENDS)
    assert set(ends.values()) <= {1}
    assert ends.keys() <= entered
    standing = {t.key for execution in running for t in execution.tokens.values() if t.internal_data.get("entered")}
    assert entered - ends.keys() == standing
