"""Many records at once, with a result for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate

from server.api.authentication import current_actor, current_context
from server.api.blueprint import CHANGING, Blueprint
from server.api.fields import Key, Variables, WireSchema
from server.api.hand_offs import NAME, reason_field
from server.api.queries import Choice
from server.api.responses import format_key, render_json
from server.api.user_tasks import find_locale
from server.service import bulk
from server.service.bulk import BulkOperation, BulkRequest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask import Response

    from server.service.bulk import ItemResult

blueprint = Blueprint("bulk", prefix="/api", description="Many records at once.")
NO_CONTENT = 204
_SOME = validate.Length(1, bulk.MOST_ITEMS)


class UserTaskBulkSchema(WireSchema):
    """What to do with which user tasks, each in a transaction of its own."""

    operation = Choice(tuple(BulkOperation), required=True)
    user_task_keys = fields.List(Key(), required=True, validate=_SOME)
    assignee = fields.String(load_default=None, allow_none=True, validate=NAME)
    group = fields.String(load_default=None, allow_none=True, validate=NAME)
    variables = Variables(load_default=dict, metadata={"description": "the same for every task"})
    reason = reason_field(required=False)


class IncidentBulkSchema(WireSchema):
    """Which incidents to resolve, each in a transaction of its own."""

    incident_keys = fields.List(Key(), required=True, validate=_SOME)


class ItemResultSchema(WireSchema):
    """What came of one record: the status, title and detail of the single request."""

    key = Key(required=True)
    status = fields.Integer(required=True, metadata={"description": "204 where it was done"})
    title = fields.String(required=True, allow_none=True)
    detail = fields.String(required=True, allow_none=True)


class ItemResultsSchema(WireSchema):
    """What came of each, in the order of the request; a key that was named twice counts once."""

    items = fields.List(fields.Nested(ItemResultSchema), required=True)


@blueprint.endpoint(
    "POST", "/user-tasks/bulk", body=UserTaskBulkSchema(), answer=ItemResultsSchema(), refusals=CHANGING
)
def change_user_tasks(body: dict[str, Any]) -> Response:
    """Assign, complete, transfer or remind of up to 200 user tasks, with a result for each.

    The rules are those of the single requests; what one refuses does not keep the others from being done.
    """
    request = BulkRequest(
        BulkOperation(body["operation"]),
        body["assignee"],
        body["group"],
        body["variables"],
        body["reason"],
        find_locale(),
    )
    return _render(bulk.change_user_tasks(current_context(), current_actor(), body["user_task_keys"], request))


@blueprint.endpoint(
    "POST", "/incidents/bulk-resolution", body=IncidentBulkSchema(), answer=ItemResultsSchema(), refusals=CHANGING
)
def resolve_incidents(body: dict[str, Any]) -> Response:
    """Resolve up to 200 incidents, with a result for each. For administrators."""
    return _render(bulk.resolve_incidents(current_context(), current_actor(), body["incident_keys"]))


def _render(results: Iterable[ItemResult]) -> Response:
    return render_json(
        {
            "items": [
                {
                    "key": format_key(one.key),
                    "status": NO_CONTENT if one.error is None else one.error.status,
                    "title": None if one.error is None else one.error.title,
                    "detail": None if one.error is None else one.error.message,
                }
                for one in results
            ]
        }
    )
