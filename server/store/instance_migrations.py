"""Process instances that moved to another definition: their open rows belong to elements of that one now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, update

from server.store.connected import Writing
from server.store.tables.instances import process_instance
from server.store.tables.signals import signal_subscription
from server.store.tables.work import incident, job, message_subscription, timer, user_task

if TYPE_CHECKING:
    from sqlalchemy import Table, Update

    from server.model import InstanceMigration

_MOVE_INSTANCE = (
    update(process_instance)
    .where(process_instance.c.key == bindparam("moved"))
    .values(process_definition_key=bindparam("definition"), process_id=bindparam("process"), version=bindparam("newer"))
)


def _move(table: Table) -> Update:
    return (
        update(table)
        .where(table.c.key == bindparam("moved"))
        .values(
            element_id=bindparam("element"),
            process_definition_key=bindparam("definition"),
            process_id=bindparam("process"),
        )
    )


_MOVE_USER_TASK = _move(user_task).values(name=bindparam("named"))
_MOVE_JOB = _move(job)
_MOVE_TIMER = _move(timer)
_MOVE_SUBSCRIPTION = _move(message_subscription)
_MOVE_SIGNAL_SUBSCRIPTION = _move(signal_subscription)
_MOVE_INCIDENT = _move(incident)


class InstanceMigrationWrites(Writing):
    """Writes migrations, as part of a step."""

    def _save_migration(self, migration: InstanceMigration) -> None:
        """Let an instance and its open rows belong to the definition it moved to; everything else of them stays."""
        definition = {"definition": migration.process_definition_key, "process": migration.process_id}
        self._write(_MOVE_INSTANCE, {"moved": migration.key, "newer": migration.version, **definition})
        for statement, rows in (
            (_MOVE_USER_TASK, migration.user_tasks),
            (_MOVE_JOB, migration.jobs),
            (_MOVE_TIMER, migration.timers),
            (_MOVE_SUBSCRIPTION, migration.subscriptions),
            (_MOVE_SIGNAL_SUBSCRIPTION, migration.signal_subscriptions),
            (_MOVE_INCIDENT, migration.incidents),
        ):
            moved = [{"moved": one.key, "element": one.element_id, **definition} for one in rows]
            if statement is _MOVE_USER_TASK:
                moved = [{**values, "named": one.name} for values, one in zip(moved, rows, strict=True)]
            self._write_each(statement, moved)
