"""Scopes as they are kept, and as access is judged by."""

from __future__ import annotations

from server import access, model


def keep_scopes(scopes: access.Scopes) -> model.Scopes:
    """Return scopes as they are kept: names sorted."""
    return model.Scopes(
        start=tuple(sorted(scopes.start)),
        jobs=tuple(sorted(scopes.jobs)),
        read=scopes.read,
        deploy=scopes.deploy,
        tasks=tuple(sorted(scopes.tasks)),
        operate=tuple(sorted(scopes.operate)),
    )


def give_scopes(kept: model.Scopes) -> access.Scopes:
    """Return kept scopes as access is judged by them."""
    return access.Scopes(
        start=frozenset(kept.start),
        jobs=frozenset(kept.jobs),
        read=kept.read,
        deploy=kept.deploy,
        tasks=frozenset(kept.tasks),
        operate=frozenset(kept.operate),
    )
