"""The only translation of errors into answers: RFC 9457 `application/problem+json`."""

from __future__ import annotations

import logging
import secrets
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Response, request
from marshmallow import Schema, fields
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from server.api.responses import dump_json
from server.errors import (
    Contended,
    DeadlineExceeded,
    InvalidArgument,
    MusterError,
    PreconditionFailed,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from flask import Flask
    from werkzeug.wrappers import Response as WerkzeugResponse

    from server.errors import Problem

MEDIA_TYPE = "application/problem+json"
CHALLENGE = 'Basic realm="Muster", charset="UTF-8", Bearer realm="Muster"'
MOST_PROBLEMS = 100
_TITLES = {400: "INVALID_ARGUMENT", 413: "PAYLOAD_TOO_LARGE", 429: "RESOURCE_EXHAUSTED", 503: "RESOURCE_EXHAUSTED"}

_log = logging.getLogger(__name__)


class OAuthRefused(InvalidArgument):
    """The token request cannot be granted; `code` is the error code of RFC 6749, section 5.2."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class OAuthClientRefused(Unauthenticated):
    """The client is not known, or not by this secret."""

    code = "invalid_client"


class PointerSchema(Schema):
    """One thing wrong with what was sent."""

    pointer = fields.String(required=True, metadata={"description": "JSON pointer into the request (RFC 6901)"})
    message = fields.String(required=True)


class ProblemDetailSchema(Schema):
    """A problem as RFC 9457 describes it."""

    type = fields.String(required=True, metadata={"description": "`about:blank`: the status says it"})
    title = fields.String(required=True, metadata={"description": "kind of problem in Camunda's words"})
    status = fields.Integer(required=True)
    detail = fields.String(required=True, metadata={"description": "what was expected and what was found"})
    instance = fields.String(required=True, metadata={"description": "path of the request"})
    errors = fields.List(fields.Nested(PointerSchema))
    error = fields.String(metadata={"description": "OAuth 2.0 error code, at the token endpoint only"})


def register_problems(app: Flask) -> None:
    """Answer every error of the application with a problem."""
    app.register_error_handler(MusterError, answer_own_error)
    app.register_error_handler(HTTPException, answer_http_error)
    app.register_error_handler(Exception, answer_unexpected_error)


def render_problem(
    status: int, title: str, detail: str, *, problems: Sequence[Problem] = (), extra: Mapping[str, object] | None = None
) -> Response:
    """Return the answer for a problem; `extra` are further members such as OAuth's `error`."""
    body: dict[str, object] = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": request.path,
        **(extra or {}),
    }
    if problems:
        body["errors"] = [{"pointer": p.pointer, "message": p.message} for p in problems[:MOST_PROBLEMS]]
    response = Response(dump_json(body), status=status, mimetype=MEDIA_TYPE)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def find_problems(messages: object, pointer: str = "") -> Iterator[tuple[str, str]]:
    """Yield pointer and message for everything in marshmallow's nested error messages."""
    if isinstance(messages, dict):
        for name, inner in messages.items():
            below = pointer if name == "_schema" else f"{pointer}/{_escape(str(name))}"
            yield from find_problems(inner, below)
    elif isinstance(messages, list):
        for inner in messages:
            yield from find_problems(inner, pointer)
    else:
        yield pointer, str(messages)


def _escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def answer_own_error(error: MusterError) -> Response:
    """Return what programs are told of an error of ours."""
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR and not isinstance(error, Unavailable | DeadlineExceeded):
        return answer_unexpected_error(error)
    extra = {"error": error.code} if isinstance(error, OAuthRefused | OAuthClientRefused) else None
    response = render_problem(error.status, error.title, error.message, problems=error.problems, extra=extra)
    if isinstance(error, Unauthenticated):
        response.headers["WWW-Authenticate"] = CHALLENGE
    if isinstance(error, PreconditionFailed) and error.tag is not None:
        response.set_etag(error.tag)
    add_retry_after(response, error)
    return response


def add_retry_after(response: Response, error: MusterError) -> None:
    """Say when to try again, of errors that pass."""
    if isinstance(error, TooManyRequests):
        response.headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, Unavailable | Contended):
        response.headers["Retry-After"] = "1"


def answer_http_error(error: HTTPException) -> WerkzeugResponse:
    """Translate what Flask itself refuses, and keep headers such as `Allow`."""
    if error.code is None or isinstance(error, RequestRedirect):
        return error.get_response(request.environ)
    status = HTTPStatus(error.code)
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        return answer_unexpected_error(getattr(error, "original_exception", None) or error)
    response = render_problem(error.code, _TITLES.get(error.code, status.name), _describe(error))
    kept = ((name, value) for name, value in error.get_headers(request.environ) if name != "Content-Type")
    response.headers.extend(kept)
    return response


def _describe(error: HTTPException) -> str:
    if error.code == HTTPStatus.NOT_FOUND:
        return f"There is nothing at {request.path}."
    if error.code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
        return f"{request.method} is not possible at {request.path}; allowed are {allowed}."
    return error.description or HTTPStatus(error.code or 500).phrase


def answer_unexpected_error(error: BaseException) -> Response:
    """Say nothing of the inside, but give an id that is also in the log."""
    error_id = note_unexpected_error(error)
    detail = f"An unexpected error occurred. The server's log has it under the id {error_id}."
    return render_problem(500, "INTERNAL_ERROR", detail)


def note_unexpected_error(error: BaseException) -> str:
    """Write an error into the log, and return the id under which it stands there."""
    error_id = secrets.token_hex(8)
    _log.error("unexpected error %s at %s %s", error_id, request.method, request.path, exc_info=error)
    return error_id
