"""Copies: what others were shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate

from server.api import queries
from server.api.authentication import current_actor, current_context
from server.api.blueprint import CHANGING, SEARCHING, Blueprint
from server.api.fields import Key, Moment, WireSchema, list_schema
from server.api.hand_offs import NAME, reason_field
from server.api.responses import format_key, format_time, render_json, render_nothing, render_page
from server.service import copies

if TYPE_CHECKING:
    from flask import Response

    from server.model import Query

blueprint = Blueprint("copies", prefix="/api", description="Who may look at what without having to do with it.")


class NewCopiesSchema(WireSchema):
    """Who gets a copy: people, and groups for their present members."""

    recipients = fields.List(fields.String(validate=NAME), required=True, validate=validate.Length(1, 50))
    reason = reason_field(required=False)


class CopiedSchema(WireSchema):
    """How many people got one."""

    people = fields.Integer(required=True)


class CopySchema(WireSchema):
    """A copy; `userTaskKey` is null where it is of the whole process instance, `readAt` until it was read."""

    copy_key = Key(required=True)
    process_instance_key = Key(required=True)
    user_task_key = Key(required=True, allow_none=True)
    recipient = fields.String(required=True)
    sender = fields.String(required=True)
    reason = fields.String(required=True)
    at = Moment(required=True)
    read_at = Moment(required=True, allow_none=True)


@blueprint.endpoint(
    "POST", "/user-tasks/<key:key>/copies", body=NewCopiesSchema(), answer=CopiedSchema(), refusals=CHANGING
)
def copy_user_task(body: dict[str, Any], key: int) -> Response:
    """Let people look at a task and its instance (抄送).

    For who has to do with the task, the lead of its unit and administrators; not for who got a copy.
    """
    recipients = tuple(body["recipients"])
    count = copies.copy_user_task(current_context(), current_actor(), key, recipients, body["reason"])
    return render_json({"people": count})


@blueprint.endpoint(
    "POST", "/process-instances/<key:key>/copies", body=NewCopiesSchema(), answer=CopiedSchema(), refusals=CHANGING
)
def copy_process_instance(body: dict[str, Any], key: int) -> Response:
    """Let people look at a process instance (抄送).

    For who started it, the lead of a unit of who started it, and administrators.
    """
    recipients = tuple(body["recipients"])
    count = copies.copy_process_instance(current_context(), current_actor(), key, recipients, body["reason"])
    return render_json({"people": count})


@blueprint.endpoint(
    "POST",
    "/copies/search",
    body=queries.search_schema(
        "Copy",
        {
            "copyKey": queries.key("key"),
            "processInstanceKey": queries.key(),
            "userTaskKey": queries.key(),
            "recipient": queries.text(),
            "sender": queries.text(),
            "at": queries.moment(),
            "readAt": queries.moment(),
        },
        {"copyKey": "key", "at": "at", "readAt": "read_at", "sender": "sender"},
    ),
    answer=list_schema("CopyPage", CopySchema),
    refusals=SEARCHING,
)
def search_copies(query: Query) -> Response:
    """Search the copies that you got or sent; unread ones have `readAt: {"$exists": false}`."""
    page = copies.search_copies(current_context(), current_actor(), query)
    items: list[dict[str, object]] = [
        {
            "copyKey": format_key(one.key),
            "processInstanceKey": format_key(one.process_instance_key),
            "userTaskKey": format_key(one.user_task_key),
            "recipient": one.recipient,
            "sender": one.sender,
            "reason": one.reason,
            "at": format_time(one.at),
            "readAt": format_time(one.read_at),
        }
        for one in page.items
    ]
    return render_page(page, items)


@blueprint.endpoint("POST", "/copies/<key:key>/reading", status=204, refusals=CHANGING)
def mark_copy_read(key: int) -> Response:
    """Say that you have looked at what a copy shows."""
    copies.mark_read(current_context(), current_actor(), key)
    return render_nothing()
