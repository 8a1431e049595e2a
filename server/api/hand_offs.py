"""Hand-offs: a task goes to others and comes back, and everybody can read how."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate

from server.api.authentication import current_actor, current_context
from server.api.blueprint import CHANGING, READING_ONE, Blueprint
from server.api.fields import Key, Moment, Variables, WireSchema
from server.api.responses import format_key, format_time, render_json, render_nothing
from server.model import HandOffKind, SigningRule, Stage
from server.service import hand_offs, permitted_actions
from server.service.hand_offs import Recipient

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask import Response

    from server.model import CoSigner, HandOff

blueprint = Blueprint("hand-offs", prefix="/api", description="How work goes from hand to hand.")
NAME = validate.Length(1, 256)
LONGEST_REASON = 1000


def reason_field(*, required: bool = True) -> fields.String:
    """Return the field of a reason: free text that everybody reads who sees the task."""
    if required:
        return fields.String(required=True, validate=[validate.Length(max=LONGEST_REASON), validate.Regexp(r"\s*\S")])
    return fields.String(load_default="", validate=validate.Length(max=LONGEST_REASON))


class HandOffSchema(WireSchema):
    """One hand-off; `userTaskKey` is null where it is about the whole process instance."""

    hand_off_key = Key(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(tuple(HandOffKind)))
    process_instance_key = Key(required=True)
    user_task_key = Key(required=True, allow_none=True)
    actor = fields.String(required=True)
    acting_for = fields.String(required=True, allow_none=True)
    at = Moment(required=True)
    reason = fields.String(required=True)
    recipients = fields.List(fields.String(), required=True, metadata={"description": "people or groups"})
    element_id = fields.String(required=True, allow_none=True, metadata={"description": "where a return went to"})


class CoSignerSchema(WireSchema):
    """Whose agreement a task waits for; `agrees` is null as long as they have not signed."""

    name = fields.String(required=True)
    stage = fields.String(required=True, validate=validate.OneOf(tuple(Stage)))
    rule = fields.String(required=True, validate=validate.OneOf(tuple(SigningRule)))
    agrees = fields.Boolean(required=True, allow_none=True)
    opinion = fields.String(required=True, allow_none=True)
    signed_at = Moment(required=True, allow_none=True)
    signed_by = fields.String(required=True, allow_none=True, metadata={"description": "the substitute who signed"})


class HandOffsSchema(WireSchema):
    """A task as it stands, and what was done with it."""

    assignee = fields.String(required=True, allow_none=True)
    owner = fields.String(required=True, allow_none=True, metadata={"description": "who has delegated it"})
    co_signers = fields.List(fields.Nested(CoSignerSchema), required=True)
    copied_to = fields.List(fields.String(), required=True)
    items = fields.List(fields.Nested(HandOffSchema), required=True)


class InstanceHandOffsSchema(WireSchema):
    """What was done in a process instance."""

    items = fields.List(fields.Nested(HandOffSchema), required=True)


class PermittedActionsSchema(WireSchema):
    """What you may do now, in the last words of the paths; `unassignment` is `DELETE …/assignee`."""

    items = fields.List(fields.String(), required=True)


class TransferSchema(WireSchema):
    """To whom the task is given: a person or a group, and why."""

    assignee = fields.String(load_default=None, allow_none=True, validate=NAME)
    group = fields.String(load_default=None, allow_none=True, validate=NAME)
    reason = reason_field()


class DelegationSchema(WireSchema):
    """Who shall do the task, and why."""

    assignee = fields.String(required=True, validate=NAME)
    reason = reason_field()


class HandBackSchema(WireSchema):
    """What was filled in, for who gets the task back, and a word about it."""

    variables = Variables(load_default=None, allow_none=True)
    reason = reason_field(required=False)


class ReminderSchema(WireSchema):
    """A word about it."""

    reason = reason_field(required=False)


class RemindedSchema(WireSchema):
    """Of how much was reminded."""

    user_tasks = fields.Integer(
        required=True, metadata={"description": "tasks whose holder or candidates are reminded"}
    )


@blueprint.endpoint("GET", "/user-tasks/<key:key>/hand-offs", answer=HandOffsSchema(), refusals=READING_ONE)
def list_hand_offs(key: int) -> Response:
    """List what was done with a task: who gave it to whom and why, who signed, who was reminded."""
    found = hand_offs.list_hand_offs(current_context(), current_actor(), key)
    task = found.task
    return render_json(
        {
            "assignee": task.assignee,
            "owner": task.owner,
            "coSigners": [_render_co_signer(one) for one in task.co_signers],
            "copiedTo": list(task.copied_to),
            "items": _render(found.items),
        }
    )


@blueprint.endpoint(
    "GET", "/process-instances/<key:key>/hand-offs", answer=InstanceHandOffsSchema(), refusals=READING_ONE
)
def list_process_instance_hand_offs(key: int) -> Response:
    """List what was done with a process instance and with those of its tasks that you may see."""
    return render_json(
        {"items": _render(hand_offs.list_hand_offs_of_instance(current_context(), current_actor(), key))}
    )


@blueprint.endpoint("GET", "/user-tasks/<key:key>/actions", answer=PermittedActionsSchema(), refusals=READING_ONE)
def list_user_task_actions(key: int) -> Response:
    """List what you may do with a task as it is now, for the buttons of a page."""
    return render_json({"items": list(permitted_actions.list_task_actions(current_context(), current_actor(), key))})


@blueprint.endpoint(
    "GET", "/process-instances/<key:key>/actions", answer=PermittedActionsSchema(), refusals=READING_ONE
)
def list_process_instance_actions(key: int) -> Response:
    """List what you may do with a process instance as it is now, for the buttons of a page."""
    found = permitted_actions.list_instance_actions(current_context(), current_actor(), key)
    return render_json({"items": list(found)})


@blueprint.endpoint("POST", "/user-tasks/<key:key>/transfer", body=TransferSchema(), status=204, refusals=CHANGING)
def transfer_user_task(body: dict[str, Any], key: int) -> Response:
    """Give a task to another person or group for good (转办).

    For who holds it, the lead of its unit and administrators. A group takes the place of all candidates.
    """
    recipient = Recipient(body["assignee"], body["group"])
    hand_offs.transfer_user_task(current_context(), current_actor(), key, recipient, body["reason"])
    return render_nothing()


@blueprint.endpoint("POST", "/user-tasks/<key:key>/delegation", body=DelegationSchema(), status=204, refusals=CHANGING)
def delegate_user_task(body: dict[str, Any], key: int) -> Response:
    """Have another person do a task and hand it back (委派).

    For who holds it, the lead of its unit and administrators. Until it is handed back nobody completes it.
    """
    hand_offs.delegate_user_task(current_context(), current_actor(), key, body["assignee"], body["reason"])
    return render_nothing()


@blueprint.endpoint("POST", "/user-tasks/<key:key>/hand-back", body=HandBackSchema(), status=204, refusals=CHANGING)
def hand_back_user_task(body: dict[str, Any], key: int) -> Response:
    """Give a delegated task back to who delegated it; the variables become their draft.

    For who does it, who delegated it, the lead of its unit and administrators.
    """
    hand_offs.hand_back_user_task(current_context(), current_actor(), key, body["variables"], body["reason"])
    return render_nothing()


@blueprint.endpoint("POST", "/user-tasks/<key:key>/reminder", body=ReminderSchema(), status=204, refusals=CHANGING)
def remind_user_task(body: dict[str, Any], key: int) -> Response:
    """Remind who has a task to do (催办), at most once an hour.

    For who started the instance, delegated the task or got a copy of it, the lead of its unit and administrators.
    """
    hand_offs.remind_user_task(current_context(), current_actor(), key, body["reason"])
    return render_nothing()


@blueprint.endpoint(
    "POST",
    "/process-instances/<key:key>/reminder",
    body=ReminderSchema(),
    answer=RemindedSchema(),
    refusals=CHANGING,
)
def remind_process_instance(body: dict[str, Any], key: int) -> Response:
    """Remind everybody who has to do something in a process instance (催办), at most once an hour.

    For who started it or got a copy of it, the lead of a unit of who started it, and administrators.
    """
    count = hand_offs.remind_process_instance(current_context(), current_actor(), key, body["reason"])
    return render_json({"userTasks": count})


def _render(items: Iterable[HandOff]) -> list[dict[str, object]]:
    return [
        {
            "handOffKey": format_key(one.key),
            "kind": str(one.kind),
            "processInstanceKey": format_key(one.process_instance_key),
            "userTaskKey": format_key(one.user_task_key),
            "actor": one.actor,
            "actingFor": one.acting_for,
            "at": format_time(one.at),
            "reason": one.reason,
            "recipients": list(one.recipients),
            "elementId": one.element_id,
        }
        for one in items
    ]


def _render_co_signer(one: CoSigner) -> dict[str, object]:
    return {
        "name": one.name,
        "stage": str(one.stage),
        "rule": str(one.rule),
        "agrees": one.agrees,
        "opinion": one.opinion,
        "signedAt": format_time(one.signed_at),
        "signedBy": one.signed_by,
    }
