"""Suspension: a root instance stands still, and nobody picks the rows of what waits in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, not_, update

from server.model import InstanceState, JobState
from server.store.connected import Writing
from server.store.tables.instances import process_instance, root_instance
from server.store.tables.signals import signal_delivery, signal_subscription
from server.store.tables.work import job, message_subscription, timer

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Table, Update

    from server.model import SignalDelivery

_WAITING = (timer, message_subscription, signal_subscription, signal_delivery)
_OPEN_JOBS = (JobState.CREATED.value, JobState.FAILED.value)


def _of_root(table: Table) -> Update:
    return update(table).where(table.c.root_key == bindparam("root"))


def _mark(table: Table, *, suspended: bool) -> Update:
    changed = not_(table.c.suspended) if suspended else table.c.suspended
    statement = _of_root(table).where(changed)
    if table is job:
        statement = statement.where(job.c.state.in_(_OPEN_JOBS))
    return statement.values(suspended=suspended)


def _move(before: InstanceState, after: InstanceState, **values: Any) -> Update:  # noqa: ANN401 – columns differ
    return (
        _of_root(process_instance).where(process_instance.c.state == before.value).values(state=after.value, **values)
    )


# Every statement is put together once: that costs more than executing it.
_SUSPEND_INSTANCES = _move(InstanceState.ACTIVE, InstanceState.SUSPENDED, suspended_date=bindparam("at"))
_RESUME_INSTANCES = _move(InstanceState.SUSPENDED, InstanceState.ACTIVE, suspended_date=None)
_SUSPEND = [_mark(table, suspended=True) for table in (root_instance, job, *_WAITING)]
_RESUME = [_mark(table, suspended=False) for table in (root_instance, job, *_WAITING)]


class SuspensionWrites(Writing):
    """Suspends and resumes root instances; whoever calls holds the lock of the root."""

    def suspend_root(self, root_key: int, at: datetime) -> None:
        """Suspend a root instance with all it called and all that waits in them.

        Again for one that is suspended already: what was opened since is suspended too.
        """
        self._write(_SUSPEND_INSTANCES, {"root": root_key, "at": at})
        for statement in _SUSPEND:
            self._write(statement, {"root": root_key})

    def resume_root(self, root_key: int) -> None:
        """Let a root instance, all it called and all that waits in them go on."""
        self._write(_RESUME_INSTANCES, {"root": root_key})
        for statement in _RESUME:
            self._write(statement, {"root": root_key})

    def suspend_signal_delivery(self, delivery: SignalDelivery) -> None:
        """Put a signal by that was thrown before its receiver was suspended."""
        columns = signal_delivery.c
        self._write(
            update(signal_delivery)
            .where(columns.signal_key == delivery.signal_key, columns.receiver_key == delivery.receiver_key)
            .values(suspended=True)
        )
