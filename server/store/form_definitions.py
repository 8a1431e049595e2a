"""Form definitions: every deployed version of every form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert

from server.model import FormDefinition
from server.store.connected import Connected, Writing
from server.store.definition_versions import DefinitionVersions
from server.store.filters import key_field, number_field, text_field
from server.store.search import Searchable
from server.store.tables.definitions import form_definition

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Row

    from server.model import Page, Query


def _to_record(row: Row[Any]) -> FormDefinition:
    return FormDefinition(
        key=row.key,
        form_id=row.form_id,
        version=row.version,
        version_tag=row.version_tag,
        resource_name=row.resource_name,
        content_hash=row.content_hash,
        deployment_key=row.deployment_key,
        schema=row.schema,
    )


VERSIONS = DefinitionVersions(form_definition, form_definition.c.form_id, _to_record)

_SEARCHABLE = Searchable(
    "form definitions",
    form_definition,
    {
        "key": key_field(form_definition.c.key),
        "form_id": text_field(form_definition.c.form_id),
        "version": number_field(form_definition.c.version),
        "version_tag": text_field(form_definition.c.version_tag),
        "resource_name": text_field(form_definition.c.resource_name),
        "content_hash": text_field(form_definition.c.content_hash),
        "deployment_key": key_field(form_definition.c.deployment_key),
    },
    _to_record,
)


def _restrict(*, latest_only: bool) -> list[ColumnElement[bool]]:
    return [VERSIONS.is_present(), *([VERSIONS.is_latest()] if latest_only else [])]


class FormDefinitionReads(Connected):
    """Reads form definitions."""

    def form_definition(self, key: int) -> FormDefinition | None:
        """Find by key."""
        return VERSIONS.with_key(self._connection, key)

    def latest_form_definition(self, form_id: str) -> FormDefinition | None:
        """Find the newest version."""
        return VERSIONS.latest(self._connection, form_id)

    def latest_form_key(self, form_id: str) -> int | None:
        """Find the key of the newest version."""
        return VERSIONS.latest_key(self._connection, form_id)

    def form_definition_version(self, form_id: str, version: int) -> FormDefinition | None:
        """Find one version."""
        return VERSIONS.with_version(self._connection, form_id, version)

    def form_definition_by_tag(self, form_id: str, version_tag: str) -> FormDefinition | None:
        """Find the newest version with this tag."""
        return VERSIONS.with_tag(self._connection, form_id, version_tag)

    def form_definition_of_deployment(self, form_id: str, deployment_key: int) -> FormDefinition | None:
        """Find the version that came with this deployment."""
        return VERSIONS.of_deployment(self._connection, form_id, deployment_key)

    def search_form_definitions(self, query: Query, *, latest_only: bool = False) -> Page[FormDefinition]:
        """Search by any of the record's fields but the schema; `latest_only` leaves older versions out."""
        return _SEARCHABLE.search(self._connection, query, _restrict(latest_only=latest_only))


class FormDefinitionWrites(Writing):
    """Writes form definitions."""

    def add_form_definition(self, record: FormDefinition) -> None:
        """Add a version; raises AlreadyExists when somebody else has just deployed one with this number."""
        self._write(
            insert(form_definition),
            {
                "key": record.key,
                "form_id": record.form_id,
                "version": record.version,
                "version_tag": record.version_tag,
                "resource_name": record.resource_name,
                "content_hash": record.content_hash,
                "deployment_key": record.deployment_key,
                "schema": record.schema,
            },
        )
