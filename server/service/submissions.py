"""What people and clients send, judged by the form that the diagram binds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.engine import canonical_variables
from server.errors import SubmissionInvalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.feel import Environment
    from server.service.definitions import DefinitionReader


def check_submission(
    reader: DefinitionReader,
    form_key: int | None,
    submitted: Mapping[str, object],
    visible: Mapping[str, object],
    environment: Environment,
    locale: str,
) -> Mapping[str, object]:
    """Return what may enter the process.

    Without a form every variable may, as in Camunda. Raises `SubmissionInvalid` with a pointer for each problem.
    """
    values = canonical_variables(submitted)
    if form_key is None:
        return values
    _, form = reader.form(form_key)
    submission = form.check(values, visible, environment=environment, locale=locale, strict=True)
    if submission.problems:
        message = "提交的数据不符合表单要求。" if locale.startswith("zh") else None
        raise SubmissionInvalid(message, problems=submission.problems)
    return submission.data
