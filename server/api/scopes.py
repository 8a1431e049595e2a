"""What clients may do and tokens are limited to, on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate

from server.access import Scopes
from server.api.fields import WireSchema

if TYPE_CHECKING:
    from server import model


MOST_NAMES = 200
LONGEST_NAME = 300


def _names(description: str) -> fields.List[str]:
    checked = fields.String(validate=validate.Length(1, LONGEST_NAME))
    most = validate.Length(max=MOST_NAMES)
    return fields.List(checked, load_default=list, validate=most, metadata={"description": description})


class ClientScopesSchema(WireSchema):
    """What a client may do; nothing, unless it is said."""

    start = _names("process ids; `*` is any")
    jobs = _names("job types; `*` is any")
    read = fields.Boolean(load_default=False)
    deploy = fields.Boolean(load_default=False)


class TokenScopesSchema(ClientScopesSchema):
    """What a person's token is limited to."""

    tasks = fields.Boolean(load_default=False, metadata={"description": "see, take and complete the person's tasks"})


def read_scopes(body: dict[str, Any]) -> Scopes:
    """Return the scopes of a loaded body."""
    start, jobs = frozenset(body["start"]), frozenset(body["jobs"])
    return Scopes(start, jobs, read=body["read"], deploy=body["deploy"], tasks=body.get("tasks", False))


def render_scopes(scopes: model.Scopes) -> dict[str, object]:
    """Return a client's scopes as they travel."""
    return {"start": list(scopes.start), "jobs": list(scopes.jobs), "read": scopes.read, "deploy": scopes.deploy}
