"""Scopes as they are kept, and as access is judged by."""

from __future__ import annotations

from server import access, model


def keep_scopes(scopes: access.Scopes) -> model.Scopes:
    """Return scopes as they are kept: names sorted."""
    start, jobs = tuple(sorted(scopes.start)), tuple(sorted(scopes.jobs))
    return model.Scopes(start, jobs, read=scopes.read, deploy=scopes.deploy, tasks=scopes.tasks)


def give_scopes(kept: model.Scopes) -> access.Scopes:
    """Return kept scopes as access is judged by them."""
    start, jobs = frozenset(kept.start), frozenset(kept.jobs)
    return access.Scopes(start, jobs, read=kept.read, deploy=kept.deploy, tasks=kept.tasks)
