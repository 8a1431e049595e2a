"""Random work on a server that dies before or after any of its commits: what it said is true, and all rows agree."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from crashes import Death
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from small_processes import (
    ALARM,
    APPLY,
    JOB_TYPE,
    NOTE,
    ORDERS,
    REPLY,
    STARTED_BY_HAND,
    another_version,
    first_variables,
)
from town import LEASE, Town, publication

from server.access import SYSTEM
from server.service import (
    deployments,
    incidents,
    jobs,
    messages,
    process_instances,
    signals,
    suspension,
    user_tasks,
    variables,
)
from server.service.process_instances import StartRequest
from server.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from town import Outcome

    from server.service.context import Context

DEATHS = st.one_of(
    st.none(), st.builds(Death, st.just(1), st.booleans()), st.builds(Death, st.integers(1, 4), st.booleans())
)
NOW_AND_THEN = st.one_of(st.none(), st.none(), DEATHS)
WHICH = st.integers(0, 30)


def operation(name: str, times: int = 1, /, **given: st.SearchStrategy[Any]) -> list[st.SearchStrategy[Any]]:
    """Return the calls of an operation, once for each share of the draws that it gets."""
    return [st.tuples(st.just(name), st.fixed_dictionaries(given | {"death": NOW_AND_THEN}))] * times


# One rule draws from all: rules of their own are switched off at random for a whole run, which short runs do not bear.
OPERATIONS = st.sampled_from(
    [
        *operation("start", 2, process=st.sampled_from(STARTED_BY_HAND), order=st.sampled_from(ORDERS)),
        *operation("complete_task", 8, which=WHICH, again=st.booleans()),
        *operation("assign_task", which=WHICH),
        *operation("activate_jobs", which=WHICH),
        *operation("complete_job", 4, which=WHICH, amount=st.sampled_from([None, 1, 5])),
        *operation("fail_job", 2, which=WHICH, retries=st.integers(0, 1)),
        *operation("throw_error", which=WHICH),
        *operation("let_time_pass", 3, minutes=st.sampled_from([1, 20, 70, 200, 400])),
        *operation(
            "publish",
            3,
            name=st.sampled_from([NOTE, REPLY, APPLY]),
            order=st.sampled_from(ORDERS),
            hours=st.sampled_from([0, 2]),
            message_id=st.sampled_from([None, "i1", "i2"]),
        ),
        *operation("broadcast"),
        *operation("resolve", 3, which=WHICH),
        *operation("edit_variables", 2, which=WHICH, amount=st.integers(0, 9)),
        *operation("cancel", which=WHICH),
        *operation("suspend", which=WHICH),
        *operation("resume", 2, which=WHICH),
        *operation("deploy"),
    ]
).flatmap(lambda calls: calls)


class Crashes(RuleBasedStateMachine):
    """Operations of the service layer, each with or without a death."""

    make: Callable[[], Town]

    def __init__(self) -> None:
        super().__init__()
        self.town = type(self).make()

        for process in STARTED_BY_HAND:
            self.start(process, ORDERS[0], None)

    def teardown(self) -> None:
        try:
            self.town.finish()
        finally:
            self.town.close()

    @rule(operation=OPERATIONS)
    def act(self, operation: tuple[str, dict[str, Any]]) -> None:
        name, given = operation
        getattr(self, name)(**given)

    # -- the ways to do something ----------------------------------------------------------------------------------

    def _pick(self, table: str, which: int, **columns: object) -> int | None:
        """Choose a key: mostly of an open row, now and then of any."""
        keys = self.town.open_rows(table, **columns) if which % 5 else self.town.open_rows(table)
        return keys[which % len(keys)] if keys else None

    def _do(self, work: Callable[[Context], object], death: Death | None, operation: tuple[str, str] | None) -> Outcome:
        """Do what takes one commit; its audit line tells whether it happened."""
        before = self.town.rows
        outcome = self.town.attempt(work, death)
        expected = Counter([operation] if operation and outcome.happened else [])
        assert self.town.added(before) == expected
        return outcome

    def _tell(
        self,
        work: Callable[[Context], object],
        death: Death | None,
        expected: Counter[tuple[str, str]],
        *,
        kept: bool = True,
    ) -> None:
        """Tell everybody something: a step for each of them, nobody twice.

        Once the first commit is made everybody gets it, unless it is a message that is not `kept` and the caller was
        told nothing: then some may have it.
        """
        before = self.town.rows
        outcome = self.town.attempt(work, death)
        if outcome.told == "died" and outcome.reached:
            if not kept:
                assert self.town.added(before) <= expected
                return
            self.town.deliver()
        assert self.town.added(before) == (expected if outcome.happened else Counter())

    # -- the operations --------------------------------------------------------------------------------------------

    def start(self, process: str, order: str, death: Death | None) -> None:
        request = StartRequest(process, variables=first_variables(order))
        known = set(self.town.open_rows("process_instance"))
        self._do(
            lambda context: process_instances.start_process_instance(context, SYSTEM, request),
            death,
            ("CREATE", "PROCESS_INSTANCE"),
        )
        new = [row for row in self.town.rows["process_instance"] if row.key not in known]
        assert len(new) <= 1
        assert all((row.process_id, row.state) == (process, "ACTIVE") for row in new)

    def complete_task(self, which: int, again: bool, death: Death | None) -> None:  # noqa: FBT001 - drawn
        if (key := self._pick("user_task", which, state="CREATED")) is None:
            return
        mark = self.town.mark()
        outcome = self._do(
            lambda context: user_tasks.complete_user_task(context, SYSTEM, key, {"again": again, mark: key}),
            death,
            ("COMPLETE", "USER_TASK"),
        )
        self.town.note_mark(mark, kept=outcome.happened)
        if outcome.happened:
            assert key in self.town.open_rows("user_task", state="COMPLETED")

    def assign_task(self, which: int, death: Death | None) -> None:
        if (key := self._pick("user_task", which, state="CREATED")) is None:
            return
        name = f"person {which}"
        outcome = self._do(
            lambda context: user_tasks.assign_user_task(context, SYSTEM, key, name), death, ("ASSIGN", "USER_TASK")
        )
        if outcome.happened:
            assert key in self.town.open_rows("user_task", assignee=name)

    def activate_jobs(self, death: Death | None, which: int) -> None:
        worker = f"worker {which}"
        outcome = self._do(lambda context: jobs.activate_jobs(context, SYSTEM, JOB_TYPE, worker, LEASE, 2), death, None)
        if outcome.told == "done":
            got: Any = outcome.value
            assert {one.job.key for one in got} <= set(self.town.open_rows("job", worker=worker))

    def complete_job(self, which: int, amount: int | None, death: Death | None) -> None:
        if (key := self._pick("job", which, state="CREATED")) is None:
            return
        mark = self.town.mark()
        values = {mark: key} | ({} if amount is None else {"amount": amount})
        outcome = self._do(lambda context: jobs.complete_job(context, SYSTEM, key, values), death, ("COMPLETE", "JOB"))
        self.town.note_mark(mark, kept=outcome.happened)
        if outcome.happened:
            assert key in self.town.open_rows("job", state="COMPLETED")

    def fail_job(self, which: int, retries: int, death: Death | None) -> None:
        if (key := self._pick("job", which, state="CREATED")) is None:
            return
        outcome = self._do(lambda context: jobs.fail_job(context, SYSTEM, key, retries, "no"), death, ("FAIL", "JOB"))
        if outcome.happened:
            assert key in self.town.open_rows("job", state="CREATED" if retries else "FAILED")

    def throw_error(self, which: int, death: Death | None) -> None:
        if (key := self._pick("job", which, state="CREATED")) is None:
            return
        outcome = self._do(
            lambda context: jobs.throw_job_error(context, SYSTEM, key, "refused", None, {}), death,
            ("THROW_ERROR", "JOB"),
        )  # fmt: skip
        if outcome.happened:
            assert key in self.town.open_rows("job", state="ERROR_THROWN")

    def let_time_pass(self, minutes: int, death: Death | None) -> None:
        self.town.now += timedelta(minutes=minutes)
        outcome = self.town.attempt(lambda context: Worker(context).run_due(), death)
        if outcome.told == "died":
            self.town.recover()
        rows = self.town.rows
        assert not [row for row in rows["timer"] if row.due_at <= self.town.now and not row.suspended]
        assert not [row for row in rows["signal_delivery"] if not row.suspended]

    def publish(self, name: str, order: str, hours: int, message_id: str | None, death: Death | None) -> None:
        self.town.settle()
        rows = self.town.rows
        waiting = [
            row
            for row in rows["message_subscription"]
            if (row.message_name, row.correlation_key) == (name, order) and not row.suspended
        ]
        expected = Counter([("PUBLISH", "MESSAGE")])
        expected["CORRELATE", "MESSAGE_SUBSCRIPTION"] = len({row.process_id for row in waiting})
        if name == APPLY and not self._is_begun(order):
            expected["CREATE", "PROCESS_INSTANCE"] = 1
        sent: Any = publication(name, order, hours, message_id, {})
        self._tell(lambda context: messages.publish_message(context, SYSTEM, sent), death, +expected, kept=hours > 0)

    def _is_begun(self, order: str) -> bool:
        instances = self.town.rows["process_instance"]
        return any((row.start_correlation_key, row.end_date) == (order, None) for row in instances)

    def broadcast(self, death: Death | None) -> None:
        self.town.settle()
        expected = Counter([("BROADCAST", "SIGNAL"), ("CREATE", "PROCESS_INSTANCE")])
        expected["CORRELATE", "SIGNAL_SUBSCRIPTION"] = len(self.town.open_rows("signal_subscription", suspended=False))
        self._tell(lambda context: signals.broadcast_signal(context, SYSTEM, ALARM, {}), death, +expected)

    def resolve(self, which: int, death: Death | None) -> None:
        if (key := self._pick("incident", which, state="ACTIVE")) is None:
            return
        outcome = self._do(
            lambda context: incidents.resolve_incident(context, SYSTEM, key), death, ("RESOLVE", "INCIDENT")
        )
        if outcome.happened:
            assert key in self.town.open_rows("incident", state="RESOLVED")

    def edit_variables(self, which: int, amount: int, death: Death | None) -> None:
        if (key := self._pick("process_instance", which, state="ACTIVE")) is None:
            return
        mark = self.town.mark()
        outcome = self._do(
            lambda context: variables.set_variables(context, SYSTEM, key, {"amount": amount, mark: amount}),
            death,
            ("UPDATE", "VARIABLE"),
        )
        self.town.note_mark(mark, kept=outcome.happened)

    def cancel(self, which: int, death: Death | None) -> None:
        if (key := self._pick("process_instance", which, state="ACTIVE")) is None:
            return
        self._do(
            lambda context: process_instances.cancel_process_instance(context, SYSTEM, key),
            death,
            ("CANCEL", "PROCESS_INSTANCE"),
        )

    def suspend(self, which: int, death: Death | None) -> None:
        if (key := self._pick("process_instance", which, state="ACTIVE")) is None:
            return
        outcome = self._do(
            lambda context: suspension.suspend_process_instance(context, SYSTEM, key),
            death,
            ("SUSPEND", "PROCESS_INSTANCE"),
        )
        if outcome.happened:
            assert key in self.town.open_rows("process_instance", state="SUSPENDED")

    def resume(self, which: int, death: Death | None) -> None:
        if (key := self._pick("process_instance", which, state="SUSPENDED")) is None:
            return
        outcome = self._do(
            lambda context: suspension.resume_process_instance(context, SYSTEM, key),
            death,
            ("RESUME", "PROCESS_INSTANCE"),
        )
        if outcome.happened:
            assert key not in self.town.open_rows("process_instance", state="SUSPENDED")

    def deploy(self, death: Death | None) -> None:
        self.town.deployed += 1
        file = another_version(self.town.deployed)
        self._do(lambda context: deployments.deploy(context, SYSTEM, [file]), death, ("CREATE", "DEPLOYMENT"))


@pytest.fixture
def fresh_town(fresh_database: Callable[[], str], tmp_path: Path) -> Callable[[], Town]:
    """Give a function that opens a town on a database without rows."""
    return lambda: Town(fresh_database(), tmp_path)


def run(make: Callable[[], Town], examples: int, steps: int) -> None:
    """Play that many random runs, the same ones every time."""
    machine = type("SeededCrashes", (Crashes,), {"make": staticmethod(make)})
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),
    )
    run_state_machine_as_test(machine, settings=chosen)


def test_a_server_that_dies_at_any_commit_keeps_its_word(fresh_town: Callable[[], Town]) -> None:
    run(fresh_town, examples=8, steps=20)


@pytest.mark.slow
def test_a_server_that_dies_at_any_commit_keeps_its_word_for_long(fresh_town: Callable[[], Town]) -> None:
    run(fresh_town, examples=40, steps=40)
