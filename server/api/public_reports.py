"""The public door: residents report and follow what they reported, without an account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import request
from marshmallow import fields, validate

from server.api import queries
from server.api.attachments import UPLOAD, read_upload
from server.api.authentication import current_context
from server.api.blueprint import Blueprint
from server.api.fields import Key, Moment, Variables, WireSchema
from server.api.idempotency import PARAMETER, read_once
from server.api.responses import format_key, format_time, render_json, render_nothing
from server.api.stages import tell_asker, tell_pause, tell_purpose, tell_stage, tell_unit_kind
from server.api.user_tasks import find_locale
from server.service import attachments, public_reports
from server.service.file_references import sender_of
from server.service.public_reports import Report

if TYPE_CHECKING:
    from flask import Response

    from server.service.public_reports import Tracked

blueprint = Blueprint(
    "public_reports", prefix="/api/public", description="Residents report, and follow what they reported.", public=True
)
SECRET_HEADER = "X-Tracking-Secret"  # noqa: S105 - the name of a header
SECRET: dict[str, Any] = {
    "parameters": [
        {
            "in": "header",
            "name": SECRET_HEADER,
            "required": True,
            "schema": {"type": "string"},
            "description": "the secret that came with the number",
        }
    ]
}
_REPORTING = (400, 409, 413, 415, 422, 429, 500, 503)
_TRACKING = (400, 404, 429, 500, 503)
_TELLING = (400, 404, 409, 413, 415, 429, 500, 503)
_LONGEST = 2000


class ReportSchema(WireSchema):
    """A report: the fields of the form `issue_report`, but for the channel, which is `web`."""

    variables = Variables(required=True)


class ReceiptSchema(WireSchema):
    """The number of the case, and the secret to follow it, told once."""

    case_no = fields.String(required=True)
    secret = fields.String(required=True)


class PublicPauseSchema(WireSchema):
    """Why the time stands still, and until when at most."""

    reason = fields.String(required=True)
    since = Moment(required=True)
    until = Moment(required=True)


class IdentityRevealSchema(WireSchema):
    """That somebody looked at who reported: when, by what kind of unit, and what for."""

    at = Moment(required=True)
    unit_kind = fields.String(required=True)
    purpose = fields.String(required=True)


class TrackedSchema(WireSchema):
    """Where a report stands, in plain words."""

    case_no = fields.String(required=True)
    state = fields.String(required=True)
    stage = fields.String(required=True)
    unit_kind = fields.String(required=True, allow_none=True)
    area = fields.String(required=True, allow_none=True, metadata={"description": "the community or street"})
    reporters = fields.Integer(required=True)
    received_at = Moment(required=True)
    due_at = Moment(required=True, allow_none=True)
    provisional = fields.Boolean(required=True, metadata={"description": "the date is an estimate (预计)"})
    pauses = fields.List(fields.Nested(PublicPauseSchema), required=True)
    review_at = Moment(required=True, allow_none=True)
    reply = fields.String(required=True, allow_none=True)
    closed_at = Moment(required=True, allow_none=True)
    joined_to = fields.String(required=True, allow_none=True)
    identity_reveals = fields.List(fields.Nested(IdentityRevealSchema), required=True)
    erasure_asked_at = Moment(
        required=True, allow_none=True, metadata={"description": "since when you want your data erased"}
    )


class ReportRatingSchema(WireSchema):
    """What the resident thinks of the result."""

    solved = queries.Choice(("yes", "partly", "no"), required=True)
    satisfied = queries.Choice(
        ("very_satisfied", "satisfied", "acceptable", "dissatisfied", "very_dissatisfied"), required=True
    )
    reason = fields.String(validate=validate.Length(max=_LONGEST))


class ReportReopeningSchema(WireSchema):
    """Why the matter is not settled."""

    reason = fields.String(required=True, validate=validate.Length(5, _LONGEST))


class ReportWithdrawalSchema(WireSchema):
    """Why the report is taken back, if the resident wants to say."""

    reason = fields.String(validate=validate.Length(max=_LONGEST))


class UploadedSchema(WireSchema):
    """The key of an uploaded file, for a file field of the report."""

    attachment_key = Key(required=True)


@blueprint.endpoint(
    "POST",
    "/reports",
    body=ReportSchema(),
    answer=ReceiptSchema(),
    status=201,
    refusals=_REPORTING,
    documentation={"parameters": [PARAMETER]},
)
def receive_report(body: dict[str, Any]) -> Response:
    """Report a matter. The form `issue_report` judges it; names and numbers in the text are masked."""
    address = request.remote_addr or ""
    report = Report(body["variables"], address=address, locale=find_locale())
    resident = public_reports.resident_at(current_context(), address)
    receipt = public_reports.receive_report(current_context(), report, read_once(resident))
    return render_json({"caseNo": receipt.case_no, "secret": receipt.secret}, 201)


@blueprint.endpoint(
    "POST",
    "/attachments",
    answer=UploadedSchema(),
    status=201,
    refusals=_REPORTING,
    documentation=UPLOAD,
)
def upload_public_attachment() -> Response:
    """Upload a file for a report that follows from the same network address within a day; limits as for attachments."""
    resident = public_reports.resident_at(current_context(), request.remote_addr or "")
    sender = sender_of(resident)
    record = attachments.keep_upload(current_context(), sender, read_upload(), find_locale())
    return render_json({"attachmentKey": format_key(record.key)}, 201)


@blueprint.endpoint(
    "GET", "/reports/<string:case_no>", answer=TrackedSchema(), refusals=_TRACKING, documentation=SECRET
)
def track_report(case_no: str) -> Response:
    """Get where a report stands. A wrong secret is answered like an unknown number."""
    return render_json(_render(find_tracked(case_no)))


@blueprint.endpoint(
    "POST",
    "/reports/<string:case_no>/satisfaction",
    body=ReportRatingSchema(),
    status=204,
    refusals=_TELLING,
    documentation=SECRET,
)
def rate_report(body: dict[str, Any], case_no: str) -> Response:
    """Say whether the matter is settled. The process gets it as the message `survey.answered`."""
    answers = {"solved": body["solved"], "satisfied": body["satisfied"], "rating_reason": body.get("reason")}
    public_reports.rate_report(current_context(), find_tracked(case_no), answers)
    return render_nothing()


@blueprint.endpoint(
    "POST",
    "/reports/<string:case_no>/reopening",
    body=ReportReopeningSchema(),
    status=204,
    refusals=_TELLING,
    documentation=SECRET,
)
def reopen_report(body: dict[str, Any], case_no: str) -> Response:
    """Ask for a case that has ended to be handled again. The process gets it as the message `case.reopen`."""
    public_reports.reopen_report(current_context(), find_tracked(case_no), body["reason"])
    return render_nothing()


@blueprint.endpoint(
    "POST",
    "/reports/<string:case_no>/withdrawal",
    body=ReportWithdrawalSchema(),
    status=204,
    refusals=_TELLING,
    documentation=SECRET,
)
def withdraw_report(body: dict[str, Any], case_no: str) -> Response:
    """Take the report back. The process gets it as the message `case.withdrawn` and decides whether it is too late."""
    public_reports.withdraw_report(current_context(), find_tracked(case_no), body.get("reason"))
    return render_nothing()


def find_tracked(case_no: str) -> Tracked:
    """Return the report of a number, if the request has its secret; raises `NotFound` and `TooManyRequests`."""
    secret = request.headers.get(SECRET_HEADER, "")
    return public_reports.track_report(current_context(), case_no, secret, request.remote_addr or "")


def _render(tracked: Tracked) -> dict[str, object]:
    case, clock = tracked.case, tracked.clock
    return {
        "caseNo": tracked.own.case_no,
        "state": case.state.value,
        "stage": tell_stage(tracked),
        "unitKind": tell_unit_kind(tracked.unit_kind),
        "area": tracked.area,
        "reporters": case.reporters,
        "receivedAt": format_time(tracked.own.received_at),
        "dueAt": None if clock is None else format_time(clock.due_at),
        "provisional": clock is not None and clock.provisional,
        "pauses": [
            {"reason": tell_pause(one.reason), "since": format_time(one.started_at), "until": format_time(one.end)}
            for one in (clock.pauses if clock else ())
        ],
        "reviewAt": format_time(case.review_at),
        "reply": case.reply,
        "closedAt": format_time(case.closed_at),
        "joinedTo": tracked.own.joined_to,
        "erasureAskedAt": format_time(tracked.own.erasure_asked_at),
        "identityReveals": [
            {
                "at": format_time(one.opened_at),
                "unitKind": tell_asker(one.unit_kind),
                "purpose": tell_purpose(one.purpose),
            }
            for one in tracked.reveals
        ],
    }
