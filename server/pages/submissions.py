"""What staff send with a form: its values, and files, which are kept as uploads of whoever sent them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import request

from server.api.authentication import current_context
from server.api.bodies import UPLOAD_LIMIT
from server.errors import InvalidArgument, PayloadTooLarge, Problem, SubmissionInvalid, TooManyRequests
from server.pages.form_view import read_typed
from server.pages.languages import find_language, gettext
from server.pages.visitors import current_person
from server.service import attachments

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.service.attachments import Upload


@dataclass(frozen=True, slots=True)
class Sent:
    """The values; whether a button only changed the form; and what is wrong with the files that came along."""

    values: Mapping[str, object]
    changed: bool = False
    problems: tuple[Problem, ...] = ()


def read_sent(*, with_files: bool = True) -> Sent:
    """Return what this request sends. Files that are not taken are problems; everything else that was typed stays."""
    request.max_content_length = UPLOAD_LIMIT
    try:
        typed = read_typed(_keep, with_files=with_files)
    except (SubmissionInvalid, TooManyRequests, PayloadTooLarge) as error:
        typed = read_typed(_keep, with_files=False)
        told = error.problems[0].message if error.problems else gettext("This file is not taken: it is too large.")
        return Sent(typed.answers, problems=(Problem(_find_place(), told),))
    return Sent(typed.answers, typed.action is not None)


def _find_place() -> str:
    """Return the field of the first file that was sent."""
    named = (name for name, file in request.files.items(multi=True) if file.filename)
    return next(named, "").partition(":")[2]


def _keep(upload: Upload) -> int:
    try:
        return attachments.add_attachment(current_context(), current_person(), upload, find_language()).key
    except InvalidArgument as error:
        message = gettext("This file is empty.")
        raise SubmissionInvalid(problems=[Problem("", message)]) from error
