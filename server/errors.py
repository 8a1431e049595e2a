"""The errors of the server, drawn once.

    MusterError
    ├── InvalidArgument            400  what was sent cannot be understood or is not allowed there
    │   ├── DefinitionInvalid      400  a diagram, form or decision with findings
    │   └── SettingInvalid          –   an unknown or unusable setting: the server does not start
    ├── Unauthenticated            401  nobody, or not who they say
    ├── Forbidden                  403  known, but not allowed
    ├── NotFound                   404  not there, or not for this actor to know of
    ├── Conflict                   409  the state does not allow it (Camunda's INVALID_STATE)
    │   ├── AlreadyExists          409
    │   └── Contended              409  somebody else was faster; the same call may go through when it is tried again
    ├── PreconditionFailed         412  the record is not as the caller saw it
    ├── PayloadTooLarge            413
    ├── SubmissionInvalid          422  a form's data with problems
    ├── KeyReused                  422  a key of idempotency that stands for another request
    ├── TooManyRequests            429
    ├── Unavailable                503  back pressure, or the database does not answer
    └── DeadlineExceeded           504  what the caller waited for did not happen in time; it goes on

The class docstring is the default message. `title` is Camunda's word for the kind of problem.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server.model import Finding


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with what was sent; `pointer` is a JSON pointer (RFC 6901) into it."""

    pointer: str
    message: str


class MusterError(Exception):
    """Something went wrong."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "INTERNAL_ERROR"

    def __init__(self, message: str | None = None, *, problems: Sequence[Problem] = ()) -> None:
        self.message = message or (type(self).__doc__ or "").strip()
        self.problems = tuple(problems)
        super().__init__(self.message)


class InvalidArgument(MusterError):
    """The request cannot be understood."""

    status = 400
    title = "INVALID_ARGUMENT"


class DefinitionInvalid(InvalidArgument):
    """The resources cannot be deployed: every finding names its element."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        told = [Problem(f.path, f"{f.element_id}: {f.message}" if f.element_id else f.message) for f in self.findings]
        super().__init__("\n".join(f"{one.message} ({one.pointer})" for one in told), problems=told)


class SettingInvalid(InvalidArgument):
    """A setting is unknown or cannot be used."""


class Unauthenticated(MusterError):
    """Sign in first: no valid credentials were sent."""

    status = 401
    title = "UNAUTHENTICATED"


class Forbidden(MusterError):
    """You are not allowed to do this."""

    status = 403
    title = "FORBIDDEN"


class NotFound(MusterError):
    """There is nothing here with this key."""

    status = 404
    title = "NOT_FOUND"


class Conflict(MusterError):
    """The present state does not allow this."""

    status = 409
    title = "INVALID_STATE"


class AlreadyExists(Conflict):
    """Something with this name exists already."""

    title = "ALREADY_EXISTS"


class Contended(Conflict):
    """Somebody else is changing this just now: try again."""


class PreconditionFailed(MusterError):
    """Somebody has changed this since it was read: read it again."""

    status = 412
    title = "PRECONDITION_FAILED"

    def __init__(self, message: str | None = None, tag: str | None = None) -> None:
        self.tag = tag  # of the present state; None where there is no record
        super().__init__(message)


class PayloadTooLarge(MusterError):
    """What was sent is too large."""

    status = 413
    title = "PAYLOAD_TOO_LARGE"


class SubmissionInvalid(MusterError):
    """The data does not fit the form."""

    status = 422
    title = "INVALID_ARGUMENT"


class KeyReused(MusterError):
    """The Idempotency-Key stands for another request: send the same body again, or choose a new key."""

    status = 422
    title = "INVALID_ARGUMENT"


class TooManyRequests(MusterError):
    """Too many requests: wait a moment."""

    status = 429
    title = "RESOURCE_EXHAUSTED"

    def __init__(self, message: str | None = None, *, retry_after: int = 1) -> None:
        self.retry_after = retry_after  # seconds
        super().__init__(message)


class Unavailable(MusterError):
    """The server cannot do this just now: try again."""

    status = 503
    title = "RESOURCE_EXHAUSTED"


class DeadlineExceeded(MusterError):
    """What you waited for did not happen in time; it goes on without you."""

    status = 504
    title = "DEADLINE_EXCEEDED"
