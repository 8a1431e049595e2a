"""The root instance: one state, one revision, one lock. A transaction locks one of them, before any other row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from server.store.columns import Key
from server.store.connected import Connected, Writing
from server.store.tables.instances import history, process_instance, root_instance
from server.store.tables.work import incident, job, timer, user_task

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select, Table

_c = root_instance.c


_WANTED = bindparam("wanted", type_=Key())


def _locking(where: ColumnElement[bool]) -> Select[Any]:
    return select(root_instance).where(where).with_for_update()


def _of_root_of(table: Table) -> Select[Any]:
    return _locking(_c.root_key == select(table.c.root_key).where(table.c.key == _WANTED).scalar_subquery())


def _of_element_instance() -> Select[Any]:
    entered = select(history.c.root_key).where(history.c.element_instance_key == _WANTED)
    itself = select(process_instance.c.root_key).where(process_instance.c.key == _WANTED)
    return _locking(_c.root_key.in_(entered.limit(1).subquery().select().union_all(itself)))


_BY_ITSELF = _locking(_c.root_key == _WANTED)
_BY_PROCESS_INSTANCE = _of_root_of(process_instance)
_BY_USER_TASK = _of_root_of(user_task)
_BY_JOB = _of_root_of(job)
_BY_TIMER = _of_root_of(timer)
_BY_INCIDENT = _of_root_of(incident)
_BY_ELEMENT_INSTANCE = _of_element_instance()


@dataclass(frozen=True, slots=True)
class LockedInstance:
    """A root instance that nobody else can change before this transaction ends."""

    root_key: int
    revision: int
    state: bytes
    active: bool
    suspended: bool = False


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
        return self._lock(_BY_ITSELF, root_key, skip_locked=skip_locked)

    def lock_instance_of_process_instance(self, key: int, *, skip_locked: bool = False) -> LockedInstance | None:
        """Lock the root of a process instance, called or not."""
        return self._lock(_BY_PROCESS_INSTANCE, key, skip_locked=skip_locked)

    def lock_instance_of_user_task(self, key: int, *, skip_locked: bool = False) -> LockedInstance | None:
        """Lock the root of a user task."""
        return self._lock(_BY_USER_TASK, key, skip_locked=skip_locked)

    def lock_instance_of_job(self, key: int, *, skip_locked: bool = False) -> LockedInstance | None:
        """Lock the root of a job."""
        return self._lock(_BY_JOB, key, skip_locked=skip_locked)

    def lock_instance_of_timer(self, key: int, *, skip_locked: bool = False) -> LockedInstance | None:
        """Lock the root of a timer."""
        return self._lock(_BY_TIMER, key, skip_locked=skip_locked)

    def lock_instance_of_incident(self, key: int, *, skip_locked: bool = False) -> LockedInstance | None:
        """Lock the root of an incident."""
        return self._lock(_BY_INCIDENT, key, skip_locked=skip_locked)

    def lock_instance_of_element_instance(self, key: int, *, skip_locked: bool = False) -> LockedInstance | None:
        """Lock the root of an element instance, or of a process instance with this key."""
        return self._lock(_BY_ELEMENT_INSTANCE, key, skip_locked=skip_locked)

    def _lock(self, found: Select[Any], key: int, *, skip_locked: bool) -> LockedInstance | None:
        row = self._row(found.with_for_update(skip_locked=True) if skip_locked else found, {"wanted": key})
        if row is None:
            return None
        return LockedInstance(
            root_key=row.root_key,
            revision=row.revision,
            state=bytes(row.state),
            active=bool(row.active),
            suspended=bool(row.suspended),
        )
