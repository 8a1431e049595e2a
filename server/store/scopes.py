"""What clients may do and tokens are limited to, as the JSON of a column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from server.model import Scopes

if TYPE_CHECKING:
    from server.store.connected import Values


def to_scopes(values: dict[str, Any]) -> Scopes:
    """Read the column; a scope that came later is missing in older rows."""
    return Scopes(
        start=tuple(values["start"]),
        jobs=tuple(values["jobs"]),
        read=values["read"],
        deploy=values["deploy"],
        tasks=values.get("tasks", False),
    )


def scope_values(scopes: Scopes) -> Values:
    """Return what the column keeps."""
    return {
        "start": scopes.start,
        "jobs": scopes.jobs,
        "read": scopes.read,
        "deploy": scopes.deploy,
        "tasks": scopes.tasks,
    }
