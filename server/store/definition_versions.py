"""What process, form and decision definitions have in common: versions of an id, tags, deployments, hashes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sqlalchemy import bindparam, func, select

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Column, ColumnElement, Connection, Row, Select, Table

Record = TypeVar("Record")


@dataclass(frozen=True)
class DefinitionVersions(Generic[Record]):
    """Finds versions of one kind of definition; of several that fit, always the newest.

    What is deleted is found by its key alone.
    """

    table: Table
    id_column: Column[str]
    to_record: Callable[[Row[Any]], Record]

    def with_key(self, connection: Connection, key: int) -> Record | None:
        """Find by key."""
        return self._one(connection, self._with_key, wanted=key)

    def latest(self, connection: Connection, definition_id: str) -> Record | None:
        """Find the newest version."""
        return self._one(connection, self._latest, definition_id=definition_id)

    def latest_key(self, connection: Connection, definition_id: str) -> int | None:
        """Find the key of the newest version: what is asked in every step, without the content."""
        key: int | None = connection.execute(self._latest_key, {"definition_id": definition_id}).scalar()
        return key

    def with_version(self, connection: Connection, definition_id: str, version: int) -> Record | None:
        """Find one version."""
        statement = self._newest(self.table.c.version == bindparam("wanted"))
        return self._one(connection, statement, definition_id=definition_id, wanted=version)

    def with_tag(self, connection: Connection, definition_id: str, version_tag: str) -> Record | None:
        """Find the newest version with this tag."""
        statement = self._newest(self.table.c.version_tag == bindparam("wanted"))
        return self._one(connection, statement, definition_id=definition_id, wanted=version_tag)

    def of_deployment(self, connection: Connection, definition_id: str, deployment_key: int) -> Record | None:
        """Find the version that came with this deployment."""
        statement = self._newest(self.table.c.deployment_key == bindparam("wanted"))
        return self._one(connection, statement, definition_id=definition_id, wanted=deployment_key)

    def with_hash(self, connection: Connection, definition_id: str, content_hash: str) -> Record | None:
        """Find the newest version with this content."""
        statement = self._newest(self.table.c.content_hash == bindparam("wanted"))
        return self._one(connection, statement, definition_id=definition_id, wanted=content_hash)

    def highest(self, connection: Connection, definition_id: str) -> int:
        """Return the highest number of a version, deleted ones included; 0 without any."""
        found = select(func.max(self.table.c.version)).where(self.id_column == definition_id)
        return connection.execute(found).scalar() or 0

    def is_present(self) -> ColumnElement[bool]:
        """Say that a row is not deleted."""
        return self.table.c.deleted_at.is_(None)

    def is_latest(self) -> ColumnElement[bool]:
        """Say that a row is the newest version of its id."""
        other = self.table.alias()
        newest = select(func.max(other.c.version)).where(
            other.c[self.id_column.name] == self.id_column, other.c.deleted_at.is_(None)
        )
        return self.table.c.version == newest.scalar_subquery()

    # Built once: putting a statement together costs more than executing it.

    @cached_property
    def _with_key(self) -> Select[Any]:
        return select(self.table).where(self.table.c.key == bindparam("wanted"))

    @cached_property
    def _latest(self) -> Select[Any]:
        return self._newest()

    @cached_property
    def _latest_key(self) -> Select[Any]:
        return self._newest().with_only_columns(self.table.c.key)

    def _newest(self, *conditions: ColumnElement[bool]) -> Select[Any]:
        named = self.id_column == bindparam("definition_id")
        statement = select(self.table).where(named, self.is_present(), *conditions)
        return statement.order_by(self.table.c.version.desc()).limit(1)

    def _one(self, connection: Connection, statement: Select[Any], **values: object) -> Record | None:
        row = connection.execute(statement, values).first()
        return None if row is None else self.to_record(row)
