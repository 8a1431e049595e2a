"""What comes with the product: its processes are deployed when they are new, its example district is seeded once.

What an administrator deployed is never overridden by a restart (architecture.md, "Deployments and versions").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.access import SYSTEM
from server.errors import DefinitionInvalid
from server.service.deployments import Deployment, check_resources, deploy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from server.catalog import Catalog
    from server.service.context import Context
    from server.service.deployments import Resource
    from server.store import Reading

SUFFIXES = frozenset({".bpmn", ".dmn", ".form"})


@dataclass(frozen=True, slots=True)
class Shipment:
    """What became of the shipped files: a deployment, or the definitions that administrators have changed."""

    deployment: Deployment | None
    overridden: tuple[str, ...] = ()


def find_files(*paths: Path) -> list[Path]:
    """Return the diagrams, decisions and forms at or below the paths, in a stable order."""
    found: set[Path] = set()
    for path in paths:
        files = path.rglob("*") if path.is_dir() else [path]
        found.update(file for file in files if file.suffix.lower() in SUFFIXES)
    return sorted(found)


def read_files(files: Sequence[Path]) -> list[Resource]:
    """Read files as resources; their names are those of the files, without folders."""
    return [(file.name, file.read_bytes()) for file in files]


def deploy_shipped(context: Context, resources: Sequence[Resource]) -> Shipment:
    """Deploy shipped files if any of their definitions is new and none was changed by an administrator.

    Raises `DefinitionInvalid` for mistakes.
    """
    with context.store.reading() as reading:
        catalog = check_resources(context, resources, reading)
        if catalog.errors:
            raise DefinitionInvalid(catalog.errors)
        different = list(_differences(reading, catalog))
    overridden = tuple(name for name, actor in different if actor not in (None, SYSTEM.name))
    if overridden or not different:
        return Shipment(None, overridden)
    return Shipment(deploy(context, SYSTEM, resources))


def _differences(reading: Reading, catalog: Catalog) -> Iterator[tuple[str, str | None]]:
    """Yield each definition that differs from the latest deployed one, and who deployed that."""
    latest = {
        "process": reading.latest_process_definition,
        "form": reading.latest_form_definition,
        "decision": reading.latest_decision_definition,
    }
    for (kind, definition_id), content_hash in catalog.hashes().items():
        record = latest[kind](definition_id)
        if record is None:
            yield f"{kind} {definition_id}", None
        elif record.content_hash != content_hash:
            yield f"{kind} {definition_id}", reading.deployment_actor(record.deployment_key)
