"""A marshmallow schema whose `load` asks the form, so that the API treats forms like any other schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import Schema, ValidationError

from server.forms.messages import DEFAULT_LOCALE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from server.errors import Problem
    from server.feel import Environment
    from server.forms.form import Form, Submission


class FormSchema(Schema):
    """A form and the situation in which it is submitted."""

    def __init__(
        self,
        form: Form,
        variables: Mapping[str, object],
        *,
        environment: Environment,
        locale: str = DEFAULT_LOCALE,
        strict: bool = True,
    ) -> None:
        super().__init__()
        self._form = form
        self._variables = variables
        self._environment = environment
        self._locale = locale
        self._strict = strict

    def _check(self, data: Any) -> Submission:  # noqa: ANN401 - whatever was sent
        return self._form.check(
            data, self._variables, environment=self._environment, locale=self._locale, strict=self._strict
        )

    def load(self, data: Any, **_options: Any) -> dict[str, object]:  # noqa: ANN401 - marshmallow's signature
        """Return what may enter the process.

        Raises:
            ValidationError: with marshmallow's nested messages, and the problems as `error.kwargs["problems"]`.

        """
        submission = self._check(data)
        if submission.problems:
            raise ValidationError(nest_messages(submission.problems), data=data, problems=submission.problems)
        return submission.data

    def validate(self, data: Any, **_options: Any) -> dict[Any, Any]:  # noqa: ANN401 - marshmallow's signature
        """Return the nested messages of what is wrong; an empty dictionary when nothing is."""
        submission = self._check(data)
        return nest_messages(submission.problems)


def nest_messages(problems: Sequence[Problem]) -> dict[Any, Any]:
    """Return problems in marshmallow's shape: messages under the names and indexes that their pointers go through."""
    nested: dict[Any, Any] = {}
    for problem in problems:
        names = [part.replace("~1", "/").replace("~0", "~") for part in problem.pointer.split("/")[1:]] or ["_schema"]
        place = nested
        for name in names[:-1]:
            inner = place.setdefault(_read_index(name), {})
            if isinstance(inner, list):
                # The container itself has a problem as well.
                inner = place[_read_index(name)] = {"_schema": inner}
            place = inner
        last = place.setdefault(_read_index(names[-1]), [])
        (last if isinstance(last, list) else last.setdefault("_schema", [])).append(problem.message)
    return nested


def _read_index(name: str) -> str | int:
    return int(name) if name.isascii() and name.isdecimal() else name
