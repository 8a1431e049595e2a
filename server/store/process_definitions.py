"""Process definitions: every deployed version of every process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from server.model import ProcessDefinition
from server.store.connected import Connected, Writing
from server.store.definition_versions import DefinitionVersions
from server.store.filters import FlagField, key_field, number_field, text_field
from server.store.search import Searchable
from server.store.tables.definitions import process_definition

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement, Row

    from server.model import Page, Query


def _to_record(row: Row[Any]) -> ProcessDefinition:
    return ProcessDefinition(
        key=row.key,
        process_id=row.process_id,
        version=row.version,
        name=row.name,
        version_tag=row.version_tag,
        resource_name=row.resource_name,
        content_hash=row.content_hash,
        deployment_key=row.deployment_key,
        start_form_id=row.start_form_id,
    )


VERSIONS = DefinitionVersions(process_definition, process_definition.c.process_id, _to_record)

_SEARCHABLE = Searchable(
    "process definitions",
    process_definition,
    {
        "key": key_field(process_definition.c.key),
        "process_id": text_field(process_definition.c.process_id),
        "version": number_field(process_definition.c.version),
        "name": text_field(process_definition.c.name),
        "version_tag": text_field(process_definition.c.version_tag),
        "resource_name": text_field(process_definition.c.resource_name),
        "content_hash": text_field(process_definition.c.content_hash),
        "deployment_key": key_field(process_definition.c.deployment_key),
        "start_form_id": text_field(process_definition.c.start_form_id),
        "has_start_form": FlagField(process_definition.c.start_form_id.is_not(None)),
    },
    _to_record,
)


def _restrict(*, latest_only: bool) -> list[ColumnElement[bool]]:
    return [VERSIONS.is_present(), *([VERSIONS.is_latest()] if latest_only else [])]


class ProcessDefinitionReads(Connected):
    """Reads process definitions."""

    def process_definition(self, key: int) -> ProcessDefinition | None:
        """Find by key."""
        return VERSIONS.with_key(self._connection, key)

    def process_definitions(self, keys: Collection[int]) -> tuple[ProcessDefinition, ...]:
        """Find several by key in one statement; keys of nothing are left out."""
        rows = self._rows(select(process_definition).where(process_definition.c.key.in_(keys)))
        return tuple(_to_record(row) for row in rows)

    def latest_process_definition(self, process_id: str) -> ProcessDefinition | None:
        """Find the newest version."""
        return VERSIONS.latest(self._connection, process_id)

    def process_definition_version(self, process_id: str, version: int) -> ProcessDefinition | None:
        """Find one version."""
        return VERSIONS.with_version(self._connection, process_id, version)

    def process_definition_by_tag(self, process_id: str, version_tag: str) -> ProcessDefinition | None:
        """Find the newest version with this tag."""
        return VERSIONS.with_tag(self._connection, process_id, version_tag)

    def process_definition_of_deployment(self, process_id: str, deployment_key: int) -> ProcessDefinition | None:
        """Find the version that came with this deployment."""
        return VERSIONS.of_deployment(self._connection, process_id, deployment_key)

    def search_process_definitions(self, query: Query, *, latest_only: bool = False) -> Page[ProcessDefinition]:
        """Search by any of the record's fields; `latest_only` leaves older versions out."""
        return _SEARCHABLE.search(self._connection, query, _restrict(latest_only=latest_only))


class ProcessDefinitionWrites(Writing):
    """Writes process definitions."""

    def add_process_definition(self, record: ProcessDefinition) -> None:
        """Add a version; raises AlreadyExists when somebody else has just deployed one with this number."""
        self._write(
            insert(process_definition),
            {
                "key": record.key,
                "process_id": record.process_id,
                "version": record.version,
                "name": record.name,
                "version_tag": record.version_tag,
                "resource_name": record.resource_name,
                "content_hash": record.content_hash,
                "deployment_key": record.deployment_key,
                "start_form_id": record.start_form_id,
            },
        )
