"""Drafts: what a person has typed into an open task and not yet sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from server.model import Draft, UserTaskState
from server.store.columns import literally
from server.store.connected import Connected, Writing
from server.store.tables.drafts import draft
from server.store.tables.work import user_task

if TYPE_CHECKING:
    from server.model import Draft as DraftRecord

_c = draft.c


class DraftReads(Connected):
    """Reads drafts."""

    def draft(self, user_task_key: int, user_name: str) -> DraftRecord | None:
        """Find a person's draft of a task."""
        row = self._row(select(draft).where(_c.user_task_key == user_task_key, _c.user_name == user_name))
        return None if row is None else Draft(row.user_task_key, row.user_name, row.data, row.updated_at)

    def has_draft(self, user_task_key: int) -> bool:
        """Tell whether anybody has typed something into a task."""
        return self._row(select(_c.user_task_key).where(_c.user_task_key == user_task_key).limit(1)) is not None


class DraftWrites(Writing):
    """Writes drafts."""

    def put_draft(self, record: DraftRecord) -> None:
        """Keep a draft; it takes the place of the person's earlier one."""
        insert = sqlite_insert if self.dialect == "sqlite" else postgresql_insert
        typed = {"data": record.data, "updated_at": record.updated_at}
        statement = insert(draft).values(user_task_key=record.user_task_key, user_name=record.user_name, **typed)
        self._write(statement.on_conflict_do_update(index_elements=[_c.user_task_key, _c.user_name], set_=typed))

    def remove_draft(self, user_task_key: int, user_name: str) -> None:
        """Throw a draft away, if there is one."""
        self._write(delete(draft).where(_c.user_task_key == user_task_key, _c.user_name == user_name))

    def remove_drafts_of_ended_tasks(self) -> int:
        """Throw away the drafts of tasks that are no longer open, and return how many these were."""
        still_open = select(user_task.c.key).where(user_task.c.state == literally(UserTaskState.CREATED))
        return self._write(delete(draft).where(_c.user_task_key.not_in(still_open)))
