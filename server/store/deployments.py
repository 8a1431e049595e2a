"""Deployments: who deployed which files when, and the message start events of the newest versions."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select

from server.errors import InvalidArgument
from server.model import StartSubscription
from server.store.connected import Connected, Writing
from server.store.decision_definitions import VERSIONS as DECISION_VERSIONS
from server.store.form_definitions import VERSIONS as FORM_VERSIONS
from server.store.process_definitions import VERSIONS as PROCESS_VERSIONS
from server.store.tables.definitions import deployment, deployment_definition, resource, start_subscription

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from server.model import DecisionDefinition, FormDefinition, ProcessDefinition
    from server.store.definition_versions import DefinitionVersions

_VERSIONS: dict[str, DefinitionVersions[Any]] = {
    "process": PROCESS_VERSIONS,
    "form": FORM_VERSIONS,
    "decision": DECISION_VERSIONS,
}


_DEFINED = select(deployment_definition.c.definition_key).where(
    deployment_definition.c.deployment_key == bindparam("deployment"),
    deployment_definition.c.kind == bindparam("kind"),
    deployment_definition.c.definition_id == bindparam("id"),
)


class DeploymentReads(Connected):
    """Reads what was deployed."""

    def resource(self, deployment_key: int, resource_name: str) -> bytes | None:
        """Return a deployed file, byte for byte."""
        row = self._row(
            select(resource.c.content).where(
                resource.c.deployment_key == deployment_key, resource.c.resource_name == resource_name
            )
        )
        return None if row is None else bytes(row.content)

    def deployment_actor(self, deployment_key: int) -> str | None:
        """Return who deployed."""
        row = self._row(select(deployment.c.actor).where(deployment.c.key == deployment_key))
        return None if row is None else str(row.actor)

    def resource_names(self, deployment_key: int) -> tuple[str, ...]:
        """Return the names of a deployment's files."""
        statement = select(resource.c.resource_name).where(resource.c.deployment_key == deployment_key)
        return tuple(row.resource_name for row in self._rows(statement.order_by(resource.c.resource_name)))

    def definition_of_deployment(
        self, kind: str, definition_id: str, deployment_key: int
    ) -> ProcessDefinition | FormDefinition | DecisionDefinition | None:
        """Find what an id means in a deployment, also where the file had not changed and kept its older version.

        `kind` is process, form or decision. None, too, for deployments of servers that did not note this down.
        """
        row = self._row(_DEFINED, {"deployment": deployment_key, "kind": kind, "id": definition_id})
        return None if row is None else _VERSIONS[kind].with_key(self._connection, row.definition_key)

    def definition_by_hash(
        self, kind: str, definition_id: str, content_hash: str
    ) -> ProcessDefinition | FormDefinition | DecisionDefinition | None:
        """Find the newest version with this content; `kind` is process, form or decision."""
        versions = _VERSIONS.get(kind)
        if versions is None:
            raise InvalidArgument(f"Expected a kind of definition ({', '.join(_VERSIONS)}), found {kind!r}.")
        found: ProcessDefinition | FormDefinition | DecisionDefinition | None = versions.with_hash(
            self._connection, definition_id, content_hash
        )
        return found

    def highest_version(self, kind: str, definition_id: str) -> int:
        """Return the highest number that a version has had, deleted ones included; `kind` is as above."""
        return _VERSIONS[kind].highest(self._connection, definition_id)

    def start_subscriptions(self, message_name: str) -> tuple[StartSubscription, ...]:
        """Return the message start events that this message starts, in the order of their processes."""
        statement = select(start_subscription).where(start_subscription.c.message_name == message_name)
        rows = self._rows(statement.order_by(start_subscription.c.process_id, start_subscription.c.element_id))
        return tuple(
            StartSubscription(
                process_id=row.process_id,
                definition_key=row.definition_key,
                message_name=row.message_name,
                element_id=row.element_id,
            )
            for row in rows
        )


class DeploymentWrites(Writing):
    """Writes what was deployed."""

    def add_deployment(
        self,
        key: int,
        created_at: datetime,
        actor: str,
        resources: Iterable[tuple[str, bytes]],
        definitions: Mapping[tuple[str, str], int] = MappingProxyType({}),
    ) -> None:
        """Add a deployment with its files, as (name, content), and the keys of what it defines, by kind and id."""
        self._write(insert(deployment), {"key": key, "created_at": created_at, "actor": actor})
        self._write_each(
            insert(resource),
            [{"deployment_key": key, "resource_name": name, "content": content} for name, content in resources],
        )
        self._write_each(
            insert(deployment_definition),
            [
                {"deployment_key": key, "kind": kind, "definition_id": id_, "definition_key": definition_key}
                for (kind, id_), definition_key in definitions.items()
            ],
        )

    def replace_start_subscriptions(self, process_id: str, subscriptions: Iterable[StartSubscription]) -> None:
        """Let these message start events, those of the newest version, take the place of the older version's."""
        self._write(delete(start_subscription).where(start_subscription.c.process_id == process_id))
        self._write_each(
            insert(start_subscription),
            [
                {
                    "process_id": process_id,
                    "element_id": one.element_id,
                    "definition_key": one.definition_key,
                    "message_name": one.message_name,
                }
                for one in subscriptions
            ],
        )
