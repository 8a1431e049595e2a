"""Notifications: what one was told, how people want to be told, what leaves the house, and where to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate

from server.api.authentication import current_actor, current_context
from server.api.blueprint import CHANGING, READING, READING_ONE, Blueprint
from server.api.fields import Key, Moment, WireSchema
from server.api.queries import Choice
from server.api.responses import format_key, format_time, render_json, render_nothing
from server.model import Digest, EventKind, NoticeWay, Preferences
from server.service import notifications
from server.service.notification_texts import LANGUAGES

if TYPE_CHECKING:
    from flask import Response

    from server.model import Notification

blueprint = Blueprint("notifications", prefix="/api", description="What people are told, and how.")
TIME_OF_DAY = r"([01][0-9]|2[0-3]):[0-5][0-9]"
MOST_KEYS = 1000


class ListingSchema(WireSchema):
    """Which notifications are listed."""

    unread = fields.Boolean(load_default=False, metadata={"description": "those that were not read yet only"})
    limit = fields.Integer(load_default=50, validate=validate.Range(1, notifications.MOST_LISTED))
    before = Key(load_default=None, metadata={"description": "the `next` of the page before"})


class NotificationSchema(WireSchema):
    """What one was told."""

    notification_key = Key(required=True)
    type = Choice(tuple(EventKind), required=True)
    creation_date = Moment(required=True)
    read_date = Moment(required=True, allow_none=True)
    process_definition_id = fields.String(required=True)
    process_definition_name = fields.String(required=True, allow_none=True)
    process_instance_key = Key(required=True)
    root_process_instance_key = Key(required=True)
    user_task_key = Key(required=True, allow_none=True)
    user_task_name = fields.String(required=True, allow_none=True)
    case_number = fields.String(required=True, allow_none=True)
    subject = fields.String(required=True, allow_none=True)


class NotificationsSchema(WireSchema):
    """One's notifications, the newest first."""

    items = fields.List(fields.Nested(NotificationSchema), required=True)
    next = Key(required=True, allow_none=True, metadata={"description": "null: there are no older ones"})


class CountsSchema(WireSchema):
    """How many notifications one has."""

    total = fields.Integer(required=True)
    unread = fields.Integer(required=True)


class ReadingSchema(WireSchema):
    """Which notifications were read."""

    keys = fields.List(
        Key(),
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=MOST_KEYS),
        metadata={"description": "null: all"},
    )


class MarkedSchema(WireSchema):
    """How many were not read before."""

    marked = fields.Integer(required=True)


class PreferencesSchema(WireSchema):
    """How a person wants to be told; what is left out is as if nothing had been chosen."""

    email = fields.String(load_default=None, allow_none=True, metadata={"description": "null: no mail"})
    language = fields.String(load_default=LANGUAGES[0], validate=validate.OneOf(LANGUAGES))
    digest = Choice(tuple(Digest), load_default=Digest.IMMEDIATELY.value)
    quiet_from = fields.String(load_default=None, allow_none=True, validate=validate.Regexp(rf"\A{TIME_OF_DAY}\Z"))
    quiet_until = fields.String(load_default=None, allow_none=True, validate=validate.Regexp(rf"\A{TIME_OF_DAY}\Z"))
    ways = fields.Dict(
        keys=fields.String(validate=validate.OneOf(list(EventKind))),
        values=fields.List(fields.String(validate=validate.OneOf(list(NoticeWay)))),
        load_default=dict,
        metadata={"description": "APP, MAIL, both or none for each kind of event; both for what is left out"},
    )


@blueprint.endpoint("GET", "/notifications", query=ListingSchema(), answer=NotificationsSchema(), refusals=READING)
def list_notifications(query: dict[str, Any]) -> Response:
    """List what you were told, the newest first."""
    limit = query["limit"]
    found = notifications.list_notifications(
        current_context(), current_actor(), limit, query["before"], unread=query["unread"]
    )
    following = found[-1].key if len(found) == limit else None
    return render_json({"items": [_render(one) for one in found], "next": format_key(following)})


@blueprint.endpoint("GET", "/notifications/count", answer=CountsSchema(), refusals=READING)
def count_notifications() -> Response:
    """Count your notifications."""
    total, unread = notifications.count_notifications(current_context(), current_actor())
    return render_json({"total": total, "unread": unread})


@blueprint.endpoint("POST", "/notifications/read", body=ReadingSchema(), answer=MarkedSchema(), refusals=CHANGING)
def mark_notifications_read(body: dict[str, Any]) -> Response:
    """Mark notifications of yours as read, or all of them."""
    marked = notifications.mark_read(current_context(), current_actor(), body["keys"])
    return render_json({"marked": marked})


@blueprint.endpoint("GET", "/notification-preferences", answer=PreferencesSchema(), refusals=READING_ONE)
def get_notification_preferences() -> Response:
    """Tell how you are told."""
    return _show_preferences(current_actor().name)


@blueprint.endpoint(
    "PUT", "/notification-preferences", body=PreferencesSchema(), status=204, refusals=CHANGING
)  # fmt: skip
def set_notification_preferences(body: dict[str, Any]) -> Response:
    """Say how you want to be told: address, language, at once or gathered, quiet hours, and which events how."""
    return _set_preferences(body, current_actor().name)


@blueprint.endpoint(
    "GET", "/users/<string:name>/notification-preferences", answer=PreferencesSchema(), refusals=READING_ONE
)
def get_notification_preferences_of_user(name: str) -> Response:
    """Tell how a person is told: oneself, or as an administrator anybody."""
    return _show_preferences(name)


@blueprint.endpoint(
    "PUT", "/users/<string:name>/notification-preferences", body=PreferencesSchema(), status=204, refusals=CHANGING
)
def set_notification_preferences_of_user(body: dict[str, Any], name: str) -> Response:
    """Say how a person is told: oneself, or as an administrator anybody."""
    return _set_preferences(body, name)


def _show_preferences(name: str) -> Response:
    wishes = notifications.get_preferences(current_context(), current_actor(), name)
    return render_json(
        {
            "email": wishes.email,
            "language": wishes.language,
            "digest": wishes.digest.value,
            "quietFrom": _write_time(wishes.quiet_from),
            "quietUntil": _write_time(wishes.quiet_until),
            "ways": {kind: list(ways) for kind, ways in wishes.ways.items()},
        }
    )


def _set_preferences(body: dict[str, Any], name: str) -> Response:
    wishes = Preferences(
        user_name=name,
        email=body["email"],
        language=body["language"],
        digest=Digest(body["digest"]),
        quiet_from=_read_time(body["quiet_from"]),
        quiet_until=_read_time(body["quiet_until"]),
        ways={kind: tuple(dict.fromkeys(ways)) for kind, ways in body["ways"].items()},
    )
    notifications.set_preferences(current_context(), current_actor(), wishes)
    return render_nothing()


def _read_time(text: str | None) -> int | None:
    if text is None:
        return None
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)


def _write_time(minutes: int | None) -> str | None:
    return None if minutes is None else f"{minutes // 60:02d}:{minutes % 60:02d}"


def _render(one: Notification) -> dict[str, object]:
    return {
        "notificationKey": format_key(one.key),
        "type": one.kind.value,
        "creationDate": format_time(one.created_at),
        "readDate": format_time(one.read_at),
        "processDefinitionId": one.process_id,
        "processDefinitionName": one.process_name,
        "processInstanceKey": format_key(one.process_instance_key),
        "rootProcessInstanceKey": format_key(one.root_key),
        "userTaskKey": format_key(one.user_task_key),
        "userTaskName": one.task_name,
        "caseNumber": one.case_no,
        "subject": one.subject,
    }
