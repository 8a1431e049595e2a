"""The root instance: one state, one revision, one lock. A transaction locks one of them, before any other row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from server.store.connected import Connected, Writing
from server.store.tables.instances import history, process_instance, root_instance
from server.store.tables.work import incident, job, timer, user_task

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, ScalarSelect, Table

_c = root_instance.c


@dataclass(frozen=True, slots=True)
class LockedInstance:
    """A root instance that nobody else can change before this transaction ends."""

    root_key: int
    revision: int
    state: bytes
    active: bool


class RootInstanceReads(Connected):
    """Reads states without locking them: for looking, never for changing."""

    def state_of_root(self, root_key: int) -> bytes | None:
        """Return the state of a root instance; empty when it has ended."""
        row = self._row(select(_c.state).where(_c.root_key == root_key))
        return None if row is None else bytes(row.state)


class RootInstanceLocks(Writing):
    """Locks the root instance of whatever is about to change, in one statement each.

    They return None where there is no such thing and, with `skip_locked`, also when somebody else holds the lock
    (PostgreSQL only: on SQLite the open transaction is the only writer). Otherwise they wait, and raise Contended after
    the lock timeout.
    """

    def lock_instance(self, root_key: int, *, skip_locked: bool = False) -> LockedInstance | None:
        """Lock by the root's own key."""
        return self._lock(_c.root_key == root_key, skip_locked=skip_locked)

    def lock_instance_of_process_instance(self, key: int, *, skip_locked: bool = False) -> LockedInstance | None:
        """Lock the root of a process instance, called or not."""
        return self._lock(_c.root_key == _root_of(process_instance, key), skip_locked=skip_locked)

    def lock_instance_of_user_task(self, key: int, *, skip_locked: bool = False) -> LockedInstance | None:
        """Lock the root of a user task."""
        return self._lock(_c.root_key == _root_of(user_task, key), skip_locked=skip_locked)

    def lock_instance_of_job(self, key: int, *, skip_locked: bool = False) -> LockedInstance | None:
        """Lock the root of a job."""
        return self._lock(_c.root_key == _root_of(job, key), skip_locked=skip_locked)

    def lock_instance_of_timer(self, key: int, *, skip_locked: bool = False) -> LockedInstance | None:
        """Lock the root of a timer."""
        return self._lock(_c.root_key == _root_of(timer, key), skip_locked=skip_locked)

    def lock_instance_of_incident(self, key: int, *, skip_locked: bool = False) -> LockedInstance | None:
        """Lock the root of an incident."""
        return self._lock(_c.root_key == _root_of(incident, key), skip_locked=skip_locked)

    def lock_instance_of_element_instance(self, key: int, *, skip_locked: bool = False) -> LockedInstance | None:
        """Lock the root of an element instance, or of a process instance with this key."""
        entered = select(history.c.root_key).where(history.c.element_instance_key == key)
        itself = select(process_instance.c.root_key).where(process_instance.c.key == key)
        roots = entered.limit(1).subquery().select().union_all(itself)
        return self._lock(_c.root_key.in_(roots), skip_locked=skip_locked)

    def _lock(self, where: ColumnElement[bool], *, skip_locked: bool) -> LockedInstance | None:
        row = self._row(select(root_instance).where(where).with_for_update(skip_locked=skip_locked))
        if row is None:
            return None
        return LockedInstance(
            root_key=row.root_key, revision=row.revision, state=bytes(row.state), active=bool(row.active)
        )


def _root_of(table: Table, key: int) -> ScalarSelect[int]:
    return select(table.c.root_key).where(table.c.key == key).scalar_subquery()
