"""Somebody who works with a server that dies, and remembers what it said."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from consistency import Judge, read_rows
from crashes import Death, dying
from small_processes import ALARM, COUNTED, FILES, JOB_TYPE

from server.access import SYSTEM
from server.actions import ACTIONS
from server.config import Config
from server.errors import MusterError
from server.service import deployments, incidents, jobs, messages, signals, suspension, user_tasks, variables
from server.service.context import Context
from server.service.message_starts import due_message_starts, start_next
from server.store import Store
from server.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping
    from pathlib import Path

    from consistency import Rows

BEGINNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
MOST_ROUNDS = 60
LEASE = timedelta(minutes=5)
ONCE = {("COMPLETE", "USER_TASK"), ("COMPLETE", "JOB"), ("FIRE", "TIMER"), ("RESOLVE", "INCIDENT")}

Expected = Counter[tuple[str, str]]
"""Audit lines of an operation: (operation, kind of entity)."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the caller was told: `done`, `refused`, or nothing (`died`), and how many commits reached the database."""

    told: str
    reached: int
    value: object = None

    @property
    def happened(self) -> bool:
        """Whether the operation, one of a single commit, must have happened."""
        return self.told == "done" or (self.told == "died" and self.reached > 0)


class Town:
    """A database with the small processes, and the server on it."""

    def __init__(self, url: str, data_dir: Path) -> None:
        self._config = Config(data_dir, url, secret_key=b"k" * 32)
        self.now = BEGINNING
        self.context = self._open()
        self.judge = Judge()
        self.marks: dict[str, bool] = {}
        self.deployed = 0
        deployments.deploy(self.context, SYSTEM, FILES)
        self.rows = read_rows(self.context)

    def _open(self) -> Context:
        context = Context(self._config, lambda: self.now, Store.open(self._config.database_url), ACTIONS)
        next(context.store.keys)  # takes a block of keys in a transaction of its own: that is not what is tried here
        return context

    def close(self) -> None:
        """Let the connections go."""
        self.context.store.close()

    def attempt(self, work: Callable[[Context], object], death: Death | None = None) -> Outcome:
        """Do something; a death ends the server, and another one starts on what is stored. Judges the database."""
        before = self.rows
        outcome = self._attempt(work, death)
        self.rows = read_rows(self.context)
        if outcome.told == "refused" or (outcome.told == "died" and outcome.reached == 0):
            assert self.rows == before, "nothing may be left of what was refused or not committed"
        self.judge.judge(self.context, self.rows)
        self._judge_counts()
        return outcome

    def _attempt(self, work: Callable[[Context], object], death: Death | None) -> Outcome:
        outcome = Outcome("died", 0)
        try:
            with dying(self.context.store, death) as life:
                outcome = Outcome("done", 0, work(self.context))
        except MusterError as error:
            if not life.dead:
                _expect(error, range(400, 500))
                outcome = Outcome("refused", 0, error)
        except BaseException:
            if not life.dead:
                raise
        if life.dead:
            self.close()
            self.context = self._open()
            return Outcome("died", life.reached)
        return Outcome(outcome.told, life.reached, outcome.value)

    def mark(self) -> str:
        """Return a variable's name that nobody has used."""
        return f"mark_{len(self.marks)}"

    def note_mark(self, mark: str, *, kept: bool) -> None:
        """Remember whether a variable of this name was accepted."""
        self.marks[mark] = kept

    def added(self, before: Rows) -> Expected:
        """Return the audit lines that were written since."""
        known = {row.key for row in before["audit_entry"]}
        new = (row for row in self.rows["audit_entry"] if row.key not in known)
        return Counter((row.operation, row.entity_type) for row in new)

    def settle(self) -> None:
        """Let the worker do what waits for it, so that what follows is told from it."""
        due = any(row.due_at <= self.now for row in self.rows["timer"])
        if due or self.rows["signal_delivery"] or self.rows["message_start"]:
            self.recover()

    def recover(self) -> None:
        """Let the worker do what is due."""
        self.attempt(lambda context: Worker(context).run_due())

    def deliver(self) -> None:
        """Let the worker finish what a dead process was about to tell everybody, and nothing else."""
        self.attempt(self._deliver)

    def _deliver(self, context: Context) -> None:
        for message_key, subscription_key in messages.undelivered_messages(context, 100):
            messages.deliver_buffered_message(context, message_key, subscription_key)
        for start in due_message_starts(context, 100):
            start_next(context, start)
        for signal in signals.due_deliveries(context, 100):
            assert signals.deliver_signal(context, signal)

    def look(self) -> None:
        """Read every row anew."""
        self.rows = read_rows(self.context)

    def _judge_counts(self) -> None:
        """What was accepted is there, what was not is not, and nothing was done twice."""
        lines = Counter(
            (row.operation, row.entity_type, row.entity_key)
            for row in self.rows["audit_entry"]
            if (row.operation, row.entity_type) in ONCE
        )
        assert set(lines.values()) <= {1}
        names = {row.name for row in self.rows["variable"]}
        assert {mark for mark, kept in self.marks.items() if kept} <= names
        assert names.isdisjoint(mark for mark, kept in self.marks.items() if not kept)
        values = {(row.scope_key, row.name): row.value for row in self.rows["variable"]}
        ran = Counter(
            (row.process_instance_key, row.element_id) for row in self.rows["history"] if row.event == "COMPLETED"
        )
        for row in self.rows["process_instance"]:
            for element, name in COUNTED.get(row.process_id, ()):
                assert values[row.key, name] == str(ran[row.key, element])

    # -- to the end ------------------------------------------------------------------------------------------------

    def finish(self) -> None:
        """Do what is waited for until every instance has ended: no token may be stuck."""
        for key in {row.root_key for row in self.rows["process_instance"] if row.state == "SUSPENDED"}:
            suspension.resume_process_instance(self.context, SYSTEM, key)
        for _ in range(MOST_ROUNDS):
            self.rows = read_rows(self.context)
            if not any(row.active for row in self.rows["root_instance"]):
                break
            self._finish_round()
        self.judge.judge(self.context, self.rows)
        self._judge_counts()
        assert not any(row.active for row in self.rows["root_instance"]), "an instance waits for nothing"

    def _finish_round(self) -> None:
        context, rows = self.context, self.rows
        self.now += 2 * LEASE
        for row in rows["incident"]:
            if row.state == "ACTIVE":
                variables.set_variables(context, SYSTEM, row.process_instance_key, {"amount": 1})
                incidents.resolve_incident(context, SYSTEM, row.key)
        for row in rows["user_task"]:
            if row.state == "CREATED":
                self._try(lambda row=row: user_tasks.complete_user_task(context, SYSTEM, row.key, {"again": False}))
        for activated in jobs.activate_jobs(context, SYSTEM, JOB_TYPE, "last", LEASE, 100):
            jobs.complete_job(context, SYSTEM, activated.job.key, {"amount": 1})
        for name, key in {(row.message_name, row.correlation_key) for row in rows["message_subscription"]}:
            messages.publish_message(context, SYSTEM, messages.Publication(name, key))
        if rows["signal_subscription"]:
            signals.broadcast_signal(context, SYSTEM, ALARM, {})
        self.now += timedelta(hours=1)
        Worker(context).run_due()

    def _try(self, work: Callable[[], object]) -> None:
        try:
            work()
        except MusterError as refused:
            _expect(refused, (409,))

    def open_rows(self, table: str, **columns: object) -> list[int]:
        """Return the keys of rows with these values, oldest first."""
        found = self.rows[table]
        return [row.key for row in found if all(getattr(row, name) == value for name, value in columns.items())]


def _expect(refusal: MusterError, statuses: Container[int]) -> None:
    assert refusal.status in statuses, refusal


def publication(name: str, key: str, hours: int, message_id: str | None, values: Mapping[str, object]) -> object:
    """Return a message."""
    return messages.Publication(name, key, timedelta(hours=hours), message_id, values)
