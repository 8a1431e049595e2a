"""What residents may do with their own data: take it out, correct it, have it erased."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import request
from marshmallow import fields, validate

from server.api.authentication import current_context
from server.api.blueprint import Blueprint
from server.api.fields import Key, Moment, WireSchema
from server.api.public_reports import SECRET, find_tracked
from server.api.responses import format_key, format_time, render_json, render_nothing
from server.api.user_tasks import find_locale
from server.service import resident_data

if TYPE_CHECKING:
    from flask import Response

blueprint = Blueprint(
    "resident_data", prefix="/api/public", description="Residents and their own data in a report.", public=True
)
_READING = (400, 404, 429, 500, 503)
_CHANGING = (400, 404, 409, 413, 415, 422, 429, 500, 503)


class PrivateValueSchema(WireSchema):
    """A private value that you sent; `field` is where it stood, as a JSON pointer."""

    field = fields.String(required=True)
    kind = fields.String(required=True, metadata={"description": "identity, contact, or original: a text before masks"})
    value = fields.Raw(required=True, allow_none=True)


class OwnAttachmentSchema(WireSchema):
    """A file that you sent."""

    attachment_key = Key(required=True)
    name = fields.String(required=True)
    media_type = fields.String(required=True)
    size = fields.Integer(required=True)
    uploaded_at = Moment(required=True)


class ReportDataSchema(WireSchema):
    """Everything that a report holds: the record, and what is kept of who sent it."""

    case_no = fields.String(required=True)
    received_at = Moment(required=True)
    closed_at = Moment(required=True, allow_none=True)
    state = fields.String(required=True)
    channel = fields.String(required=True, allow_none=True)
    category = fields.String(required=True, allow_none=True)
    title = fields.String(required=True)
    text = fields.String(required=True)
    place = fields.String(required=True, allow_none=True)
    reply = fields.String(required=True, allow_none=True)
    outcome = fields.String(required=True, allow_none=True)
    private = fields.List(fields.Nested(PrivateValueSchema), required=True)
    attachments = fields.List(fields.Nested(OwnAttachmentSchema), required=True)


class CorrectionSchema(WireSchema):
    """Which private value, by its field in the export, and what it is instead."""

    field = fields.String(required=True, validate=validate.Length(1, 200))
    value = fields.Raw(required=True, allow_none=True)


class ErasureSchema(WireSchema):
    """Whether it is done: `ERASED`, or `WAITS` until the matter is closed."""

    state = fields.String(required=True, validate=validate.OneOf(("ERASED", "WAITS")))


@blueprint.endpoint(
    "GET", "/reports/<string:case_no>/data", answer=ReportDataSchema(), refusals=_READING, documentation=SECRET
)
def export_report_data(case_no: str) -> Response:
    """Take out everything that your report holds, what is sealed of it too; it is noted that you did."""
    found = resident_data.export_data(current_context(), find_tracked(case_no), request.remote_addr or "")
    own = found.tracked.own
    told = {
        "caseNo": own.case_no,
        "receivedAt": format_time(own.received_at),
        "closedAt": format_time(own.closed_at),
        "state": own.state.value,
        "channel": own.channel,
        "category": own.category,
        "title": own.title,
        "text": own.text,
        "place": own.place.text,
        "reply": own.reply,
        "outcome": own.outcome,
        "private": [{"field": one.field, "kind": one.kind, "value": one.value} for one in found.private],
        "attachments": [
            {
                "attachmentKey": format_key(one.key),
                "name": one.name,
                "mediaType": one.media_type,
                "size": one.size,
                "uploadedAt": format_time(one.uploaded_at),
            }
            for one in found.attachments
        ],
    }
    return render_json(told)


@blueprint.endpoint(
    "PATCH",
    "/reports/<string:case_no>/data",
    body=CorrectionSchema(),
    status=204,
    refusals=_CHANGING,
    documentation=SECRET,
)
def correct_report_data(body: dict[str, Any], case_no: str) -> Response:
    """Correct a private value that you sent, such as your telephone number; the form of the report judges it."""
    resident_data.correct_field(
        current_context(),
        find_tracked(case_no),
        body["field"],
        body["value"],
        address=request.remote_addr or "",
        locale=find_locale(),
    )
    return render_nothing()


@blueprint.endpoint(
    "POST", "/reports/<string:case_no>/erasure", answer=ErasureSchema(), refusals=_READING, documentation=SECRET
)
def erase_report_data(case_no: str) -> Response:
    """Have who you are erased: at once when the matter is closed, else when it is. The record stays without you."""
    done = resident_data.ask_erasure(current_context(), find_tracked(case_no), request.remote_addr or "")
    return render_json({"state": "ERASED" if done else "WAITS"})
