"""Going back to an earlier user task, and voiding what should not go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate

from server.api.authentication import current_actor, current_context
from server.api.blueprint import CHANGING, READING_ONE, Blueprint
from server.api.fields import Key, WireSchema
from server.api.hand_offs import NAME, reason_field
from server.api.responses import format_key, render_json, render_nothing
from server.api.returns import ReturnTargetsSchema
from server.service import task_returns
from server.service.task_returns import ReturnRequest

if TYPE_CHECKING:
    from flask import Response

blueprint = Blueprint("task-returns", prefix="/api", description="Sending work back, taking it back, voiding it.")
PREVIOUS, STARTER = "previous", "starter"


class UserTaskReturnSchema(WireSchema):
    """Where to, and why: the previous user task, the starter's, or the one with this element id."""

    to = fields.String(load_default=PREVIOUS, validate=validate.OneOf((PREVIOUS, STARTER)))
    element_id = fields.String(load_default=None, allow_none=True, validate=NAME)
    reason = reason_field()


class ReturnedSchema(WireSchema):
    """Where the work went."""

    element_id = fields.String(required=True)


class WithdrawalSchema(WireSchema):
    """Why."""

    reason = reason_field(required=False)


class WithdrawnSchema(WireSchema):
    """The task that opened in the place of the one that was taken back."""

    user_task_key = Key(required=True)


class VoidingSchema(WireSchema):
    """Why."""

    reason = reason_field()


@blueprint.endpoint(
    "GET",
    "/user-tasks/<key:key>/return-targets",
    answer=ReturnTargetsSchema(),
    refusals=(*READING_ONE, 409),
)
def get_user_task_return_targets(key: int) -> Response:
    """List the user tasks to which a task can be returned, the oldest first. For who may return it."""
    found = task_returns.list_return_targets(current_context(), current_actor(), key)
    return render_json(
        {"items": [{"elementId": one.element_id, "elementName": one.name or one.element_id} for one in found]}
    )


@blueprint.endpoint(
    "POST",
    "/user-tasks/<key:key>/return",
    body=UserTaskReturnSchema(),
    answer=ReturnedSchema(),
    refusals=CHANGING,
)
def return_user_task(body: dict[str, Any], key: int) -> Response:
    """Send the work back to an earlier user task (退回), to who completed it last.

    For who holds the task, the lead of its unit and administrators; 409 says why it cannot go back.
    """
    request = ReturnRequest(body["element_id"], body["to"] == STARTER)
    element_id = task_returns.return_user_task(current_context(), current_actor(), key, request, body["reason"])
    return render_json({"elementId": element_id})


@blueprint.endpoint(
    "POST",
    "/user-tasks/<key:key>/withdrawal",
    body=WithdrawalSchema(),
    answer=WithdrawnSchema(),
    refusals=CHANGING,
)
def withdraw_user_task(body: dict[str, Any], key: int) -> Response:
    """Take back a task that you have completed (撤回), while nobody has begun the next one."""
    opened = task_returns.withdraw_user_task(current_context(), current_actor(), key, body["reason"])
    return render_json({"userTaskKey": format_key(opened.key)})


@blueprint.endpoint("POST", "/process-instances/<key:key>/voiding", body=VoidingSchema(), status=204, refusals=CHANGING)
def void_process_instance(body: dict[str, Any], key: int) -> Response:
    """End a process instance for a reason (作废).

    For who started it as long as no user task of it is completed, later the lead of a unit of theirs; administrators.
    """
    task_returns.void_process_instance(current_context(), current_actor(), key, body["reason"])
    return render_nothing()
