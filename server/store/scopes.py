"""What clients may do and tokens are limited to, as the JSON of a column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from server.model import Scopes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server.store.connected import Values


def to_scopes(values: dict[str, Any]) -> Scopes:
    """Read the column; a scope that came later is missing in older rows."""
    return Scopes(
        start=tuple(values["start"]),
        jobs=tuple(values["jobs"]),
        read=values["read"],
        deploy=values["deploy"],
        tasks=_read_tasks(values.get("tasks") or ()),
        operate=tuple(values.get("operate", ())),
    )


def _read_tasks(kept: Sequence[str] | Literal[True]) -> tuple[str, ...]:
    """Read the scope of tasks; older rows say only that a token has it."""
    return ("*",) if kept is True else tuple(kept)


def scope_values(scopes: Scopes) -> Values:
    """Return what the column keeps."""
    return {
        "start": scopes.start,
        "jobs": scopes.jobs,
        "read": scopes.read,
        "deploy": scopes.deploy,
        "tasks": scopes.tasks,
        "operate": scopes.operate,
    }
