"""Saves what a step changed, by difference: one statement for each kind of row that changed, none for the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from server.errors import Contended
from server.model import IncidentState
from server.store.decision_instances import ADD_DECISION, decision_instance_values
from server.store.element_history import history_values
from server.store.incidents import incident_values
from server.store.instance_migrations import InstanceMigrationWrites
from server.store.jobs import job_values
from server.store.message_subscriptions import message_subscription_values
from server.store.process_instances import process_instance_values
from server.store.signals import SignalWrites, signal_subscription_values
from server.store.tables.instances import history, process_instance, process_instance_tag, root_instance, variable
from server.store.tables.signals import signal_subscription
from server.store.tables.work import incident, job, message_subscription, timer, user_task, user_task_candidate
from server.store.timers import timer_values
from server.store.user_tasks import candidate_values, user_task_values
from server.store.variables import variable_values

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Delete, Insert, Table

    from server.model import StepResult, VariableChange

FIRST_REVISION = 1


def _put_variable(insert_into: Any) -> Insert:  # noqa: ANN401 – each dialect has an `insert` of its own
    statement = insert_into(variable)
    put: Insert = statement.on_conflict_do_update(
        index_elements=[variable.c.scope_key, variable.c.name],
        set_={"value": statement.excluded.value, "value_head": statement.excluded.value_head},
    )
    return put


def _remove(table: Table) -> Delete:
    return delete(table).where(table.c.key == bindparam("removed"))


# Every statement is put together once: that costs more than executing it.
_ADD_ROOT = insert(root_instance)
_ADD_INSTANCE = insert(process_instance)
_ADD_TAG = insert(process_instance_tag)
_ADD_USER_TASK = insert(user_task)
_ADD_CANDIDATE = insert(user_task_candidate)
_ADD_JOB = insert(job)
_ADD_TIMER = insert(timer)
_REMOVE_TIMER = _remove(timer)
_MOVE_TIMER = update(timer).where(timer.c.key == bindparam("moved")).values(due_at=bindparam("due"))
_ADD_SUBSCRIPTION = insert(message_subscription)
_REMOVE_SUBSCRIPTION = _remove(message_subscription)
_ADD_SIGNAL_SUBSCRIPTION = insert(signal_subscription)
_REMOVE_SIGNAL_SUBSCRIPTION = _remove(signal_subscription)
_ADD_INCIDENT = insert(incident)
_ADD_HISTORY = insert(history)
_PUT_VARIABLE = {"sqlite": _put_variable(sqlite_insert), "postgresql": _put_variable(postgresql_insert)}

_SAVE_ROOT = (
    update(root_instance)
    .where(root_instance.c.root_key == bindparam("saved_root"), root_instance.c.revision == bindparam("expected"))
    .values(revision=root_instance.c.revision + 1, state=bindparam("state"), active=bindparam("active"))
)
_END_INSTANCE = (
    update(process_instance)
    .where(process_instance.c.key == bindparam("ended"))
    .values(state=bindparam("state"), end_date=bindparam("at"), suspended_date=None)
)
_END_USER_TASK = (
    update(user_task)
    .where(user_task.c.key == bindparam("ended"))
    .values(state=bindparam("state"), completion_date=bindparam("at"), completed_by=bindparam("by"))
)
_END_JOB = (
    update(job)
    .where(job.c.key == bindparam("ended"))
    .values(
        state=bindparam("state"),
        end_date=bindparam("at"),
        updated_at=bindparam("at"),
        error_message=bindparam("error_message"),
        error_code=bindparam("error_code"),
    )
)
_RESOLVE_INCIDENT = (
    update(incident).where(incident.c.key == bindparam("resolved")).values(state=IncidentState.RESOLVED.value)
)
_REMOVE_VARIABLE = delete(variable).where(
    variable.c.scope_key == bindparam("scope"), variable.c.name == bindparam("variable")
)


class StepWrites(SignalWrites, InstanceMigrationWrites):
    """Writes the results of steps."""

    def create_root(self, result: StepResult) -> None:
        """Save the first step of a new root instance."""
        self._write(
            _ADD_ROOT,
            {
                "root_key": result.root_key,
                "revision": FIRST_REVISION,
                "active": result.active,
                "state": result.state,
            },
        )
        self._save_rows(result)

    def save_step(self, result: StepResult, revision: int) -> None:
        """Save a step of the root instance that was locked (or read) at `revision`, which grows by one.

        Raises Contended when the instance is not at that revision any more; then nothing may be kept.
        """
        saved = self._write(
            _SAVE_ROOT,
            {"saved_root": result.root_key, "expected": revision, "state": result.state, "active": result.active},
        )
        if not saved:
            raise Contended(
                f"Expected process instance {result.root_key} at revision {revision}, found that it has moved on."
            )
        self._save_rows(result)

    def _save_rows(self, result: StepResult) -> None:
        self._save_instances(result)
        for migration in result.instances_migrated:
            self._save_migration(migration)
        self._save_user_tasks(result)
        self._save_jobs(result)
        self._write_each(_REMOVE_TIMER, [{"removed": key} for key in result.timers_removed])
        self._write_each(_MOVE_TIMER, [{"moved": one.key, "due": one.due_at} for one in result.timers_moved])
        self._write_each(_ADD_TIMER, [timer_values(one) for one in result.timers_created])
        self._write_each(_REMOVE_SUBSCRIPTION, [{"removed": key} for key in result.subscriptions_removed])
        self._write_each(_ADD_SUBSCRIPTION, [message_subscription_values(one) for one in result.subscriptions_created])
        self._save_signals(result)
        self._write_each(_ADD_INCIDENT, [incident_values(one) for one in result.incidents_created])
        self._write_each(_RESOLVE_INCIDENT, [{"resolved": key} for key in result.incidents_resolved])
        self._save_variables(result.variables)
        self._write_each(ADD_DECISION, [decision_instance_values(one) for one in result.decisions])
        self._write_each(_ADD_HISTORY, [history_values(one) for one in result.history])

    def _save_signals(self, result: StepResult) -> None:
        self._write_each(_REMOVE_SIGNAL_SUBSCRIPTION, [{"removed": key} for key in result.signal_subscriptions_removed])
        opened = [signal_subscription_values(one) for one in result.signal_subscriptions_created]
        self._write_each(_ADD_SIGNAL_SUBSCRIPTION, opened)
        for signal in result.signals_thrown:
            self.add_signal(signal)

    def _save_instances(self, result: StepResult) -> None:
        started = result.instances_started
        self._write_each(_ADD_INSTANCE, [process_instance_values(one) for one in started])
        tags = [{"process_instance_key": one.key, "name": tag} for one in started for tag in dict.fromkeys(one.tags)]
        self._write_each(_ADD_TAG, tags)
        self._write_each(
            _END_INSTANCE,
            [{"ended": one.key, "state": one.state.value, "at": one.at} for one in result.instances_ended],
        )

    def _save_user_tasks(self, result: StepResult) -> None:
        self._write_each(
            _END_USER_TASK,
            [
                {"ended": one.key, "state": one.state.value, "at": one.at, "by": one.by}
                for one in result.user_tasks_ended
            ],
        )
        created = result.user_tasks_created
        self._write_each(_ADD_USER_TASK, [user_task_values(one) for one in created])
        self._write_each(_ADD_CANDIDATE, [row for one in created for row in candidate_values(one)])

    def _save_jobs(self, result: StepResult) -> None:
        self._write_each(
            _END_JOB,
            [
                {
                    "ended": one.key,
                    "state": one.state.value,
                    "at": one.at,
                    "error_message": one.error_message,
                    "error_code": one.error_code,
                }
                for one in result.jobs_ended
            ],
        )
        self._write_each(_ADD_JOB, [job_values(one) for one in result.jobs_created])

    def _save_variables(self, changes: Iterable[VariableChange]) -> None:
        last = {(one.scope_key, one.name): one for one in changes}
        removed = [{"scope": one.scope_key, "variable": one.name} for one in last.values() if one.removed]
        written = [variable_values(one, next(self.keys)) for one in last.values() if not one.removed]
        self._write_each(_REMOVE_VARIABLE, removed)
        self._write_each(_PUT_VARIABLE[self.dialect], written)
