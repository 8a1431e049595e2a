"""What clients may do and tokens are limited to, on the wire."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate

from server.access import EVERYTHING, Scopes
from server.api.fields import WireSchema

if TYPE_CHECKING:
    from server import model


MOST_NAMES = 200
LONGEST_NAME = 300


def _names(description: str) -> fields.List[str]:
    checked = fields.String(validate=validate.Length(1, LONGEST_NAME))
    most = validate.Length(max=MOST_NAMES)
    return fields.List(checked, load_default=list, validate=most, metadata={"description": description})


class _CommonScopesSchema(WireSchema):
    start = _names("process ids; `*` is any")
    jobs = _names("job types; `*` is any")
    read = fields.Boolean(load_default=False)
    deploy = fields.Boolean(load_default=False)


class ClientScopesSchema(_CommonScopesSchema):
    """What a client may do; nothing, unless it is said."""

    tasks = _names("process ids whose user tasks it sees, hands out and completes; `*` is any")
    operate = _names("process ids whose instances it sees and mends; `*` is any")


class TokenScopesSchema(_CommonScopesSchema):
    """What a person's token is limited to."""

    tasks = fields.Boolean(load_default=False, metadata={"description": "see, take and complete the person's tasks"})


def read_client_scopes(body: dict[str, Any]) -> Scopes:
    """Return a client's scopes of a loaded body."""
    return replace(_read(body), tasks=frozenset(body["tasks"]), operate=frozenset(body["operate"]))


def read_token_scopes(body: dict[str, Any]) -> Scopes:
    """Return the limits of a token of a loaded body."""
    return replace(_read(body), tasks=frozenset({EVERYTHING}) if body["tasks"] else frozenset())


def render_client_scopes(scopes: model.Scopes) -> dict[str, object]:
    """Return a client's scopes as they travel."""
    return {**_render(scopes), "tasks": list(scopes.tasks), "operate": list(scopes.operate)}


def render_token_scopes(scopes: model.Scopes) -> dict[str, object]:
    """Return the limits of a token as they travel."""
    return {**_render(scopes), "tasks": bool(scopes.tasks)}


def _read(body: dict[str, Any]) -> Scopes:
    return Scopes(frozenset(body["start"]), frozenset(body["jobs"]), read=body["read"], deploy=body["deploy"])


def _render(scopes: model.Scopes) -> dict[str, object]:
    return {"start": list(scopes.start), "jobs": list(scopes.jobs), "read": scopes.read, "deploy": scopes.deploy}
