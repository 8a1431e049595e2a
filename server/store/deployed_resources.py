"""Resources by key: versions of processes, of forms, and of DMN files with all their decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import literal, null, select, update

from server.model import DeployedResource, ResourceKind
from server.store.connected import Connected, Writing
from server.store.tables.definitions import decision_definition, form_definition, process_definition

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Column, Table

_KEYS: dict[ResourceKind, tuple[Table, Column[int]]] = {
    ResourceKind.PROCESS: (process_definition, process_definition.c.key),
    ResourceKind.FORM: (form_definition, form_definition.c.key),
    ResourceKind.DECISIONS: (decision_definition, decision_definition.c.requirements_key),
}
_COLUMNS: dict[ResourceKind, tuple[Any, Any, Any]] = {
    ResourceKind.PROCESS: (
        process_definition.c.process_id,
        process_definition.c.version,
        process_definition.c.version_tag,
    ),
    ResourceKind.FORM: (form_definition.c.form_id, form_definition.c.version, form_definition.c.version_tag),
    ResourceKind.DECISIONS: (
        decision_definition.c.requirements_id,
        decision_definition.c.requirements_version,
        null(),
    ),
}


class DeployedResourceReads(Connected):
    """Reads resources."""

    def deployed_resource(self, key: int) -> DeployedResource | None:
        """Find by the key of a process definition, a form, or a DMN file."""
        found = (self._find(kind, key) for kind in ResourceKind)
        return next((one for one in found if one is not None), None)

    def _find(self, kind: ResourceKind, key: int) -> DeployedResource | None:
        table, column = _KEYS[kind]
        identity, version, tag = _COLUMNS[kind]
        row = self._row(
            select(
                identity.label("id"),
                version.label("version"),
                tag.label("tag"),
                table.c.resource_name,
                table.c.deployment_key,
                table.c.deleted_at,
                literal(kind.value).label("kind"),
            )
            .where(column == key)
            .limit(1)
        )
        if row is None:
            return None
        return DeployedResource(
            key=key,
            kind=ResourceKind(row.kind),
            resource_id=row.id,
            resource_name=row.resource_name,
            version=row.version,
            version_tag=row.tag,
            deployment_key=row.deployment_key,
            deleted=row.deleted_at is not None,
        )


class DeployedResourceWrites(Writing):
    """Deletes resources."""

    def delete_resource(self, kind: ResourceKind, key: int, at: datetime) -> None:
        """Let nothing begin with a resource any more; what runs, and the history, still finds it by its key."""
        table, column = _KEYS[kind]
        self._write(update(table).where(column == key, table.c.deleted_at.is_(None)).values(deleted_at=at))
