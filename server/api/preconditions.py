"""ETags: `If-Match` keeps a change from undoing another one that its sender has not seen (RFC 9110, section 13.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

from server.service.preconditions import Precondition

if TYPE_CHECKING:
    from flask import Response

IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "schema": {"type": "string"},
    "description": "the `ETag` that was read: anything else is 412 with the present one, and nothing is changed",
}
IF_NONE_MATCH = {
    "in": "header",
    "name": "If-None-Match",
    "schema": {"type": "string", "enum": ["*"]},
    "description": "`*`: only if there is none yet",
}
TAGGED = {"headers": {"ETag": {"schema": {"type": "string"}, "description": "of this state, for `If-Match`"}}}


def read_precondition() -> Precondition:
    """Return what the request asks of the record it changes. Weak tags never match, as RFC 9110 says of `If-Match`."""
    asked = request.if_match
    some = request.headers.get("If-Match") is not None
    return Precondition(
        any_of=frozenset(asked.as_set()) if some and not asked.star_tag else None,
        exists=some and asked.star_tag,
        absent=request.if_none_match.star_tag,
    )


def add_tag(response: Response, tag: str) -> Response:
    """Say which state of the record the answer shows."""
    response.set_etag(tag)
    return response
