"""What people and clients send, judged by the form that the diagram binds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.engine import canonical_variables
from server.errors import SubmissionInvalid
from server.service.file_references import bind_files, check_files, write_references
from server.service.private_values import Kept, put_back, remove_private, without_kept

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from server.errors import Problem
    from server.forms import Form
    from server.service.steps import Step


@dataclass(frozen=True, slots=True)
class Accepted:
    """What may enter the process, and the attachments that come with it."""

    data: Mapping[str, object]
    attachments: frozenset[int] = frozenset()

    def bind(self, step: Step, instance_key: int) -> None:
        """Give the attachments to the process instance of the step; raises `Conflict`."""
        bind_files(step.context, step.tx, step.actor, self.attachments, instance_key, step.execution.root.key)
        for key in sorted(self.attachments):
            step.note("BIND", "ATTACHMENT", key)


def check_submission(
    step: Step,
    definition_key: int,
    form_key: int | None,
    submitted: Mapping[str, object],
    visible: Mapping[str, object],
    locale: str,
) -> Accepted:
    """Return what may enter the process: references in place of private values.

    Without a form every variable may, as in Camunda. Raises `SubmissionInvalid` with a pointer for each problem.
    """
    if form_key is None:
        return Accepted(step.protect_all(submitted, definition_key))
    _, form = step.reader.form(form_key)
    return _check_form(step, form, canonical_variables(submitted), visible, locale)


def _check_form(
    step: Step, form: Form, submitted: Mapping[str, object], visible: Mapping[str, object], locale: str
) -> Accepted:
    private = form.private_fields
    kept = Kept(private, submitted, visible)
    seen = remove_private(visible, private) if private else visible
    environment = step.execution.environment
    values = kept.without_echoes() if private else submitted
    submission = form.check(values, seen, environment=environment, locale=locale, strict=True)
    references = kept.find(submission.data)
    problems = [*without_kept(submission.problems, references)]
    keys, mistakes = check_files(step, form, submission.data, seen, locale)
    _refuse([*problems, *(one for one in mistakes if one.pointer not in {found.pointer for found in problems})], locale)
    data = put_back(write_references(form, submission.data), references)
    return Accepted(step.protect(data, private), keys)


def _refuse(problems: Sequence[Problem], locale: str) -> None:
    if problems:
        message = "提交的数据不符合表单要求。" if locale.startswith("zh") else None
        raise SubmissionInvalid(message, problems=problems)
