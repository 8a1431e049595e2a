"""Decision definitions: every deployed version of every decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from server.model import DecisionDefinition, Requirements
from server.store.connected import Connected, Writing
from server.store.definition_versions import DefinitionVersions
from server.store.filters import key_field, number_field, text_field
from server.store.search import Searchable
from server.store.tables.definitions import decision_definition

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Row

    from server.model import Page, Query


def _to_record(row: Row[Any]) -> DecisionDefinition:
    return DecisionDefinition(
        key=row.key,
        decision_id=row.decision_id,
        version=row.version,
        name=row.name,
        version_tag=row.version_tag,
        resource_name=row.resource_name,
        content_hash=row.content_hash,
        deployment_key=row.deployment_key,
        requirements=Requirements(
            row.requirements_key, row.requirements_id, row.requirements_name, row.requirements_version
        ),
    )


VERSIONS = DefinitionVersions(decision_definition, decision_definition.c.decision_id, _to_record)

_SEARCHABLE = Searchable(
    "decision definitions",
    decision_definition,
    {
        "key": key_field(decision_definition.c.key),
        "decision_id": text_field(decision_definition.c.decision_id),
        "version": number_field(decision_definition.c.version),
        "name": text_field(decision_definition.c.name),
        "version_tag": text_field(decision_definition.c.version_tag),
        "resource_name": text_field(decision_definition.c.resource_name),
        "content_hash": text_field(decision_definition.c.content_hash),
        "deployment_key": key_field(decision_definition.c.deployment_key),
        "requirements_key": key_field(decision_definition.c.requirements_key),
        "requirements_id": text_field(decision_definition.c.requirements_id),
        "requirements_name": text_field(decision_definition.c.requirements_name),
        "requirements_version": number_field(decision_definition.c.requirements_version),
    },
    _to_record,
)


def _restrict(*, latest_only: bool) -> list[ColumnElement[bool]]:
    return [VERSIONS.is_present(), *([VERSIONS.is_latest()] if latest_only else [])]


class DecisionDefinitionReads(Connected):
    """Reads decision definitions."""

    def decision_definition(self, key: int) -> DecisionDefinition | None:
        """Find by key."""
        return VERSIONS.with_key(self._connection, key)

    def latest_decision_definition(self, decision_id: str) -> DecisionDefinition | None:
        """Find the newest version."""
        return VERSIONS.latest(self._connection, decision_id)

    def decision_definition_version(self, decision_id: str, version: int) -> DecisionDefinition | None:
        """Find one version."""
        return VERSIONS.with_version(self._connection, decision_id, version)

    def decision_definition_by_tag(self, decision_id: str, version_tag: str) -> DecisionDefinition | None:
        """Find the newest version with this tag."""
        return VERSIONS.with_tag(self._connection, decision_id, version_tag)

    def decision_definition_of_deployment(self, decision_id: str, deployment_key: int) -> DecisionDefinition | None:
        """Find the version that came with this deployment."""
        return VERSIONS.of_deployment(self._connection, decision_id, deployment_key)

    def decisions_of_requirements(self, requirements_key: int) -> tuple[DecisionDefinition, ...]:
        """Return the decisions of one version of a DMN file, deleted ones included."""
        columns = decision_definition.c
        rows = self._rows(select(decision_definition).where(columns.requirements_key == requirements_key))
        return tuple(_to_record(row) for row in rows)

    def latest_requirements(self, requirements_id: str) -> Requirements | None:
        """Find the newest version of a DMN file by its id."""
        columns = decision_definition.c
        newest = select(decision_definition).where(columns.requirements_id == requirements_id)
        row = self._row(newest.order_by(columns.requirements_version.desc()).limit(1))
        return None if row is None else _to_record(row).requirements

    def search_decision_definitions(self, query: Query, *, latest_only: bool = False) -> Page[DecisionDefinition]:
        """Search by any of the record's fields; `latest_only` leaves older versions out."""
        return _SEARCHABLE.search(self._connection, query, _restrict(latest_only=latest_only))


class DecisionDefinitionWrites(Writing):
    """Writes decision definitions."""

    def add_decision_definition(self, record: DecisionDefinition) -> None:
        """Add a version; raises AlreadyExists when somebody else has just deployed one with this number."""
        self._write(
            insert(decision_definition),
            {
                "key": record.key,
                "decision_id": record.decision_id,
                "version": record.version,
                "name": record.name,
                "version_tag": record.version_tag,
                "resource_name": record.resource_name,
                "content_hash": record.content_hash,
                "deployment_key": record.deployment_key,
                "requirements_key": record.requirements.key,
                "requirements_id": record.requirements.requirements_id,
                "requirements_name": record.requirements.name,
                "requirements_version": record.requirements.version,
            },
        )
