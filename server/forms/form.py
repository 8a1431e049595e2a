"""A form: judges what was submitted for it.

    form = parse_form(schema)
    submission = form.check(submitted, variables, environment=Environment(now=now, zone=zone))

Exactly the fields that form-js would render, that carry a key and are not disabled count. Values of read-only, disabled
and computed fields come from the server. See docs/forms.md for what is decided differently from form-js, and why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from server.errors import PayloadTooLarge, Problem
from server.forms.collection import Collector
from server.forms.components import Component, flatten_components, walk_components
from server.forms.expressions import SPECIAL_NAMES
from server.forms.files import FileField, find_file_fields
from server.forms.filling import Filling, SubmissionTooLarge
from server.forms.json_values import write_pointer
from server.forms.limits import MAX_INSTANCES, MAX_PROBLEMS
from server.forms.messages import DEFAULT_LOCALE, describe_value, format_message
from server.forms.ordering import order_computed
from server.forms.privacy import PrivateField, find_private_fields
from server.forms.rendering import Renderer
from server.forms.rules import find_read_names
from server.forms.schema import parse_components, read_schema
from server.forms.survey import settle
from server.forms.undeclared import Declared, declare_fields, find_undeclared

if TYPE_CHECKING:
    from server.feel import Environment
    from server.forms.filling import Instance, Pointer
    from server.forms.rendering import RenderedComponent
    from server.forms.survey import Survey


@dataclass(frozen=True, slots=True)
class Submission:
    """The verdict: `data` may enter the process when there are no `problems`.

    Pointers of problems are JSON pointers into the submitted variables.
    """

    data: dict[str, object]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, eq=False)
class Form:
    """A parsed form-js schema; immutable and shared by threads."""

    id: str
    components: tuple[Component, ...]

    @cached_property
    def fields(self) -> tuple[Component, ...]:
        """The fields and lists of the form itself, groups flattened, rows left alone."""
        return flatten_components(self.components)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The names of the top-level variables that the form declares, in its order."""
        return tuple(dict.fromkeys(field.path[0] for field in self.fields))

    @cached_property
    def _declared(self) -> Declared:
        return declare_fields(self.fields)

    @cached_property
    def _computed(self) -> tuple[Component, ...]:
        return order_computed(self.components)

    @cached_property
    def _has_conditions(self) -> bool:
        return any(component.hide for component in walk_components(self.components))

    @cached_property
    def _has_unfitted(self) -> bool:
        """Whether there are fields whose starting value has to be looked at again once they are shown."""
        return any(component.starts_unfitted for component in walk_components(self.components))

    @cached_property
    def _read_names(self) -> frozenset[str] | None:
        """The variables that conditions, computed fields and limits read; None when they may read any, by `this`."""
        names: set[str] = set()
        for component in walk_components(self.components):
            for test in (*component.hide, *component.readonly):
                names |= test.names
            if component.expression:
                names |= component.expression.names
            if component.rules:
                names |= find_read_names(component.rules)
        return None if names & SPECIAL_NAMES else frozenset(names)

    def _may_be_read(self, instance: Instance) -> bool:
        names = self._read_names
        return names is None or instance.pointer[0] in names

    def check(
        self,
        submitted: Mapping[str, object],
        variables: Mapping[str, object],
        *,
        environment: Environment,
        locale: str = DEFAULT_LOCALE,
        strict: bool = True,
    ) -> Submission:
        """Judge what was submitted, given the variables that the process has already.

        `environment` gives the present and the organisation's time zone. Keys that the form does not declare, and
        changed values of read-only fields, are problems when `strict`, and ignored otherwise.
        """
        sent: object = submitted
        if not isinstance(sent, Mapping):
            message = format_message(locale, "not_object", found=describe_value(locale, sent))
            return Submission({}, (Problem("", message),))
        try:
            filling, survey = self._fill(submitted, variables, environment, locale)
        except SubmissionTooLarge:
            return Submission({}, (Problem("", format_message(locale, "too_large", limit=MAX_INSTANCES)),))
        problems: list[tuple[Pointer, str]] = []
        data = Collector(survey, variables, environment, locale, problems, strict=strict).collect(filling.root)
        found = _list_problems(problems, locale)
        if strict and len(found) <= MAX_PROBLEMS:
            undeclared = find_undeclared(submitted, self._declared, locale, MAX_PROBLEMS - len(found) + 1)
            found = (*found, *_list_problems(undeclared, locale))
        return Submission(data, found)

    def _fill(
        self, submitted: Mapping[str, object], variables: Mapping[str, object], environment: Environment, locale: str
    ) -> tuple[Filling, Survey]:
        filling = Filling(self.fields, dict(submitted), dict(variables), environment, locale)
        survey = settle(
            filling,
            self._computed,
            self._may_be_read,
            environment,
            has_conditions=self._has_conditions,
            has_unfitted=self._has_unfitted,
        )
        return filling, survey

    def render(
        self,
        variables: Mapping[str, object],
        *,
        environment: Environment,
        locale: str = DEFAULT_LOCALE,
        submitted: Mapping[str, object] | None = None,
    ) -> tuple[RenderedComponent, ...]:
        """Return what the form shows for these variables, and for what was entered so far.

        Raises:
            PayloadTooLarge: the form would have more fields, over all rows, than one submission may have.

        """
        try:
            filling, survey = self._fill(submitted or {}, variables, environment, locale)
        except SubmissionTooLarge as error:
            raise PayloadTooLarge(format_message(locale, "too_large", limit=MAX_INSTANCES)) from error
        return Renderer(survey, variables, environment).render(self.components, filling.root)

    @cached_property
    def private_fields(self) -> tuple[PrivateField, ...]:
        """The fields whose values belong into the identity vault, not into the process."""
        return find_private_fields(self.fields)

    @cached_property
    def file_fields(self) -> tuple[FileField, ...]:
        """The fields whose values refer to uploaded files."""
        return find_file_fields(self.fields)


def _list_problems(problems: list[tuple[Pointer, str]], locale: str) -> tuple[Problem, ...]:
    listed = tuple(Problem(write_pointer(pointer), message) for pointer, message in problems[:MAX_PROBLEMS])
    if len(problems) > MAX_PROBLEMS:
        return (*listed, Problem("", format_message(locale, "more_problems", limit=MAX_PROBLEMS)))
    return listed


def parse_form(schema: Mapping[str, object] | str | bytes) -> Form:
    """Parse a form-js schema, given as text or as the object it spells.

    Raises:
        InvalidArgument: it is no form-js schema at all. Everything else is a finding of `check_form`.

    """
    read = read_schema(schema)
    return Form(str(read.get("id") or ""), parse_components(read))
