"""Attachments: files uploaded first, named in a form then, and given out as downloads only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request
from marshmallow import fields

from server.api.authentication import current_actor, current_context
from server.api.blueprint import READING_ONE, Blueprint
from server.api.bodies import read_multipart
from server.api.fields import Key, Moment, WireSchema
from server.api.responses import format_key, format_time, render_file, render_json
from server.api.user_tasks import find_locale
from server.errors import InvalidArgument, Problem
from server.service import attachments
from server.service.attachments import Upload

if TYPE_CHECKING:
    from flask import Response

    from server.model import Attachment

blueprint = Blueprint("attachments", prefix="/api", description="Files that come with a form.")
PART = "file"
UPLOAD = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": [PART],
                    "properties": {PART: {"type": "string", "contentMediaType": "application/octet-stream"}},
                }
            }
        },
    }
}
_DOWNLOAD = {"responses": {200: {"content": {"application/octet-stream": {"schema": {"type": "string"}}}}}}


class AttachmentSchema(WireSchema):
    """A file that was kept; `attachment_key` is the value of a file field."""

    attachment_key = Key(required=True)
    name = fields.String(required=True)
    media_type = fields.String(required=True, metadata={"description": "found in the content"})
    size = fields.Integer(required=True, metadata={"description": "bytes, as kept: images are written anew"})
    sha256 = fields.String(required=True)
    uploaded_at = Moment(required=True)


@blueprint.endpoint(
    "POST",
    "/attachments",
    answer=AttachmentSchema(),
    status=201,
    refusals=(400, 401, 403, 409, 413, 415, 422, 429, 500, 503),
    documentation=UPLOAD,
)
def upload_attachment() -> Response:
    """Upload a file of at most 20 MB for a file field.

    It is yours alone and gone after a day, unless a form that you submit names its key. What it is is found in its
    content; a name or declared type that says otherwise is refused. Images and films lose what cameras note in them.
    """
    record = attachments.add_attachment(current_context(), current_actor(), read_upload(), find_locale())
    return render_json(_render(record), 201)


@blueprint.endpoint("GET", "/attachments/<key:key>", answer=None, refusals=READING_ONE, documentation=_DOWNLOAD)
def download_attachment(key: int) -> Response:
    """Download a file: one's own before it is used, then as whoever may see the process instance."""
    record, content = attachments.get_attachment(current_context(), current_actor(), key)
    response = render_file(content, record.media_type, record.name)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def read_upload() -> Upload:
    """Return the one file of a multipart body; raises `InvalidArgument`."""
    form, files = read_multipart(request)
    found = files.getlist(PART)
    unknown = sorted((set(files) | set(form)) - {PART})
    if len(found) != 1 or unknown:
        named = ", ".join(unknown)[:200] or f"{len(found)} of them"
        raise InvalidArgument(
            f"expected exactly one part named {PART}, with a file name; found {named}",
            problems=[Problem(f"/{name}", "unknown part") for name in unknown],
        )
    return Upload(found[0].filename or "", found[0].mimetype or "", found[0].read())


def _render(record: Attachment) -> dict[str, object]:
    return {
        "attachmentKey": format_key(record.key),
        "name": record.name,
        "mediaType": record.media_type,
        "size": record.size,
        "sha256": record.sha256,
        "uploadedAt": format_time(record.uploaded_at),
    }
